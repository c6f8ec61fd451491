/** What the four list methods share: a page of what is there, and in the modern era how long it may be kept. */
import { Fault } from '../../fault.js';
import type { JsonObject } from '../../value.js';
import type { Call } from '../mcp-server.js';
import { type Listing, pageOf } from '../page.js';
import type { RequestContext } from '../request-context.js';

export function listPage(
  listing: Listing<JsonObject>,
  { request, context, server: { settings } }: Call,
): JsonObject | Fault {
  const page = pageOf(listing, request.params.cursor ?? undefined, settings.pageSize);
  if (page instanceof Fault) return page;
  const { nextCursor } = page;
  const { structured } = context.features;
  const result: JsonObject = { [listing.name]: structured ? page.items : page.items.map(withoutTitle) };
  if (nextCursor !== undefined) result.nextCursor = nextCursor;
  return { ...result, ...cacheHints(context, settings.listTtlMs) };
}

/** 2026-07-28/caching/001. Lists are private: what a caller sees may depend on its scopes (caching/012). */
export function cacheHints(
  { features }: RequestContext,
  ttlMs: number,
  cacheScope: 'public' | 'private' = 'private',
): JsonObject {
  return features.era === 'modern' ? { ttlMs, cacheScope } : {};
}

// Titles came with 2025-06-18, on what is listed and on a prompt's arguments.
function withoutTitle({ title, ...item }: JsonObject): JsonObject {
  return Array.isArray(item.arguments) ? { ...item, arguments: item.arguments.map(withoutTitle) } : item;
}
