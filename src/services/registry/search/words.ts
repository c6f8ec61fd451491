/** Splits text into the words that the search compares, and a query into words and phrases. */

// A combining mark belongs to the letter before it: some letters have no composed form.
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const CAMEL_CASE = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const MAX_WORD_LENGTH = 200;

/** Limits on the cost of one query. */
const MAX_CHARACTERS = 200;
const MAX_TERMS = 10;
const MAX_PIECES = 20;

/** Text as it is compared: in lower case, and the same however its characters are encoded. */
export function fold(text: string): string {
  return lower(text.normalize('NFKC'));
}

// The form of a small sigma depends on its place in a word, and a part of a name ends elsewhere.
function lower(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ').slice(0, MAX_WORD_LENGTH);
}

/** `readOnly` as a whole, `readonly`, and in pieces, `read` and `only`. */
type Word = { whole: string; pieces: readonly string[] };

function splitWords(text: string): Word[] {
  const words = text.normalize('NFKC').match(WORD) ?? [];
  return words.map((word) => ({ whole: lower(word), pieces: word.split(CAMEL_CASE).map(lower) }));
}

/** All words of a text, and their pieces. */
export function wordsOf(text: string): string[] {
  return splitWords(text).flatMap(({ whole, pieces }) => (pieces.length === 1 ? whole : [whole, ...pieces]));
}

/** A piece of a query; it also matches as part of the whole word that it was typed in. */
export type QueryWord = { piece: string; matches: readonly WordMatch[] };
export type WordMatch = { word: string; isPrefix: boolean };

export type Terms = {
  /** All of the query, to compare with names. */
  text: string;
  foldedText: string;
  words: readonly QueryWord[];
  /** Text from double quotes, in lower case. */
  phrases: readonly string[];
};

export function readTerms(q: string): Terms {
  const text = q.slice(0, MAX_CHARACTERS).trim();
  // Every second span stands in quotes.
  const spans = text.split('"');
  const words: Word[] = [];
  const phrases: string[] = [];
  for (const [index, span] of spans.entries()) {
    const termsLeft = Math.max(0, MAX_TERMS - words.length - phrases.length);
    if (index % 2 === 0) words.push(...splitWords(span).slice(0, termsLeft));
    // An open quote reaches to the end; with nothing behind it, somebody has only just typed it.
    else if (termsLeft > 0 && (index < spans.length - 1 || span !== '')) phrases.push(span.toLowerCase());
  }
  // Somebody may still be typing the last word.
  const isOpen = /[\p{L}\p{N}\p{M}]$/u.test(spans.at(-1) ?? '') && spans.length % 2 === 1;
  const pieces = words.flatMap(({ whole, pieces }, index) =>
    pieces.map((piece, at): QueryWord => {
      const isLast = isOpen && index === words.length - 1;
      const matches = new Map([
        [whole, isLast],
        [piece, isLast && at === pieces.length - 1],
      ]);
      return { piece, matches: [...matches].map(([word, isPrefix]) => ({ word, isPrefix })) };
    }),
  );
  return { text, foldedText: fold(text), words: pieces.slice(0, MAX_PIECES), phrases };
}
