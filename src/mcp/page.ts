/**
 * Pages of a list, and the cursor that leads to the next one. A cursor names its list and a place in it; to clients it
 * is opaque, and one that this server did not make is refused (2026-07-28/pagination/008).
 */

import { Fault } from '../fault.js';
import { preview } from '../value.js';

export type Page<T> = { items: T[]; nextCursor?: string };

export function pageOf<T>(list: string, items: readonly T[], cursor: unknown, size: number): Page<T> | Fault {
  const start = cursor === undefined ? 0 : readCursor(list, cursor);
  if (start === undefined || (start >= items.length && start > 0)) {
    return new Fault('invalidParams', `params.cursor ${preview(cursor)} is not a cursor of ${list}`);
  }
  const end = start + size;
  const page = { items: items.slice(start, end) };
  return end < items.length ? { ...page, nextCursor: btoa(`${list}:${end}`) } : page;
}

function readCursor(list: string, cursor: unknown): number | undefined {
  if (typeof cursor !== 'string') return undefined;
  let text: string;
  try {
    text = atob(cursor);
  } catch {
    return undefined;
  }
  const digits = text.startsWith(`${list}:`) ? text.slice(list.length + 1) : '';
  // The round trip lets only the one spelling through that we write ourselves.
  return /^[1-9]\d{0,8}$/.test(digits) && btoa(text) === cursor ? Number(digits) : undefined;
}
