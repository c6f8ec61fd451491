/**
 * One JSON text for one JSON value, whatever the order of its members: what digests and seals are made of.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
import { isRecord, type JsonObject } from '../value.js';

/** Nothing in it is escaped, and its quotation is itself: what nearly all names and short texts are. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The JSON text of a text; half the time of JSON.stringify where it is short and plain. */
export function quoted(text: string): string {
  return text.length < 100 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * The canonical JSON of a value that JSON.stringify would leave as it is; undefined where it is anything else (a date, a
 * hole, a bigint), which the caller then reads back first. It saves most values a round through text.
 */
export function plainJson(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : undefined;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object') return undefined;
  if (value === null) return 'null';
  if (Array.isArray(value)) return plainItems(value);
  return Object.getPrototypeOf(value) === Object.prototype ? plainMembers(value as JsonObject) : undefined;
}

function plainItems(items: readonly unknown[]): string | undefined {
  let text = '';
  for (const item of items) {
    const json = plainJson(item);
    if (json === undefined) return undefined;
    text += text === '' ? json : `,${json}`;
  }
  return `[${text}]`;
}

function plainMembers(value: JsonObject): string | undefined {
  if ('toJSON' in value) return undefined;
  let text = '';
  for (const key of sorted(Object.keys(value))) {
    const json = plainJson(value[key]);
    if (json === undefined) return undefined;
    text += `${text === '' ? '' : ','}${quoted(key)}:${json}`;
  }
  return `{${text}}`;
}

/** In the order of their UTF-16 code units, which is how JavaScript compares strings; most come in it, and sorting costs. */
function sorted(keys: string[]): readonly string[] {
  for (let at = 1; at < keys.length; at += 1) {
    if ((keys[at] ?? '') < (keys[at - 1] ?? '')) return keys.sort();
  }
  return keys;
}

/** @throws RangeError for a number that JSON cannot write: as null, it would have the digest of another value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON text`);
  if (!isRecord(value)) return JSON.stringify(value ?? null);
  const members = sorted(Object.keys(value))
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}
