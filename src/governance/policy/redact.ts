/**
 * Redaction for the audit log: replaces whatever looks personal or secret by a marker, in every string of a value and in the names
 * of members, and everything under a name such as `password` or `ssn`. It works on the strings of the tree and never on serialised
 * text, where an escape sequence beside an address would hide it or break the text. What is recognised, and how, is in detect/.
 * What a caller may not read in a result is another matter: see columns.ts.
 */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { EMAILS, IPS, URL_SECRETS } from './detect/addresses.js';
import { ASSIGNMENTS } from './detect/assignments.js';
import { markerUnder, type NameKind, nameKind } from './detect/names.js';
import { CARDS, IBANS, PHONES, SSNS } from './detect/numbers.js';
import { SECRETS } from './detect/secrets.js';
import { findSpans, type Row, replaceSpans } from './detect/spans.js';

type Steps = readonly (readonly Row[])[];

/** In this order: a longer thing first, before a part of it is taken for something else. */
const SECRET_STEPS: Steps = [SECRETS, URL_SECRETS, ASSIGNMENTS];
const STEPS = [...SECRET_STEPS, EMAILS];
/** These need a digit, or two colons of an address with at most four letters between them. */
const NUMBER_STEPS: Steps = [SSNS, IBANS, CARDS, IPS, PHONES];
const HAS_NUMBER = /\d|:[\da-f]{0,4}:/i;
const ALL_STEPS = [...STEPS, ...NUMBER_STEPS];

/**
 * Texts in which no detector can find anything: the shortest address has three characters, and what needs no digit, sign or dot
 * has eighteen. Most names and words are such, and this check costs a fiftieth of the detectors.
 */
const INNOCENT = /^(?:.{0,2}|[A-Za-z_ ]{3,17})$/;

/** Takes time in proportion to the length of the text, whatever is in it. */
export function redactText(text: string): string {
  if (INNOCENT.test(text)) return text;
  return replaceAll(text, STEPS, ALL_STEPS);
}

/** Only secrets, for the log of the process, whose reader needs to know which address does not answer. */
export function redactSecrets(text: string): string {
  return replaceAll(text, SECRET_STEPS);
}

function replaceAll(text: string, steps: Steps, stepsWithNumber = steps): string {
  // The text for detectors and the text for people, with the same places in both.
  let ascii = FOREIGN.test(text) ? toAscii(text) : text;
  let redacted = text;
  for (const rows of HAS_NUMBER.test(ascii) ? stepsWithNumber : steps) {
    const spans = findSpans(ascii, rows);
    if (spans.length === 0) continue;
    const isSame = ascii === redacted;
    redacted = replaceSpans(redacted, spans);
    ascii = isSame ? redacted : replaceSpans(ascii, spans);
  }
  return redacted;
}

/** The name that says what a value is, or the rows or one row of a table with the kinds of its columns. */
type Place = NameKind | { kind: 'rows' | 'row'; kinds: readonly (NameKind | undefined)[] } | undefined;

/** A redacted copy. Names that become equal get a number. */
export function redact(value: unknown): unknown {
  return copyTree<Place>(value, undefined, REDACTION);
}

const REDACTION: Visitor<Place> = {
  leaf(value, place) {
    const marker = typeof place === 'string' ? markerUnder(place, value) : undefined;
    return marker ?? (typeof value === 'string' ? redactText(value) : value);
  },
  child(container, place, key) {
    // The name also counts for everything below.
    if (typeof place === 'string') return place;
    if (typeof key === 'number')
      return place?.kind === 'rows' ? { kind: 'row', kinds: place.kinds } : place?.kinds[key];
    const kinds = key === 'rows' ? columnKinds(container as JsonObject) : undefined;
    return kinds === undefined ? nameKind(key) : { kind: 'rows', kinds };
  },
  rename(names) {
    for (const name of names) if (redactText(name) !== name) return redactNames(names);
    return names;
  },
};

/** The kinds of a table's columns, `{ columns: [{ name }], rows: [[…]] }`; undefined where no column name says anything. */
function columnKinds({ columns, rows }: JsonObject): readonly (NameKind | undefined)[] | undefined {
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  const kinds = columns.map((column: unknown) => {
    const name = isRecord(column) ? column.name : column;
    return typeof name === 'string' ? nameKind(name) : undefined;
  });
  return kinds.some((kind) => kind !== undefined) ? kinds : undefined;
}

function redactNames(names: readonly string[]): readonly string[] {
  const redacted = names.map(redactText);
  const takenNames = new Set(names.filter((name, index) => redacted[index] === name));
  const counts = new Map<string, number>();
  return redacted.map((name, index) => {
    if (name === names[index]) return name;
    // Counting continues where it stopped, so that a thousand addresses as names take a thousand steps.
    let count = counts.get(name) ?? 0;
    let free: string;
    do {
      count += 1;
      free = count === 1 ? name : `${name}#${count}`;
    } while (takenNames.has(free));
    counts.set(name, count);
    takenNames.add(free);
    return free;
  });
}

/** How a copy of a JSON tree differs. A place is what a visitor has to know about the position of a value. */
type Visitor<Place> = {
  /** The replacement of a string, a number, a boolean or null. */
  leaf(value: unknown, place: Place): unknown;
  /** The place of a child, by its name in an object or its index in an array. */
  child(container: object, place: Place, key: string | number): Place;
  /** The new names of an object's members, each of them once. */
  rename(names: readonly string[]): readonly string[];
};

/** Without recursion, because deep nesting would overflow the call stack. */
export function copyTree<Place>(root: unknown, rootPlace: Place, visitor: Visitor<Place>): unknown {
  const waiting: { from: object; to: object; place: Place }[] = [];
  // Children are inserted at once and filled later, so that the order of members stays.
  const copy = (value: unknown, place: Place): unknown => {
    if (typeof value !== 'object' || value === null) return visitor.leaf(value, place);
    const to = Array.isArray(value) ? [] : {};
    waiting.push({ from: value, to, place });
    return to;
  };
  const copied = copy(root, rootPlace);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { from, to, place } = next;
    if (Array.isArray(from)) {
      for (let at = 0; at < from.length; at += 1)
        (to as unknown[]).push(copy(from[at], visitor.child(from, place, at)));
      continue;
    }
    const names = Object.keys(from);
    const renamed = visitor.rename(names);
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] ?? '';
      const value = copy((from as JsonObject)[name], visitor.child(from, place, name));
      const copiedName = renamed[at] ?? name;
      // An assignment to a member of this name would replace the prototype. All others are assigned, in a tenth of the time.
      if (copiedName !== '__proto__') (to as JsonObject)[copiedName] = value;
      else
        Object.defineProperty(to, copiedName, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
    }
  }
  return copied;
}

/** No character that `toAscii` changes comes before this one. */
const FOREIGN = /[\u0660-\uffff]/;
const DIGIT = /\p{Nd}/u;

/** Full-width forms, and digits of other scripts that are one UTF-16 unit long, as ASCII of the same length. */
export function toAscii(text: string): string {
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
