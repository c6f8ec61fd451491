/**
 * Where the values of a JSON text stand in it, so that some can be replaced and every other byte stays: a number beyond 2^53,
 * `1.0` and the author's layout would not survive being parsed and written once more. It reads more than JSON: texts that
 * break off, several values in a row, NaN. A mask must not depend on a text being well-formed.
 */
import { endOfString } from '../../wire/jsonrpc/exact.js';

export type Node = {
  start: number;
  end: number;
  /** Of an object: every member in its order, also those whose name came before. */
  members?: { name: string; value: Node }[];
  /** Of an array. */
  items?: Node[];
};

/** The beginning of a line that may hold JSON, behind a byte order mark or a record separator (RFC 7464) as well. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separator is one
const BEGINNING = /^[ \t\ufeff\u001e]*[[{]/gm;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const SPACE = /[\s\u001e]*/y;
const BARE = /[^\s,:[\]{}"]+/y;

/** The arrays and objects of a text: those that begin a line, and those that follow one at once. */
export function jsonValues(text: string): Node[] {
  const found: Node[] = [];
  let at = nextBeginning(text, 0);
  while (at !== undefined) {
    const { root, end, broken } = readValue(text, at);
    found.push(root);
    const next = skipSpace(text, end);
    at = !broken && opens(text[next]) ? next : nextBeginning(text, end);
  }
  return found;
}

function nextBeginning(text: string, from: number): number | undefined {
  BEGINNING.lastIndex = from;
  return BEGINNING.test(text) ? BEGINNING.lastIndex - 1 : undefined;
}

function skipSpace(text: string, at: number): number {
  // Most texts have none.
  const unit = text.charCodeAt(at);
  if (unit > 0x20 && unit < 0x7f) return at;
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

const opens = (character: string | undefined): boolean => character === '[' || character === '{';

/** From a bracket to the one that closes it, or to where that cannot come any more. */
function readValue(text: string, start: number): { root: Node; end: number; broken: boolean } {
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
    if (character === undefined) return broken(root, text.length);
    if (opens(character)) {
      const inner = container(text, at);
      put(inner);
      open.push(inner);
      at += 1;
    } else if (character === ']' || character === '}') {
      at += 1;
      if ((character === ']') !== (parent.items !== undefined)) return broken(root, at);
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
  return { root, end: at, broken: false };
}

function broken(root: Node, end: number): { root: Node; end: number; broken: boolean } {
  return { root, end, broken: true };
}

function container(text: string, start: number): Node {
  const node: Node = { start, end: text.length };
  if (text[start] === '[') node.items = [];
  else node.members = [];
  return node;
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

/** The text of a name or of a string that is a value; undefined for anything else. */
export function stringAt(text: string, { start, end }: Node): string | undefined {
  return text[start] === '"' ? nameOf(text.slice(start, end)) : undefined;
}
