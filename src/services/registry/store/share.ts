/**
 * Equal parts of entries are one value in memory: most texts of findings, the two digests of a tool, and many small schemas
 * occur again and again. A shared part must never be changed; entries are replaced, never changed.
 */
import type { Entry } from '../entry.js';

/** Longer texts and objects seldom occur twice. In characters of their JSON. */
const MAX_LENGTH = 256;
/** The parts that were met last; those before are forgotten, so that the pool stays small. */
const MAX_PARTS = 10_000;
const TOO_LONG = ' '.repeat(MAX_LENGTH);

export type Share = (entry: Entry) => Entry;

export function createShare(): Share {
  let recent = new Map<string, unknown>();
  let older = new Map<string, unknown>();

  function pooled(text: string, value: unknown): unknown {
    let pooledValue = recent.get(text);
    if (pooledValue !== undefined) return pooledValue;
    pooledValue = older.get(text) ?? value;
    if (recent.size >= MAX_PARTS) [recent, older] = [new Map(), recent];
    recent.set(text, pooledValue);
    return pooledValue;
  }

  /** The value with shared parts, and its JSON unless that is long. */
  function share(value: unknown): { value: unknown; text: string | undefined } {
    if (typeof value === 'string') {
      if (value.length >= MAX_LENGTH) return { value, text: undefined };
      const text = JSON.stringify(value);
      return { value: pooled(text, value), text };
    }
    if (typeof value !== 'object' || value === null)
      return { value, text: Object.is(value, -0) ? '-0' : String(value) };
    const { copy: shared, text } = shareMembers(value);
    if (text.length > MAX_LENGTH) return { value: shared, text: undefined };
    return { value: pooled(text, shared), text };
  }

  /** A copy of an object or a list with other members has the same shape, which a new object made of its entries has not. */
  function shareMembers(object: object): { copy: object; text: string } {
    const isList = Array.isArray(object);
    let copy: { [key: string]: unknown } | undefined;
    let text = isList ? '[' : '{';
    for (const [key, value] of Object.entries(object)) {
      const member = share(value);
      if (member.value !== value && key !== '__proto__') {
        copy ??= (isList ? [...object] : { ...object }) as { [key: string]: unknown };
        copy[key] = member.value;
      }
      // It need not be complete once it is too long.
      if (text.length > MAX_LENGTH) continue;
      text += `${isList ? '' : `${JSON.stringify(key)}:`}${member.text ?? TOO_LONG},`;
    }
    return { copy: copy ?? object, text };
  }

  return (entry) => share(entry).value as Entry;
}
