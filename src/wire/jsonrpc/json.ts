/**
 * Turns bytes into one JSON value, or says why not: valid UTF-8, well-formed, not too large, and exactly the value that was
 * sent. No number, string or name may change, because digests cover the value and policy decides on it. This is the one reader
 * for all foreign JSON that we act on; message.ts interprets messages.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 * @see https://www.rfc-editor.org/rfc/rfc7493
 */
import { Fault } from '../fault.js';
import type { JsonObject } from '../value.js';
import { findInexact } from './exact.js';
import { endOfString } from './json-text.js';

/** A refusal's `value` is what we could still read: its id belongs in the error. `tooMany`: the text has too many members. */
export type Json =
  | { kind: 'json'; value: unknown }
  | { kind: 'refused'; fault: Fault; value?: unknown; tooMany?: boolean };

/**
 * Levels of nesting, and members of all objects and arrays together. With `exact: false` a number may change and a name may be there
 * twice, as in JSON.parse: for what is shown, and decides nothing.
 */
export type JsonBounds = { depth: number; members: number; exact?: boolean };

/** For JSON that is not a message: a file, another server's list of tools. Reading this many takes about 15 ms. */
export const MAX_MEMBERS = 20_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJson(json: Uint8Array | string, { depth, members, exact = true }: JsonBounds): Json {
  let text: string;
  try {
    text = typeof json === 'string' ? json : utf8.decode(json);
  } catch (cause) {
    return refuse(new Fault('parseError', 'the bytes are not UTF-8', { cause }));
  }
  // Before parsing, because half a million objects are expensive to parse.
  const names = countNames(text, members);
  if (names === undefined) {
    const detail = `the body has more than ${members} members and items in all; send fewer`;
    return { kind: 'refused', fault: new Fault('invalidRequest', detail), tooMany: true };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse(new Fault('parseError', `the body is not JSON: ${reasonOf(cause)}`, { cause }));
  }
  const tally = { names: 0, maxDepth: depth };
  const fault = walk(value, depth, tally);
  if (fault !== undefined) return { kind: 'refused', fault, value };
  // An object keeps one member of each name. If the value has fewer names than the text, some name was there twice.
  if (!exact || (tally.names === names && !mayBeInexact(text))) return { kind: 'json', value };
  const inexact = findInexact(text);
  if (inexact === undefined) return { kind: 'json', value };
  const { pointer, problem } = inexact;
  const inexactFault = new Fault('invalidRequest', `${pointer === '' ? 'the body' : pointer}: ${problem}`);
  // Never answer under an id that differs from the one sent.
  return pointer === '/id' ? refuse(inexactFault) : { kind: 'refused', fault: inexactFault, value };
}

/**
 * A number with at most 15 digits and a two-digit exponent always survives, and so does a string without an escaped
 * surrogate. Text that matches neither pattern needs no closer look; a match inside a string costs a look and nothing else.
 */
const LONG_NUMBER = /[\d.]{16}|\d[eE][+-]?\d{3}/;
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;
/** Whether parsing might change a number or a string in this JSON. */
export function mayBeInexact(text: string): boolean {
  return LONG_NUMBER.test(text) || (text.includes('\\u') && ESCAPED_SURROGATE.test(text));
}

/** Reads JSON that is not a message: a file, another program's answer. @throws SyntaxError that says what is wrong */
export function parseJson(text: string, bounds: JsonBounds = { depth: 64, members: MAX_MEMBERS }): unknown {
  const json = readJson(text, bounds);
  if (json.kind === 'json') return json.value;
  throw new SyntaxError(json.fault.detail.replace(/^the body/, 'the text'));
}

const [QUOTE, COMMA, COLON, BRACKET, BRACE] = [...'",:[{'].map((sign) => sign.charCodeAt(0));

/** How many member names the text has; undefined if it has more than `max` members and items. */
function countNames(text: string, max: number): number | undefined {
  let names = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === COLON) names += 1;
    // A comma precedes every member or item but the first; the bracket counts for that one.
    else if (code === COMMA || code === BRACKET || code === BRACE) parts += 1;
  }
  return parts > max ? undefined : names;
}

// JSON.parse makes `__proto__` a plain own key, which is harmless here. But code that later copies the object by assignment
// would change a prototype, so we refuse it.
function walk(
  value: unknown,
  depthLeft: number,
  tally: { names: number; maxDepth: number },
): Fault | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depthLeft === 0) {
    return new Fault('invalidRequest', `the body is nested deeper than ${tally.maxDepth} levels`);
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = walk(item, depthLeft - 1, tally);
      if (fault !== undefined) return fault;
    }
  } else {
    for (const key in value) {
      if (key === '__proto__') return new Fault('invalidRequest', 'the key "__proto__" is not accepted');
      tally.names += 1;
      const fault = walk((value as JsonObject)[key], depthLeft - 1, tally);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

// V8 quotes the text around the mistake, which may be a secret. The position is enough.
function reasonOf(cause: unknown): string {
  const message = String(cause);
  if (message.includes('end of JSON')) return 'it ends too early or is empty';
  const position = /position \d+/.exec(message)?.[0];
  return position === undefined ? 'malformed' : `unexpected character at ${position}`;
}

function refuse(fault: Fault): Json {
  return { kind: 'refused', fault };
}

/** Text that needs no escaping: nearly all names and short strings. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as JSON. Takes half the time of JSON.stringify when the string is short and plain. */
export function quoted(text: string): string {
  return text.length < 100 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * The canonical JSON (RFC 8785) of a value that consists of plain JSON values. Undefined for anything else: a date, a hole, a bigint,
 * a member without a value.
 */
export function plainJson(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : undefined;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object') return undefined;
  if (value === null) return 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) {
      const json = plainJson(item);
      if (json === undefined) return undefined;
      text += text === '' ? json : `,${json}`;
    }
    return `[${text}]`;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  if (typeof (value as JsonObject).toJSON === 'function') return undefined;
  // By UTF-16 code units, as JavaScript compares strings.
  for (const key of Object.keys(value).sort()) {
    const json = plainJson((value as JsonObject)[key]);
    if (json === undefined) return undefined;
    text += `${text === '' ? '' : ','}${quoted(key)}:${json}`;
  }
  return `{${text}}`;
}

/**
 * The canonical JSON of any value that JSON.stringify takes.
 * @throws RangeError for a number that JSON cannot write: as null, it would have another value's digest
 */
export function canonicalJson(value: unknown): string {
  return plainJson(value) ?? canonicalJson(JSON.parse(JSON.stringify(value ?? null, refuseInfinity)));
}

function refuseInfinity(_key: string, part: unknown): unknown {
  if (typeof part === 'number' && !Number.isFinite(part)) throw new RangeError(`${part} has no JSON text`);
  return part;
}
