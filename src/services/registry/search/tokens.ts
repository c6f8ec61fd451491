/** Text as it is compared, and the words that it is made of. What is looked for in quotes never comes here. */

/** A word between spaces: as a whole (`jira.search`), and what its parts are made of (`jira`; `search`). */
export type Chunk = {
  whole: string;
  /** Between separators; of more than one piece where capitals divide it: `readOnly` is `readonly`, `read` and `only`. */
  parts: readonly { whole: string; pieces: readonly string[] }[];
};

// Marks belong to the letter before them: a decomposed letter that has no composed form stays one word.
const PART = /[\p{L}\p{N}\p{M}]+/gu;
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const IN_WORD = /[\p{L}\p{N}\p{M}]/u;
/** A longer token is cut: no query is as long. */
const MAX_TOKEN = 200;

export function fold(text: string): string {
  return lower(text.normalize('NFKC'));
}

// The same Greek letter is written in two ways, by its place in the word; a part of a name ends elsewhere than the name.
function lower(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ').slice(0, MAX_TOKEN);
}

/** A whole is as it was written: `jira.` is the beginning of `jira.search`. */
export function chunksOf(text: string): Chunk[] {
  return text
    .normalize('NFKC')
    .split(/\s+/u)
    .flatMap((word) => {
      const parts = (word.match(PART) ?? []).map((part) => ({
        whole: lower(part),
        pieces: part.split(HUMP).map(lower),
      }));
      // Nobody means a dash or a bracket by itself; in quotes it is looked for.
      return parts.length === 0 ? [] : [{ whole: lower(word), parts }];
    });
}

/** From the first to the last character of a word. */
function withoutEdges(whole: string): string {
  const characters = [...whole];
  const inWord = (character: string): boolean => IN_WORD.test(character);
  const first = characters.findIndex(inWord);
  return first === -1 ? '' : characters.slice(first, characters.findLastIndex(inWord) + 1).join('');
}

/** Every token of a text, each once. */
export function tokensOf(text: string): Set<string> {
  const tokens = new Set<string>();
  for (const { whole, parts } of chunksOf(text)) {
    // Of a sentence, so without its brackets and full stops.
    tokens.add(withoutEdges(whole));
    for (const part of parts) {
      tokens.add(part.whole);
      for (const piece of part.pieces) tokens.add(piece);
    }
  }
  return tokens;
}
