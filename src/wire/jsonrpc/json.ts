/**
 * Bytes to one JSON value, or the reason why not: UTF-8, well-formed, not too large, and the very value that was sent. No
 * number, text or name is changed on the way, for digests bind the value and policy decides about it. One reader for all
 * foreign JSON whose value is acted on; what the value means is message.ts's business.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 * @see https://www.rfc-editor.org/rfc/rfc7493
 */
import { Fault } from '../fault.js';
import { isRecord, type JsonObject } from '../value.js';
import { endOfString, findInexact, mayBeInexact } from './exact.js';

/** `value` of a refusal is what could be read nevertheless: its id belongs into the error. `tooMany`: it passed the bound on members. */
export type Json =
  | { kind: 'json'; value: unknown }
  | { kind: 'refused'; fault: Fault; value?: unknown; tooMany?: boolean };

/** Levels of nesting, and members of all objects and arrays together. */
export type JsonBounds = { depth: number; members: number };

/** For what is no message: a file, another server's list of tools. That many take some 15 ms to read. */
export const MAX_MEMBERS = 20_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJson(bytes: Uint8Array, bounds: JsonBounds): Json {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    return refused(new Fault('parseError', 'the bytes are not UTF-8', { cause }));
  }
  return readText(text, bounds);
}

/** The value of a JSON text that is no message: a file, another program's answer. @throws SyntaxError that says what is wrong */
export function parseJson(text: string, bounds: JsonBounds = { depth: 64, members: MAX_MEMBERS }): unknown {
  const read = readText(text, bounds);
  if (read.kind === 'json') return read.value;
  throw new SyntaxError(read.fault.message.replace(/^[^:]*: /, '').replace(/^the body /, 'the text '));
}

function readText(text: string, { depth, members }: JsonBounds): Json {
  // Before it is parsed: a text of half a million objects is costly to parse.
  const names = countNames(text, members);
  if (names === undefined) {
    const detail = `the body has more than ${members} members and items in all; send fewer`;
    return { kind: 'refused', fault: new Fault('invalidRequest', detail), tooMany: true };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refused(new Fault('parseError', `the body is not JSON: ${reasonOf(cause)}`, { cause }));
  }
  const walked = { names: 0, maxDepth: depth };
  const fault = walk(value, depth, walked);
  if (fault !== undefined) return { kind: 'refused', fault, value };
  // An object keeps one member of a name. Where it has fewer of them than the text, one stood there twice.
  if (walked.names === names && !mayBeInexact(text)) return { kind: 'json', value };
  const inexact = findInexact(text);
  if (inexact === undefined) return { kind: 'json', value };
  const { pointer, problem } = inexact;
  const changed = new Fault('invalidRequest', `${pointer === '' ? 'the body' : pointer}: ${problem}`);
  // An id that is not the one sent is none to answer under.
  return pointer === '/id' ? refused(changed) : { kind: 'refused', fault: changed, value };
}

const [QUOTE, COMMA, COLON, BRACKET, BRACE] = [...'",:[{'].map((sign) => sign.charCodeAt(0));

/** How many names of members the text has; undefined where more than `most` members and items are in it. */
function countNames(text: string, most: number): number | undefined {
  let names = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === COLON) names += 1;
    // A comma stands before each part of an object or array but the first, which its bracket stands for.
    else if (code === COMMA || code === BRACKET || code === BRACE) parts += 1;
  }
  return parts > most ? undefined : names;
}

// JSON.parse makes `__proto__` a plain own key, harmless here; whoever copies the object later with an assignment
// would change a prototype, so it does not get in.
function walk(value: unknown, left: number, walked: { names: number; maxDepth: number }): Fault | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (left === 0) {
    return new Fault('invalidRequest', `the body is nested deeper than ${walked.maxDepth} levels`);
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = walk(item, left - 1, walked);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const key in value) {
    if (key === '__proto__') return new Fault('invalidRequest', 'the key "__proto__" is not accepted');
    walked.names += 1;
    const fault = walk((value as JsonObject)[key], left - 1, walked);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

// V8 quotes the text around the mistake; the place is enough and does not repeat what may be a secret.
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  if (message.includes('end of JSON')) return 'it ends too early or is empty';
  const position = /position \d+/.exec(message)?.[0];
  return position === undefined ? 'malformed' : `unexpected character at ${position}`;
}

function refused(fault: Fault): Json {
  return { kind: 'refused', fault };
}

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
