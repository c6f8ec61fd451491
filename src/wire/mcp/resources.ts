/**
 * The catalogs of a server's resources, resource templates and prompts. The lists are the same for every caller; whether a caller may
 * read an entry is decided when it tries (2026-07-28/resources/023).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */
import { kindOf, preview } from '../value.js';
import type { Cache, Prompt, ReadResource, Resource, ResourceInfo, ResourceTemplate } from './definitions.js';
import { type Listing, listingOf } from './page.js';
import { parseUriTemplate, templateKey, type UriTemplate, uriKey } from './uri.js';

const UNCACHED: Cache = { ttlMs: 0, scope: 'private' };

export type ResolvedResource = {
  scope: string | undefined;
  read: ReadResource;
  variables: { [name: string]: string };
  cache: Cache;
};

export type ResourceCatalog = {
  listing: Listing;
  templateListing: Listing;
  find(uri: string): ResolvedResource | undefined;
  template(uriTemplate: string): ResourceTemplate | undefined;
};

/** @throws SyntaxError when `complete` is set but not a function. */
function checkCompleter(label: string, complete: unknown): void {
  if (complete === undefined || typeof complete === 'function') return;
  throw new SyntaxError(`${label} must be a function, received ${kindOf(complete)}`);
}

/** Checks the cache hints, because they go to clients unchanged (2026-07-28/caching/005, /011). */
function checkResource({ name, read, cache }: ResourceInfo & { read: ReadResource; cache?: Cache }): void {
  if (typeof read !== 'function')
    throw new SyntaxError(`resource ${name}: read must be a function, received ${kindOf(read)}`);
  if (cache === undefined) return;
  const { ttlMs, scope } = cache;
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 0)
    throw new SyntaxError(
      `resource ${name}: cache.ttlMs must be a whole number, 0 or more, received ${preview(ttlMs)}`,
    );
  if (scope !== 'public' && scope !== 'private')
    throw new SyntaxError(
      `resource ${name}: cache.scope must be "public" or "private", received ${preview(scope)}`,
    );
}

/** @throws SyntaxError when a URI or template is invalid or a duplicate, something cannot be read, or cache hints are invalid. */
export function createResources(
  resources: readonly Resource[],
  templates: readonly ResourceTemplate[],
): ResourceCatalog {
  const byUri = new Map<string, Resource>();
  // An exact match takes precedence over another spelling of the same address.
  const byKey = new Map<string, Resource>();
  for (const resource of [...resources].reverse()) byKey.set(uriKey(resource.uri), resource);
  for (const resource of [...resources, ...templates]) checkResource(resource);
  for (const { name, complete = {} } of templates)
    for (const [variable, completer] of Object.entries(complete))
      checkCompleter(`resource ${name}: complete of ${variable}`, completer);
  for (const resource of resources) {
    if (!URL.canParse(resource.uri))
      throw new SyntaxError(`resource ${resource.name}: ${resource.uri} is not a URI`);
    if (byUri.has(resource.uri)) throw new SyntaxError(`resource ${resource.name}: ${resource.uri} is taken`);
    byUri.set(resource.uri, resource);
  }
  const templateTexts = new Set<string>();
  for (const { name, uriTemplate } of templates) {
    if (templateTexts.has(uriTemplate)) throw new SyntaxError(`resource ${name}: ${uriTemplate} is taken`);
    templateTexts.add(uriTemplate);
  }
  const parsedTemplates: [UriTemplate, ResourceTemplate][] = templates.map((one) => [
    parseUriTemplate(one.uriTemplate),
    one,
  ]);
  return {
    listing: listingOf(
      'resources',
      resources.map(({ read, cache, scope, ...item }) => item),
      'uri',
    ),
    templateListing: listingOf(
      'resourceTemplates',
      templates.map(({ read, cache, complete, scope, ...item }) => item),
      'uriTemplate',
    ),
    find(uri) {
      const exact = byUri.get(uri) ?? byKey.get(uriKey(uri));
      if (exact !== undefined) {
        const { scope, read, cache = UNCACHED } = exact;
        return { scope, read, variables: {}, cache };
      }
      for (const [template, { scope, read, cache = UNCACHED }] of parsedTemplates) {
        const variables = template.match(uri);
        if (variables !== undefined) return { scope, read, variables, cache };
      }
      return undefined;
    },
    template(text) {
      const key = templateKey(text);
      return (
        templates.find((one) => one.uriTemplate === text) ??
        templates.find((one) => templateKey(one.uriTemplate) === key)
      );
    },
  };
}

export type PromptCatalog = {
  listing: Listing;
  entries: ReadonlyMap<string, Prompt>;
};

export function createPrompts(prompts: readonly Prompt[]): PromptCatalog {
  const byName = new Map<string, Prompt>();
  for (const prompt of prompts) {
    if (byName.has(prompt.name))
      throw new SyntaxError(`prompt ${prompt.name}: the name is taken by another prompt`);
    if (typeof prompt.get !== 'function')
      throw new SyntaxError(`prompt ${prompt.name}: get must be a function, received ${kindOf(prompt.get)}`);
    for (const { name, complete } of prompt.arguments ?? [])
      checkCompleter(`prompt ${prompt.name}: complete of ${name}`, complete);
    byName.set(prompt.name, prompt);
  }
  const items = prompts.map(({ get, scope, arguments: args, ...rest }) =>
    args === undefined ? rest : { ...rest, arguments: args.map(({ complete, ...argument }) => argument) },
  );
  return { listing: listingOf('prompts', items, 'name'), entries: byName };
}
