/**
 * Pages of a list, and the cursor to the next page. A cursor names its list and the last entry of its page, so that no entry is skipped
 * or listed twice when entries come and go.
 */

import { Fault, invalidParams } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import { type JsonObject, preview } from '../value.js';
import type { RequestContext } from './request-context.js';

export type Page = { items: JsonObject[]; nextCursor?: string };

/** A list whose entries keep their order, whichever of them are visible. */
export type Listing = {
  /** The list's member in the result; a cursor is valid only for its own list. */
  name: string;
  /** The visible entries. */
  items: readonly JsonObject[];
  /** Unique in the list. */
  keyOf(item: JsonObject): string;
  /** The position of an entry among all, visible or not; undefined if no entry has that key. */
  placeOf(key: string): number | undefined;
};

/** Looks up positions in `keys`. */
export function placesOf(keys: Iterable<string>): Listing['placeOf'] {
  const places = new Map([...keys].map((key, at) => [wellFormed(key), at]));
  return (key) => places.get(wellFormed(key));
}

/** A list whose entries are all visible; `member` holds their keys. */
export function listingOf(name: string, items: readonly JsonObject[], member: string): Listing {
  const keyOf = (item: JsonObject): string => String(item[member]);
  return { name, items, keyOf, placeOf: placesOf(items.map(keyOf)) };
}

export function pageOf(listing: Listing, cursor: unknown, size: number): Page | Fault {
  const { name, items, keyOf } = listing;
  const start = cursor === undefined ? 0 : startAfter(listing, cursor);
  if (start === undefined)
    return invalidParams(`params.cursor ${preview(cursor)} is not a cursor of ${name}`);
  const page = { items: items.slice(start, start + size) };
  const last = page.items.at(-1);
  if (last === undefined || start + size >= items.length) return page;
  return { ...page, nextCursor: cursorOf(name, keyOf(last)) };
}

/** The index of the first item after the one that the cursor names, which may be hidden by now. */
function startAfter({ name, items, keyOf, placeOf }: Listing, cursor: unknown): number | undefined {
  const key = typeof cursor === 'string' ? readCursor(name, cursor) : undefined;
  const after = key === undefined ? undefined : placeOf(key);
  if (after === undefined) return undefined;
  const next = items.findIndex((item) => (placeOf(keyOf(item)) ?? 0) > after);
  return next === -1 ? items.length : next;
}

function cursorOf(name: string, key: string): string {
  return btoa(`${name}:${encodeURIComponent(wellFormed(key))}`);
}

function readCursor(name: string, cursor: string): string | undefined {
  try {
    const text = atob(cursor);
    const key = decodeURIComponent(text.slice(name.length + 1));
    // Accept only our own spelling of a cursor.
    return cursorOf(name, key) === cursor ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Half of a surrogate pair has no UTF-8 form, and no sensible name contains one. */
function wellFormed(key: string): string {
  return key.replace(/\p{Cs}/gu, '\ufffd');
}

type ListCall = {
  request: Request;
  context: RequestContext;
  server: { settings: { pageSize: number; listTtlMs: number } };
};

export function listPage(
  listing: Listing,
  { request, context, server: { settings } }: ListCall,
): JsonObject | Fault {
  const page = pageOf(listing, request.params.cursor ?? undefined, settings.pageSize);
  if (page instanceof Fault) return page;
  const { nextCursor } = page;
  const { structured } = context.features;
  const result: JsonObject = { [listing.name]: structured ? page.items : page.items.map(withoutTitle) };
  if (nextCursor !== undefined) result.nextCursor = nextCursor;
  return { ...result, ...cacheHints(context, settings.listTtlMs) };
}

/** 2026-07-28/caching/001. Lists are private, because they may depend on the caller's scopes (caching/012). */
export function cacheHints(
  { features }: RequestContext,
  ttlMs: number,
  cacheScope: 'public' | 'private' = 'private',
): JsonObject {
  return features.era === 'modern' ? { ttlMs, cacheScope } : {};
}

// Titles of entries and of a prompt's arguments came with 2025-06-18.
function withoutTitle({ title, ...item }: JsonObject): JsonObject {
  return Array.isArray(item.arguments) ? { ...item, arguments: item.arguments.map(withoutTitle) } : item;
}
