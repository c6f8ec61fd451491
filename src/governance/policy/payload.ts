/**
 * The size of a JSON value: the characters of the text that Python's `json.dumps` writes by default, counted without
 * writing it. `, ` and `: ` part things, and whatever lies outside printable ASCII takes the six of `\uXXXX`.
 *
 * Numbers come from JSON.parse, which does not tell `1.0` from `1`: a whole number counts as an integer.
 *
 * @see https://docs.python.org/3/library/json.html#json.dumps
 */

import type { JsonObject } from '../../wire/value.js';

const SEPARATOR = ', '.length;
const COLON = ': '.length;
const BRACKETS = 2;
const QUOTES = 2;
const ESCAPED = '\\uXXXX'.length;
/** The least that one more member or item takes: a number of one digit, behind a name without characters. */
const LEAST_MEMBER = QUOTES + COLON + 1 + SEPARATOR;
const LEAST_ITEM = 1 + SEPARATOR;

/** The count where it is at most `limit`; some number above `limit` otherwise, found without reading on. */
export function payloadChars(value: unknown, limit: number): number {
  // Its own stack: a call stack would end on deep nesting. Each container costs two characters, so `limit` bounds it.
  const waiting: object[] = [];
  let chars = 0;
  const count = (child: unknown): void => {
    if (typeof child === 'object' && child !== null) waiting.push(child);
    else chars += leafChars(child, limit - chars);
  };
  count(value);
  for (let next = waiting.pop(); next !== undefined && chars <= limit; next = waiting.pop()) {
    if (Array.isArray(next)) {
      chars += BRACKETS + between(next.length);
      if (next.length * LEAST_ITEM - SEPARATOR > limit) return limit + 1;
      for (const item of next) count(item);
    } else {
      const names = Object.keys(next);
      if (names.length * LEAST_MEMBER - SEPARATOR > limit) return limit + 1;
      chars += BRACKETS + between(names.length) + names.length * COLON;
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

const between = (count: number): number => Math.max(0, count - 1) * SEPARATOR;

function textChars(text: string, left: number): number {
  let chars = QUOTES;
  // Every code unit takes one at least; a pair of them takes two escapes, as it does in Python.
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

/** Python goes over to an exponent below 1e-4, JavaScript below 1e-6, and Python writes two digits of it at least. */
export function numberText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return `${value}`;
  if (Math.abs(value) >= 1e-4) return `${value}`;
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
