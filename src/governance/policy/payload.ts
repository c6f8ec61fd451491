/**
 * The size of a JSON value: the length of the text that Python's `json.dumps` writes by default, counted without writing it. The
 * separators are `, ` and `: `, and a character outside printable ASCII takes the six of `\uXXXX`. Numbers come from JSON.parse,
 * which does not distinguish `1.0` from `1`: a whole number counts as an integer.
 *
 * @see https://docs.python.org/3/library/json.html#json.dumps
 */
import type { JsonObject } from '../../wire/value.js';

const SEPARATOR = ', '.length;
const COLON = ': '.length;
const BRACKETS = 2;
const QUOTES = 2;
const ESCAPED = '\\uXXXX'.length;
/** The shortest member is a digit with an empty name. */
const MIN_MEMBER = QUOTES + COLON + 1 + SEPARATOR;
const MIN_ITEM = 1 + SEPARATOR;

/** The exact size up to `limit`; for a larger value any number above `limit`, without reading on. */
export function payloadChars(value: unknown, limit: number): number {
  // A stack of its own, because deep nesting would overflow the call stack. Each container costs two characters, so `limit` bounds it.
  const waiting: object[] = [];
  let chars = 0;
  const count = (child: unknown): void => {
    if (typeof child === 'object' && child !== null) waiting.push(child);
    else chars += leafChars(child, limit - chars);
  };
  count(value);
  for (let next = waiting.pop(); next !== undefined && chars <= limit; next = waiting.pop()) {
    if (Array.isArray(next)) {
      chars += BRACKETS + Math.max(0, next.length - 1) * SEPARATOR;
      if (next.length * MIN_ITEM - SEPARATOR > limit) return limit + 1;
      for (const item of next) count(item);
    } else {
      const names = Object.keys(next);
      if (names.length * MIN_MEMBER - SEPARATOR > limit) return limit + 1;
      chars += BRACKETS + Math.max(0, names.length - 1) * SEPARATOR + names.length * COLON;
      for (const name of names) {
        if (chars > limit) return chars;
        chars += textChars(name, limit - chars);
        count((next as JsonObject)[name]);
      }
    }
  }
  return chars;
}

function leafChars(value: unknown, left: number): number {
  if (typeof value === 'string') return textChars(value, left);
  if (typeof value === 'number') return numberText(value).length;
  return value === false ? 'false'.length : 'null'.length; // `true` is as long as `null`
}

function textChars(text: string, left: number): number {
  let chars = QUOTES;
  // Every code unit takes at least one character. A surrogate pair takes two escapes, as in Python.
  if (text.length > left) return text.length + chars;
  for (let at = 0; at < text.length && chars <= left; at += 1) chars += unitChars(text.charCodeAt(at));
  return chars;
}

function unitChars(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2; // " and \
  if (unit >= 0x20 && unit <= 0x7e) return 1;
  // \b \t \n, \f \r
  return (unit >= 0x08 && unit <= 0x0a) || unit === 0x0c || unit === 0x0d ? 2 : ESCAPED;
}

/** Python uses an exponent below 1e-4, JavaScript below 1e-6, and Python writes at least two digits of it. */
export function numberText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return `${value}`;
  if (Math.abs(value) >= 1e-4) return `${value}`;
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
