/**
 * Every token that some server has, by number: the servers keep numbers, and what is looked for is looked up here. A
 * token that no server has any more is forgotten, and its number is given to another.
 */
import { typosBetween } from '../../../wire/mcp/nearest.js';

/** Tokens are kept by their first characters, so that a beginning is looked for among few. */
const STEM = 3;

export class Vocabulary {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  /** How many servers have it. */
  readonly #uses: number[] = [];
  readonly #letters: number[] = [];
  readonly #free: number[] = [];
  readonly #byStem = new Map<string, Set<number>>();
  readonly #byLength = new Map<number, Set<number>>();

  /** Above every number that is in use. */
  get size(): number {
    return this.#texts.length;
  }

  /** The number of a token that one more server has. */
  use(token: string): number {
    const known = this.#ids.get(token);
    if (known !== undefined) {
      this.#uses[known] = (this.#uses[known] ?? 0) + 1;
      return known;
    }
    const id = this.#free.pop() ?? this.#texts.length;
    this.#ids.set(token, id);
    this.#texts[id] = token;
    this.#uses[id] = 1;
    this.#letters[id] = lettersOf(token);
    addTo(this.#byStem, token.slice(0, STEM), id);
    addTo(this.#byLength, token.length, id);
    return id;
  }

  release(id: number): void {
    const uses = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = uses;
    if (uses > 0) return;
    const token = this.#texts[id] ?? '';
    this.#ids.delete(token);
    this.#texts[id] = '';
    this.#free.push(id);
    removeFrom(this.#byStem, token.slice(0, STEM), id);
    removeFrom(this.#byLength, token.length, id);
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** All tokens that begin so; the token itself among them. */
  beginning(start: string): number[] {
    const stems =
      start.length >= STEM
        ? [start.slice(0, STEM)]
        : [...this.#byStem.keys()].filter((stem) => stem.startsWith(start));
    const found: number[] = [];
    for (const stem of stems) {
      for (const id of this.#byStem.get(stem) ?? []) {
        if (this.#texts[id]?.startsWith(start)) found.push(id);
      }
    }
    return found;
  }

  /** The tokens that are nearest to it, when some others are within so many typos. */
  near(token: string, most: number): number[] {
    if (most === 0) return [];
    const letters = lettersOf(token);
    const found: number[] = [];
    let nearest = most;
    for (let length = token.length - most; length <= token.length + most; length += 1) {
      for (const id of this.#byLength.get(length) ?? []) {
        // One typo takes away one letter and brings in another at most; this spares nearly all of the work.
        if (bits((this.#letters[id] ?? 0) ^ letters) > 2 * nearest) continue;
        const distance = typosBetween(token, this.#texts[id] ?? '', nearest);
        if (distance === undefined || distance === 0) continue;
        if (distance < nearest) found.length = 0;
        nearest = distance;
        found.push(id);
      }
    }
    return found;
  }
}

function lettersOf(token: string): number {
  let letters = 0;
  for (let at = 0; at < token.length; at += 1) letters |= 1 << (token.charCodeAt(at) & 31);
  return letters;
}

function bits(value: number): number {
  let count = 0;
  for (let left = value; left !== 0; left &= left - 1) count += 1;
  return count;
}

function addTo<Key>(map: Map<Key, Set<number>>, key: Key, id: number): void {
  const ids = map.get(key);
  if (ids === undefined) map.set(key, new Set([id]));
  else ids.add(id);
}

function removeFrom<Key>(map: Map<Key, Set<number>>, key: Key, id: number): void {
  const ids = map.get(key);
  ids?.delete(id);
  if (ids?.size === 0) map.delete(key);
}
