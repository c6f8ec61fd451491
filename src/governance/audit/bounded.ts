/** What an outsider can make long is cut here, so that a record has a largest size; a cut value leaves its digest. */
import { hash } from 'node:crypto';
import { canonicalJson, plainJson, quoted } from '../../wire/jsonrpc/canonical.js';
import { shorten } from '../../wire/value.js';

/** Names, reasons and ids: far more than an honest one needs. */
const MAX_TEXT = 1024;
const MAX_ITEMS = 200;

/** Canonical JSON, or what stands for it when its text is longer than `most` characters. */
export function boundedJson(value: unknown, most: number): { json?: string; cut?: string } {
  if (value === undefined) return {};
  const plain = tried(value);
  if (plain !== undefined && plain.length <= most) return { json: plain };
  const text = jsonText(value);
  if (text.length > most) return { cut: `{"chars":${text.length},"sha256":"${hash('sha256', text)}"}` };
  // Read back first: what JSON.stringify makes of dates, undefined and the like is what a reader will see.
  return { json: typeof value === 'object' ? canonicalJson(JSON.parse(text)) : text };
}

/** A circle has no end. */
function tried(value: unknown): string | undefined {
  try {
    return plainJson(value);
  } catch {
    return undefined;
  }
}

/** A value that is not JSON (a circle, a bigint) must not cost the record. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return '"(not JSON)"';
  }
}

export function boundedText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(shorten(text, MAX_TEXT));
}

export function boundedList(items: readonly string[]): string {
  const kept = items.slice(0, MAX_ITEMS).map((item) => shorten(item, MAX_TEXT));
  if (items.length > MAX_ITEMS) kept.push(`... and ${items.length - MAX_ITEMS} more`);
  return JSON.stringify(kept);
}
