/**
 * Turns a JavaScript value into JSON text, or says why it has none. JSON.stringify writes Infinity as null and a Map as {}, so
 * a text that contains either is compared with its value. The text is what goes on the wire, so nothing else needs checking.
 */
import { isRecord, kindOf } from '../value.js';
import { endOfString } from './exact.js';

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
  const suspicious = text === undefined || text.includes('null') || text.includes('{}') || isDeep(text);
  const problem = suspicious ? findNotJson(value) : undefined;
  if (problem !== undefined) throw problem;
  if (text === undefined || isDeep(text)) throw tooDeep('');
  return text;
}

/** A member's name as a part of a JSON pointer. */
export function pointerPart(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const QUOTE = 0x22;

function isDeep(text: string): boolean {
  // Each level takes two characters.
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

/** A container that is being read, and how many of its members are done. */
type Frame = {
  node: { [key: string]: unknown };
  keys: readonly string[] | undefined;
  size: number;
  at: number;
};

/** Walks the value as JSON.stringify does, but without recursion, up to the first part that JSON cannot express. */
function findNotJson(root: unknown): NotJson | undefined {
  const frames: Frame[] = [];
  const ancestors = new Set<object>();
  const visit = (given: unknown, key: string, inArray: boolean): NotJson | undefined => {
    const value = unboxed(given, key);
    if (typeof value !== 'object') return leafProblem(value, inArray, frames);
    if (value === null) return undefined;
    if (ancestors.has(value))
      return new NotJson(
        pointerTo(frames),
        'a value that contains itself',
        'return each part once, as a tree',
      );
    if (frames.length >= MAX_DEPTH) return tooDeep(pointerTo(frames));
    const keys = Array.isArray(value) ? undefined : Object.keys(value);
    if (keys?.length === 0 && isLost(value)) return lost(value, pointerTo(frames));
    ancestors.add(value);
    frames.push({ node: value as Frame['node'], keys, size: (keys ?? (value as unknown[])).length, at: 0 });
    return undefined;
  };
  let problem = visit(root, '', true);
  for (let frame = frames.at(-1); frame !== undefined && problem === undefined; frame = frames.at(-1)) {
    const { node, keys, size } = frame;
    const depth = frames.length;
    while (frame.at < size && frames.length === depth && problem === undefined) {
      const key = keys === undefined ? String(frame.at) : (keys[frame.at] ?? '');
      frame.at += 1;
      const child = node[key];
      if (typeof child === 'string' || child === null || Number.isFinite(child)) continue;
      problem = visit(child, key, keys === undefined);
    }
    if (frames.length > depth || problem !== undefined) continue;
    frames.pop();
    ancestors.delete(node);
  }
  return problem;
}

/** The JSON pointer of the member read last. */
function pointerTo(frames: readonly Frame[]): string {
  return frames.map(({ keys, at }) => pointerPart(keys?.[at - 1] ?? String(at - 1))).join('');
}

/** What JSON.stringify writes for the value: the result of its `toJSON`, and the primitive that an object wraps. */
function unboxed(given: unknown, key: string): unknown {
  let value = given;
  if ((isRecord(value) || Array.isArray(value) || typeof value === 'bigint') && hasToJson(value))
    value = value.toJSON(key);
  return value instanceof Number ||
    value instanceof BigInt ||
    value instanceof String ||
    value instanceof Boolean
    ? value.valueOf()
    : value;
}

function hasToJson(
  value: object | bigint,
): value is (object | bigint) & { toJSON: (key: string) => unknown } {
  return 'toJSON' in Object(value) && typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

function leafProblem(value: unknown, inArray: boolean, frames: readonly Frame[]): NotJson | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value)
        ? undefined
        : new NotJson(pointerTo(frames), `the number ${value}`, 'return null, or leave the member out');
    case 'bigint':
      return new NotJson(pointerTo(frames), 'a bigint', 'return it as a string');
    case 'string':
    case 'boolean':
      return undefined;
    default:
      // JSON.stringify leaves out a member without a value, but turns such an item into null.
      return inArray
        ? new NotJson(pointerTo(frames), kindOf(value), 'return null where there is no value')
        : undefined;
  }
}

/** A built-in object whose contents JSON.stringify ignores. */
function isLost(value: object): boolean {
  return Object.prototype.toString.call(value) !== '[object Object]';
}

function lost(value: object, pointer: string): NotJson {
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  const advice = kind === 'Promise' ? 'await it' : 'return an object or an array of its contents';
  return new NotJson(pointer, `a ${kind}`, advice);
}

function tooDeep(pointer: string): NotJson {
  return new NotJson(pointer, `more than ${MAX_DEPTH} levels of nesting`, 'return a flatter value');
}

const LINE_BREAK = /[\u0085\u2028\u2029]/;
const ESCAPES: { [character: string]: string } = {
  '\u0085': '\\u0085',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Escapes these three characters. Valid JSON has them only inside strings. */
export function onOneLine(json: string): string {
  // Nearly every text has none of them, so it is not copied.
  if (!LINE_BREAK.test(json)) return json;
  return json.replace(/[\u0085\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}
