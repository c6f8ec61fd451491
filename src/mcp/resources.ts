/**
 * What resources and resource templates are, as their author writes them, and the catalog of one server's. The list is
 * the same for every caller; whether a caller may read one is decided when it reads (2026-07-28/resources/023).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */
import type { JsonObject } from '../value.js';
import type { HandlerContext } from './context.js';
import { parseUriTemplate, type UriTemplate } from './uri-template.js';

export type ResourceContents = { uri: string; mimeType?: string } & ({ text: string } | { blob: string });

type Described = {
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  annotations?: { audience?: ('user' | 'assistant')[]; priority?: number; lastModified?: string };
};

/** `read` returns undefined when there is nothing under the URI (2026-07-28/resources/016). */
type Read = (
  uri: string,
  variables: { [name: string]: string },
  context: HandlerContext,
) => Promise<ResourceContents[] | undefined> | ResourceContents[] | undefined;

export type Resource = Described & { uri: string; size?: number; read: Read };

/** Values for an argument that begins with, or resembles, what has been typed. */
export type Completer = (
  value: string,
  others: { [name: string]: string },
) => Promise<readonly string[]> | readonly string[];

export type ResourceTemplate = Described & {
  uriTemplate: string;
  read: Read;
  complete?: { [variable: string]: Completer };
};

export type Found = { read: Read; variables: { [name: string]: string }; mimeType: string | undefined };

export type ResourceCatalog = {
  listed: readonly JsonObject[];
  listedTemplates: readonly JsonObject[];
  find(uri: string): Found | undefined;
  template(uriTemplate: string): ResourceTemplate | undefined;
};

/** @throws SyntaxError when a URI or template is not one, or stands there twice. */
export function createResources(
  resources: readonly Resource[],
  templates: readonly ResourceTemplate[],
): ResourceCatalog {
  const byUri = new Map<string, Resource>();
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
    listed: resources.map(({ read, ...listed }) => listed),
    listedTemplates: templates.map(({ read, complete, ...listed }) => listed),
    find(uri) {
      const fixed = byUri.get(uri);
      if (fixed !== undefined) return { read: fixed.read, variables: {}, mimeType: fixed.mimeType };
      for (const [template, { read, mimeType }] of parsed) {
        const variables = template.match(uri);
        if (variables !== undefined) return { read, variables, mimeType };
      }
      return undefined;
    },
    template: (uriTemplate) => templates.find((one) => one.uriTemplate === uriTemplate),
  };
}
