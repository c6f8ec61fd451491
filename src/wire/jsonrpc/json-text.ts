/**
 * Turns a JavaScript value into JSON text, or says why it has none. JSON.stringify writes Infinity as null and a Map as {}, so
 * a text that contains either is compared with its value. The text is what goes on the wire, so nothing else needs checking.
 */
import { kindOf, pointerPart } from '../value.js';

/** How deep a value may nest. JSON readers in other languages give up at about twice this depth. */
export const MAX_DEPTH = 512;

/** A value, or a part of one, that JSON cannot express. */
export class NotJson extends Error {
  override readonly name = 'NotJson';

  constructor(
    /** A JSON pointer to it (RFC 6901). */
    readonly pointer: string,
    readonly received: string,
    readonly advice: string,
  ) {
    super(`${received} at ${pointer === '' ? 'the top' : pointer}`);
  }
}

/** @throws NotJson, or anything that a getter or `toJSON` of the value throws */
export function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw findNotJson(value) ?? error;
  }
  if (text === undefined || isDeep(text)) throw findNotJson(value) ?? new NotJson('', ...CHANGED);
  const isSuspicious = text.includes('null') || text.includes('{}');
  const notJson = isSuspicious ? findNotJson(value) : undefined;
  if (notJson !== undefined) throw notJson;
  return text;
}

const QUOTE = 0x22;

function isDeep(text: string): boolean {
  // Each level takes two characters. Most results are shorter, and need no scan.
  if (text.length < 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    // `[` and `{`, `]` and `}`: each pair differs in one bit.
    else if ((unit | 0x20) === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if ((unit | 0x20) === 0x7d) depth -= 1;
  }
  return false;
}

/** The position of the quote that ends the string beginning at `start`; the text's length when there is none. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

type Complaint = [received: string, advice: string];
const TOO_DEEP: Complaint = [`more than ${MAX_DEPTH} levels of nesting`, 'return a flatter value'];
const CHANGED: Complaint = ['a value that changes from one reading to the next', 'return plain data'];

/** The first part that JSON cannot express. */
function findNotJson(root: unknown): NotJson | undefined {
  /** The containers around the part that is read now. */
  const ancestors = new Set<object>();
  const path: string[] = [];
  const complaint = visit(root, '', true);
  return complaint && new NotJson(path.map(pointerPart).join(''), ...complaint);

  /** Reads as JSON.stringify does. With a complaint, `path` stays at the part in question. */
  function visit(given: unknown, name: string, inArray: boolean): Complaint | undefined {
    const value = jsonForm(given, name);
    if (typeof value !== 'object') return complainOf(value, inArray);
    if (value === null) return undefined;
    if (ancestors.has(value)) return ['a value that contains itself', 'return each part once, as a tree'];
    if (ancestors.size >= MAX_DEPTH) return TOO_DEEP;
    const names = Array.isArray(value) ? undefined : Object.keys(value);
    if (names?.length === 0 && kindOfObject(value) !== 'Object') {
      const kind = kindOfObject(value);
      return [`a ${kind}`, kind === 'Promise' ? 'await it' : 'return an object or an array of its contents'];
    }
    ancestors.add(value);
    const parts = value as { [name: string]: unknown };
    const size = names?.length ?? (value as unknown[]).length;
    for (let at = 0; at < size; at += 1) {
      const key = names?.[at] ?? String(at);
      const part = parts[key];
      path.push(key);
      const complaint = visit(part, key, names === undefined);
      if (complaint !== undefined) return complaint;
      path.pop();
    }
    ancestors.delete(value);
    return undefined;
  }
}

/** What JSON.stringify writes for the value: the result of its `toJSON`, and the primitive that an object wraps. */
export function jsonForm(given: unknown, name = ''): unknown {
  let value = given;
  if ((typeof value === 'object' && value !== null) || typeof value === 'bigint') {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') value = toJSON.call(value, name);
  }
  return value instanceof Number ||
    value instanceof BigInt ||
    value instanceof String ||
    value instanceof Boolean
    ? value.valueOf()
    : value;
}

function complainOf(value: unknown, inArray: boolean): Complaint | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return undefined;
  if (typeof value === 'number') return [`the number ${value}`, 'return null, or leave the member out'];
  if (typeof value === 'bigint') return ['a bigint', 'return it as a string'];
  // JSON.stringify leaves out a member without a value, but turns such an item into null.
  return inArray ? [kindOf(value), 'return null where there is no value'] : undefined;
}

/** Anything but `Object` is a built-in class; JSON.stringify ignores the contents of a Map, a Set and others. */
function kindOfObject(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

const LINE_BREAKS = /[\u0085\u2028\u2029]/g;

/** Escapes the line breaks of Unicode, which valid JSON has only inside strings. */
export function onOneLine(json: string): string {
  return json.replace(
    LINE_BREAKS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
