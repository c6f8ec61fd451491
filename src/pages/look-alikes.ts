/**
 * Finds letters that pass for letters of another alphabet, by two rules that need no table of look-alikes:
 *
 * 1. A word mixes alphabets that share shapes: a Cyrillic а in `pаypal`. The letters of the rarer alphabet are found.
 * 2. A word of two or more characters is written in capitals and small letters that Latin has as well, and so is everything else
 *    of that alphabet in the text: `ОРЅ`, all Cyrillic. In a Russian sentence such words are normal.
 *
 * So a sentence in one language is left alone, and so is a word that adds Latin to a script without shared shapes, such as Tシャツ. A
 * text that is only `СССР` is named: nobody can tell it from Latin. Limits: Latin letters that look like each other (ı, ɑ),
 * punctuation, scripts that are not in the table, and rule 2 in a text that has another word of the same alphabet.
 *
 * @see https://www.unicode.org/reports/tr39/#Mixed_Script_Detection
 */
import { UNSEEN_IN_TEXT } from './unseen.js';

/** The letters of each alphabet. Latin comes first, so that it wins a tie. */
const ALPHABETS = {
  Latin: '\\p{Script=Latin}',
  Cyrillic: '\\p{Script=Cyrillic}',
  // Not those of units and formulas that look like nothing else: kΩ, ΔT.
  Greek: '(?![ΓΔΘΛΞΠΣΦΨΩδθλμξπφψ])\\p{Script=Greek}',
  Armenian: '\\p{Script=Armenian}',
  Cherokee: '\\p{Script=Cherokee}',
  Coptic: '\\p{Script=Coptic}',
  Lisu: '\\p{Script=Lisu}',
  // 𝗈𝗉𝗌: letters for formulas, which belong to no script.
  mathematical: '[\\u{1d400}-\\u{1d7ff}]',
} as const;
type Alphabet = keyof typeof ALPHABETS;
const NAMES = Object.keys(ALPHABETS) as Alphabet[];

const LETTERS = new RegExp(NAMES.map((name) => `(?<${name}>(?:${ALPHABETS[name]})+)`).join('|'), 'gu');
/** Invisible characters do not end a word. */
const WORD = new RegExp(`(?:[\\p{L}\\p{M}\\p{N}_]|${UNSEEN_IN_TEXT})+`, 'gu');
const NOT_LATIN = new RegExp(
  NAMES.slice(1)
    .map((name) => ALPHABETS[name])
    .join('|'),
  'u',
);

/** A letter that no Latin one looks like. Mathematical letters have none. */
const UNLIKE_LATIN: { [Name in Alphabet]?: RegExp } = {
  Cyrillic: /(?![АВЕЅІЈКМНОРСТХУЗԚԜӀаеѕіјорсхуԛԝԁһӏ])\p{Script=Cyrillic}/u,
  Greek: /(?![ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρϲϳ])\p{Script=Greek}/u,
  mathematical: /(?!)/u,
};

/** Letters of one alphabet that stand next to each other, and where. */
export type LookAlike = { alphabet: Alphabet; letters: string; at: number; length: number };

export function* lookAlikes(text: string): Generator<LookAlike> {
  if (!NOT_LATIN.test(text)) return;
  const passesForLatin = new Map<Alphabet, boolean>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!NOT_LATIN.test(word)) continue;
    const runs = [...runsOf(word, index)];
    const main = mainAlphabet(runs);
    if (runs.some(({ alphabet }) => alphabet !== main)) {
      yield* runs.filter(({ alphabet }) => alphabet !== main);
      continue;
    }
    const passes = passesForLatin.get(main) ?? UNLIKE_LATIN[main]?.test(text) === false;
    passesForLatin.set(main, passes);
    if (passes && word.length > 1) yield* runs;
  }
}

/** The same in a JSON text, whose strings are separate texts and may hold escapes such as `\n`, which are no letters. */
export function* lookAlikesInJson(json: string): Generator<LookAlike> {
  const masked = json.replace(/\\(?:u[\da-f]{4}|.)/g, (sequence) => ' '.repeat(sequence.length));
  for (const { 0: string, index } of masked.matchAll(/"[^"]*"/g))
    for (const lookAlike of lookAlikes(string)) yield { ...lookAlike, at: index + lookAlike.at };
}

function* runsOf(word: string, start: number): Generator<LookAlike> {
  for (const { 0: letters, index, groups = {} } of word.matchAll(LETTERS)) {
    const alphabet = NAMES.find((name) => groups[name] !== undefined) ?? 'Latin';
    yield { alphabet, letters, at: start + index, length: letters.length };
  }
}

function mainAlphabet(runs: readonly LookAlike[]): Alphabet {
  const count = (name: Alphabet): number =>
    runs.reduce((sum, { alphabet, length }) => (alphabet === name ? sum + length : sum), 0);
  return NAMES.reduce((main, name) => (count(name) > count(main) ? name : main));
}
