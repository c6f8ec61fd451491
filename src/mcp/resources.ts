/**
 * What resources and resource templates are, as their author writes them, and the catalog of one server's. The list is
 * the same for every caller; whether a caller may read one is decided when it reads (2026-07-28/resources/023).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */
import { type JsonObject, kindOf } from '../value.js';
import type { HandlerContext } from './context.js';
import type { ContentAnnotations } from './tool.js';
import { parseUriTemplate, type UriTemplate } from './uri-template.js';

export type ResourceContents = { uri: string; mimeType?: string } & ({ text: string } | { blob: string });

/** How long, milliseconds, and by whom contents may be kept (2026-07-28/caching/001): not at all unless given. */
export type Cache = { ttlMs: number; scope: 'public' | 'private' };

const UNCACHED: Cache = { ttlMs: 0, scope: 'private' };

type Described = {
  name: string;
  /** The OAuth scope that reading needs; open to every caller unless given. */
  scope?: string;
  title?: string;
  description?: string;
  mimeType?: string;
  annotations?: ContentAnnotations;
};

/** `read` returns undefined when there is nothing under the URI (2026-07-28/resources/016). */
type Read = (
  uri: string,
  variables: { [name: string]: string },
  context: HandlerContext,
) => Promise<ResourceContents[] | undefined> | ResourceContents[] | undefined;

export type Resource = Described & { uri: string; size?: number; read: Read; cache?: Cache };

/** Values for an argument that begins with, or resembles, what has been typed. */
export type Completer = (
  value: string,
  others: { [name: string]: string },
) => Promise<readonly string[]> | readonly string[];

export type ResourceTemplate = Described & {
  uriTemplate: string;
  read: Read;
  cache?: Cache;
  complete?: { [variable: string]: Completer };
};

export type Found = {
  scope: string | undefined;
  read: Read;
  variables: { [name: string]: string };
  cache: Cache;
};

export type ResourceCatalog = {
  listed: readonly JsonObject[];
  listedTemplates: readonly JsonObject[];
  find(uri: string): Found | undefined;
  template(uriTemplate: string): ResourceTemplate | undefined;
};

/** @throws SyntaxError when `complete` is given and is not a function. */
export function checkCompleter(label: string, complete: unknown): void {
  if (complete === undefined || typeof complete === 'function') return;
  throw new SyntaxError(`${label} must be a function, received ${kindOf(complete)}`);
}

function checkReadable({ name, read }: Described & { read: Read }): void {
  if (typeof read === 'function') return;
  throw new SyntaxError(`resource ${name}: read must be a function, received ${kindOf(read)}`);
}

/** @throws SyntaxError when a URI or template is not one or stands there twice, or something cannot be read. */
export function createResources(
  resources: readonly Resource[],
  templates: readonly ResourceTemplate[],
): ResourceCatalog {
  const byUri = new Map<string, Resource>();
  for (const described of [...resources, ...templates]) checkReadable(described);
  for (const { name, complete = {} } of templates)
    for (const [variable, completer] of Object.entries(complete))
      checkCompleter(`resource ${name}: complete of ${variable}`, completer);
  for (const resource of resources) {
    if (!URL.canParse(resource.uri))
      throw new SyntaxError(`resource ${resource.name}: ${resource.uri} is not a URI`);
    if (byUri.has(resource.uri)) throw new SyntaxError(`resource ${resource.name}: ${resource.uri} is taken`);
    byUri.set(resource.uri, resource);
  }
  const parsed: [UriTemplate, ResourceTemplate][] = templates.map((one) => [
    parseUriTemplate(one.uriTemplate),
    one,
  ]);
  return {
    listed: resources.map(({ read, cache, scope, ...listed }) => listed),
    listedTemplates: templates.map(({ read, cache, complete, scope, ...listed }) => listed),
    find(uri) {
      const fixed = byUri.get(uri);
      if (fixed !== undefined) {
        const { scope, read, cache = UNCACHED } = fixed;
        return { scope, read, variables: {}, cache };
      }
      for (const [template, { scope, read, cache = UNCACHED }] of parsed) {
        const variables = template.match(uri);
        if (variables !== undefined) return { scope, read, variables, cache };
      }
      return undefined;
    },
    template: (uriTemplate) => templates.find((one) => one.uriTemplate === uriTemplate),
  };
}
