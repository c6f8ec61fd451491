/**
 * One JSON text for one JSON value, whatever the order of its members: what digests and seals are made of.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
import { isRecord } from '../value.js';

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value ?? null);
  // Members in the order of their names' UTF-16 code units, which is how JavaScript compares strings.
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}
