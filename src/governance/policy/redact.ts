/**
 * Redaction: every string of a value, names of members included, with a marker for whatever looks personal or secret, and
 * whatever stands under a name that tells so, such as `password` or `ssn`.
 * It works on the strings of the tree, never on serialised text, where an escape sequence beside an address would
 * hide it or break the text. What is recognised, and how, is in detect/.
 */

import { isRecord } from '../../wire/value.js';
import { findAssignments } from './detect/assignments.js';
import { readable } from './detect/digits.js';
import { findEmails } from './detect/email.js';
import { findIbans } from './detect/iban.js';
import { findIps } from './detect/ip.js';
import { markerUnder, type NameKind, nameKind } from './detect/names.js';
import { findCards, findPhones, findSsns } from './detect/numbers.js';
import { findSecrets } from './detect/secrets.js';
import { type Find, replaceSpans } from './detect/spans.js';
import { findUrlSecrets } from './detect/urls.js';
import { copyTree } from './tree.js';

/** In this order: a longer thing first, before a part of it is taken for something else. */
const DETECTORS: readonly Find[] = [findSecrets, findUrlSecrets, findAssignments, findEmails];
/** These need a digit, or the colons of an address. */
const NUMBER_DETECTORS: readonly Find[] = [findSsns, findIbans, findCards, findIps, findPhones];
const NUMBERS = /\d|::/;

/**
 * Texts in which none of them can find anything: the shortest address has three characters, and what can do without a
 * digit, a sign or a point has eighteen. Most names and words are such, and this look costs a fiftieth of theirs.
 */
const INNOCENT = /^(?:.{0,2}|[A-Za-z_ ]{3,17})$/;

/** Whether nothing in the value can be redacted: then no copy is made. Deeper than this it is not looked for. */
function isInnocent(value: unknown, levels = 8): boolean {
  if (typeof value === 'string') return INNOCENT.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isInnocent(item, levels - 1));
  if (cellKinds(value) !== undefined) return false;
  for (const [name, member] of Object.entries(value)) {
    if (nameKind(name) !== undefined || !INNOCENT.test(name) || !isInnocent(member, levels - 1)) return false;
  }
  return true;
}

/** A redacted copy, or the value itself where nothing in it can be. Members whose names become one are told apart by a number: nothing is lost. */
export function redact(value: unknown): unknown {
  if (isInnocent(value)) return value;
  return copyTree<Place>(value, undefined, {
    leaf(leaf, place) {
      const marker = typeof place === 'string' ? markerUnder(place, leaf) : undefined;
      return marker ?? (typeof leaf === 'string' ? redactText(leaf) : leaf);
    },
    enter(container, place) {
      // Everything below a telling name is of its kind, however it is parted.
      if (typeof place === 'string') return () => place;
      if (!isRecord(container)) return (at) => cell(place, Number(at));
      const kinds = cellKinds(container);
      return (name) =>
        kinds !== undefined && name === 'rows' ? { kind: 'rows', kinds } : nameKind(String(name));
    },
    rename,
  });
}

/** What a value stands under: a telling name, or the rows or one row of a table with the kinds of its columns. */
type Place = NameKind | { kind: 'rows' | 'row'; kinds: readonly (NameKind | undefined)[] } | undefined;

function cell(place: Exclude<Place, NameKind>, at: number): Place {
  if (place?.kind === 'rows') return { kind: 'row', kinds: place.kinds };
  return place?.kinds[at];
}

/** The kinds of a table's columns, `{ columns: [{ name }], rows: [[…]] }`; undefined where no name tells anything. */
function cellKinds(value: object): readonly (NameKind | undefined)[] | undefined {
  if (!('columns' in value && 'rows' in value)) return undefined;
  if (!Array.isArray(value.columns) || !Array.isArray(value.rows)) return undefined;
  const kinds = value.columns.map((column: unknown) => {
    const name = isRecord(column) ? column.name : column;
    return typeof name === 'string' ? nameKind(name) : undefined;
  });
  return kinds.some((kind) => kind !== undefined) ? kinds : undefined;
}

/** Takes time in proportion to the text, whatever is in it. */
export function redactText(text: string): string {
  if (INNOCENT.test(text)) return text;
  // What detectors read, and what is shown: the same places in both.
  let read = readable(text);
  let shown = text;
  const apply = (detectors: readonly Find[]): void => {
    for (const find of detectors) {
      const spans = find(read);
      if (spans.length === 0) continue;
      const same = read === shown;
      shown = replaceSpans(shown, spans);
      read = same ? shown : replaceSpans(read, spans);
    }
  };
  apply(DETECTORS);
  if (NUMBERS.test(read)) apply(NUMBER_DETECTORS);
  return shown;
}

function rename(names: readonly string[]): readonly string[] {
  const redacted = names.map(redactText);
  const taken = new Set(names.filter((name, index) => redacted[index] === name));
  const used = new Map<string, number>();
  return redacted.map((name, index) => {
    if (name === names[index]) return name;
    // Counting goes on where it stopped: a thousand addresses as names take a thousand steps.
    let count = used.get(name) ?? 0;
    let free: string;
    do {
      count += 1;
      free = count === 1 ? name : `${name}#${count}`;
    } while (taken.has(free));
    used.set(name, count);
    taken.add(free);
    return free;
  });
}
