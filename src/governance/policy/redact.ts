/**
 * Redaction: replaces whatever looks personal or secret by a marker, in every string of a value and in the names of members, and
 * everything under a name such as `password` or `ssn`. It works on the strings of the tree and never on serialised text, where an
 * escape sequence beside an address would hide it or break the text. What is recognised, and how, is in detect/.
 */
import { isRecord } from '../../wire/value.js';
import { findEmails, findIps, findUrlSecrets } from './detect/addresses.js';
import { findAssignments } from './detect/assignments.js';
import { markerUnder, type NameKind, nameKind } from './detect/names.js';
import { findCards, findIbans, findPhones, findSsns } from './detect/numbers.js';
import { findSecrets } from './detect/secrets.js';
import { type Find, replaceSpans } from './detect/spans.js';
import { copyTree } from './tree.js';

/** In this order: a longer thing first, before a part of it is taken for something else. */
const DETECTORS: readonly Find[] = [findSecrets, findUrlSecrets, findAssignments, findEmails];
/** These need a digit, or the colons of an address. */
const NUMBER_DETECTORS: readonly Find[] = [findSsns, findIbans, findCards, findIps, findPhones];
const NUMBERS = /\d|::/;

/**
 * Texts in which no detector can find anything: the shortest address has three characters, and what needs no digit, sign or dot
 * has eighteen. Most names and words are such, and this check costs a fiftieth of the detectors.
 */
const INNOCENT = /^(?:.{0,2}|[A-Za-z_ ]{3,17})$/;

/** Whether nothing in the value can be redacted, so that no copy is needed. Deeper levels count as not innocent. */
function isInnocent(value: unknown, levels = 8): boolean {
  if (typeof value === 'string') return INNOCENT.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isInnocent(item, levels - 1));
  if (columnKinds(value) !== undefined) return false;
  for (const [name, member] of Object.entries(value)) {
    if (nameKind(name) !== undefined || !INNOCENT.test(name) || !isInnocent(member, levels - 1)) return false;
  }
  return true;
}

/** The name that says what a value is, or the rows or one row of a table with the kinds of its columns. */
type Place = NameKind | { kind: 'rows' | 'row'; kinds: readonly (NameKind | undefined)[] } | undefined;

/** A redacted copy, or the value itself where nothing in it can be redacted. Names that become equal get a number. */
export function redact(value: unknown): unknown {
  if (isInnocent(value)) return value;
  return copyTree<Place>(value, undefined, {
    leaf(leaf, place) {
      const marker = typeof place === 'string' ? markerUnder(place, leaf) : undefined;
      return marker ?? (typeof leaf === 'string' ? redactText(leaf) : leaf);
    },
    enter(container, place) {
      // The name also counts for everything below.
      if (typeof place === 'string') return () => place;
      if (!isRecord(container)) return (at) => itemPlace(place, Number(at));
      const kinds = columnKinds(container);
      return (name) =>
        kinds !== undefined && name === 'rows' ? { kind: 'rows', kinds } : nameKind(String(name));
    },
    rename: redactNames,
  });
}

function itemPlace(place: Exclude<Place, NameKind>, at: number): Place {
  return place?.kind === 'rows' ? { kind: 'row', kinds: place.kinds } : place?.kinds[at];
}

/** The kinds of a table's columns, `{ columns: [{ name }], rows: [[…]] }`; undefined where no column name says anything. */
function columnKinds(value: object): readonly (NameKind | undefined)[] | undefined {
  if (!('columns' in value && 'rows' in value)) return undefined;
  if (!Array.isArray(value.columns) || !Array.isArray(value.rows)) return undefined;
  const kinds = value.columns.map((column: unknown) => {
    const name = isRecord(column) ? column.name : column;
    return typeof name === 'string' ? nameKind(name) : undefined;
  });
  return kinds.some((kind) => kind !== undefined) ? kinds : undefined;
}

/** Takes time in proportion to the length of the text, whatever is in it. */
export function redactText(text: string): string {
  if (INNOCENT.test(text)) return text;
  // The text for detectors and the text for people, with the same places in both.
  let ascii = toAscii(text);
  let redacted = text;
  const apply = (detectors: readonly Find[]): void => {
    for (const find of detectors) {
      const spans = find(ascii);
      if (spans.length === 0) continue;
      const isSame = ascii === redacted;
      redacted = replaceSpans(redacted, spans);
      ascii = isSame ? redacted : replaceSpans(ascii, spans);
    }
  };
  apply(DETECTORS);
  if (NUMBERS.test(ascii)) apply(NUMBER_DETECTORS);
  return redacted;
}

function redactNames(names: readonly string[]): readonly string[] {
  const redacted = names.map(redactText);
  const taken = new Set(names.filter((name, index) => redacted[index] === name));
  const counts = new Map<string, number>();
  return redacted.map((name, index) => {
    if (name === names[index]) return name;
    // Counting continues where it stopped, so that a thousand addresses as names take a thousand steps.
    let count = counts.get(name) ?? 0;
    let free: string;
    do {
      count += 1;
      free = count === 1 ? name : `${name}#${count}`;
    } while (taken.has(free));
    counts.set(name, count);
    taken.add(free);
    return free;
  });
}

/** No character that `toAscii` changes comes before this one. */
const FOREIGN = /[\u0660-\uffff]/;
const DIGIT = /\p{Nd}/u;

/** Full-width forms, and digits of other scripts that are one UTF-16 unit long, as ASCII of the same length. */
export function toAscii(text: string): string {
  if (!FOREIGN.test(text)) return text;
  return text.replace(/[\uff01-\uff5e\u2212]|(?!\d)\p{Nd}/gu, (character) => {
    if (character.length > 1) return character;
    const code = character.charCodeAt(0);
    if (code === 0x2212) return '-';
    if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xff01 + 0x21);
    // The ten digits of a script follow each other.
    let value = 0;
    while (value < 9 && DIGIT.test(String.fromCharCode(code - value - 1))) value += 1;
    return String(value);
  });
}
