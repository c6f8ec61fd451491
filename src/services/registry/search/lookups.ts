/** The words of a query, looked up in the vocabulary once, so that a server's tokens are only compared as numbers. */
import { EXACT, PREFIX, TYPO } from './ranking.js';
import type { Terms } from './terms.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Which words are taken for others. `unknown`: for a word that no token is and none begins with. `all`: for every word. The first search is
 * of `unknown`, so a word that some server has is taken as it is: its typos would only fill the results and the
 * counts beside them. Where that finds no server at all, the words are known but do not belong together, as in `jira
 * serch` where somebody else's description has the same typo; then it is done again with `all`.
 */
export type Typos = 'unknown' | 'all';

export type Lookups = {
  /** By a token's number: all that is found where it stands, as bits. Most have none, and so need no second look. */
  bits: Uint32Array;
  /** What is looked for: how good each token is for it, and what of the query is then found. */
  list: readonly { quality: Uint8Array; pieces: readonly number[] }[];
  /** The pieces that all words are made of; each is a bit of what a server has. */
  pieces: number;
};

// With the phrases, no more than fit into the bits of one number.
const MAX_PIECES = 20;
const TYPO_FROM = 4;
const TWO_TYPOS_FROM = 8;

export function lookUp({ words, open }: Terms, vocabulary: Vocabulary, typos: Typos): Lookups {
  const bits = new Uint32Array(vocabulary.size);
  const list: { quality: Uint8Array; pieces: number[] }[] = [];
  let next = 0;

  const add = (token: string, pieces: number[], begins: boolean, correct: boolean): void => {
    const quality = new Uint8Array(vocabulary.size);
    const mask = pieces.reduce((sum, piece) => sum | (1 << piece), 0);
    const mark = (id: number, worth: number): void => {
      quality[id] = Math.max(worth, quality[id] ?? 0);
      bits[id] = (bits[id] ?? 0) | mask;
    };
    const exact = vocabulary.idOf(token);
    const found = begins ? vocabulary.beginning(token) : [];
    for (const id of found) mark(id, PREFIX);
    if (exact !== undefined) mark(exact, EXACT);
    const known = exact !== undefined || found.length > 0;
    if (correct && (!known || typos === 'all')) {
      for (const id of vocabulary.near(token, typosIn(token))) mark(id, TYPO);
    }
    list.push({ quality, pieces });
  };

  for (const [at, { whole, parts }] of words.entries()) {
    const begins = open && at === words.length - 1;
    const first = next;
    for (const part of parts) {
      const ends = begins && part === parts.at(-1);
      const from = next;
      for (const [index, piece] of part.pieces.entries()) {
        if (next === MAX_PIECES) break;
        add(piece, [next], ends && index === part.pieces.length - 1, true);
        next += 1;
      }
      if (next > from + 1) add(part.whole, range(from, next), ends, false);
    }
    // Typos are looked for in the pieces only; among them is what a whole can have.
    const single = parts.length === 1 && parts[0]?.whole === whole;
    if (!single && next > first) add(whole, range(first, next), begins, false);
  }
  return { bits, list, pieces: next };
}

/** How many typos a word may have: short words are all near each other, and a number is never meant for another. */
function typosIn(token: string): number {
  if (token.length < TYPO_FROM || /^\p{N}+$/u.test(token)) return 0;
  return token.length < TWO_TYPOS_FROM ? 1 : 2;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
