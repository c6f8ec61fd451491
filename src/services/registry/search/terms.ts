/** What somebody wrote into the search field, read: words, and what stands in quotes. */
import { type Chunk, chunksOf, fold } from './tokens.js';

export type Terms = {
  /** All of it, to be compared with names. */
  text: string;
  folded: string;
  words: readonly Chunk[];
  /** Whether the last word may go on: it was the last thing written. */
  open: boolean;
  /** In lower case; not normalised, since it is looked for as it stands. */
  phrases: readonly string[];
};

/** A query is bounded in what it can cost; nobody means more than this. */
const MAX_CHARACTERS = 200;
const MAX_TERMS = 10;

export function readTerms(q: string): Terms {
  const text = q.slice(0, MAX_CHARACTERS).trim();
  // Every second one stood in quotes.
  const spans = text.split('"');
  const words: Chunk[] = [];
  const phrases: string[] = [];
  for (const [at, span] of spans.entries()) {
    const last = at === spans.length - 1;
    if (words.length + phrases.length >= MAX_TERMS) break;
    if (at % 2 === 0) words.push(...chunksOf(span).slice(0, MAX_TERMS - words.length - phrases.length));
    // Quotes that are not closed yet go to the end; with nothing behind them they are only about to begin.
    else if (!last || span !== '') phrases.push(span.toLowerCase());
  }
  const open = spans.length % 2 === 1 && spans.at(-1) !== '';
  return { text, folded: fold(text), words, open, phrases };
}
