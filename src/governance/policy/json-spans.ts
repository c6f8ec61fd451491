/**
 * The positions of the values in a JSON text, for columns.ts, which replaces some and keeps every other byte: parsing and writing it
 * again would change a number beyond 2^53, `1.0` and the layout. It also reads what is not JSON: texts that break off, several
 * values in a row, NaN. Masking must not depend on a text being well-formed.
 */
import { endOfString } from '../../wire/jsonrpc/json-text.js';

export type Node = {
  start: number;
  end: number;
  /** Of an object: every member in its order, including repeated names. */
  members?: { name: string; value: Node }[];
  /** Of an array. */
  items?: Node[];
};

/** The beginning of a line that may hold JSON, also after a byte order mark or a record separator (RFC 7464). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separator is one
const BEGINNING = /^[ \t\ufeff\u001e]*[[{]/gm;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const SPACE = /[\s\u001e]*/y;
const BARE = /[^\s,:[\]{}"]+/y;

/** The arrays and objects of a text: those that begin a line, and those that directly follow another. */
export function jsonValues(text: string): Node[] {
  const values: Node[] = [];
  BEGINNING.lastIndex = 0;
  while (BEGINNING.test(text)) {
    let at = BEGINNING.lastIndex - 1;
    for (let isBroken = false; !isBroken && (text[at] === '[' || text[at] === '{'); ) {
      const value = readValue(text, at);
      values.push(value.root);
      BEGINNING.lastIndex = value.end;
      isBroken = value.isBroken;
      at = skipSpace(text, value.end);
    }
  }
  return values;
}

function skipSpace(text: string, at: number): number {
  // Most texts have none.
  const unit = text.charCodeAt(at);
  if (unit > 0x20 && unit < 0x7f) return at;
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** From a bracket to the one that closes it, or to the point where the brackets no longer match. */
function readValue(text: string, start: number): { root: Node; end: number; isBroken: boolean } {
  const root = container(text, start);
  const open = [root];
  let name: string | undefined;
  let at = start + 1;
  const put = (value: Node): void => {
    const parent = open.at(-1);
    parent?.items?.push(value);
    parent?.members?.push({ name: name ?? '', value });
    name = undefined;
  };
  for (let parent: Node | undefined = root; parent !== undefined; parent = open.at(-1)) {
    at = skipSpace(text, at);
    const character = text[at];
    if (character === undefined) return { root, end: text.length, isBroken: true };
    if (character === '[' || character === '{') {
      const inner = container(text, at);
      put(inner);
      open.push(inner);
      at += 1;
    } else if (character === ']' || character === '}') {
      at += 1;
      if ((character === ']') !== (parent.items !== undefined)) return { root, end: at, isBroken: true };
      parent.end = at;
      open.pop();
    } else if (character === ',' || character === ':') {
      if (character === ',') name = undefined;
      at += 1;
    } else {
      const leaf = { start: at, end: endOfLeaf(text, at) };
      at = leaf.end;
      if (parent.members !== undefined && name === undefined && text[skipSpace(text, at)] === ':')
        name = nameOf(text.slice(leaf.start, leaf.end));
      else put(leaf);
    }
  }
  return { root, end: at, isBroken: false };
}

function container(text: string, start: number): Node {
  const end = text.length;
  return text[start] === '[' ? { start, end, items: [] } : { start, end, members: [] };
}

function endOfLeaf(text: string, start: number): number {
  if (text[start] === '"') return Math.min(endOfString(text, start) + 1, text.length);
  BARE.lastIndex = start;
  return BARE.test(text) ? BARE.lastIndex : start + 1;
}

function nameOf(token: string): string {
  if (!token.startsWith('"')) return token;
  try {
    return String(JSON.parse(token));
  } catch {
    return token.slice(1, -1);
  }
}

/** The value of a string; undefined for any other value. */
export function stringAt(text: string, { start, end }: Node): string | undefined {
  return text[start] === '"' ? nameOf(text.slice(start, end)) : undefined;
}
