/**
 * Redaction: every string of a value, names of members included, with a marker for whatever looks personal or secret.
 * It works on the strings of the tree, never on serialised text, where an escape sequence beside an address would
 * hide it or break the text. What is recognised, and how, is in detect/.
 */

import { redactEmails } from './detect/email.js';
import { redactIbans } from './detect/iban.js';
import { redactIps } from './detect/ip.js';
import { redactCards, redactPhones, redactSsns } from './detect/numbers.js';
import { redactSecrets } from './detect/secrets.js';
import { copyTree } from './tree.js';

/** In this order: a longer thing first, before a part of it is taken for something else. */
const DETECTORS: readonly ((text: string) => string)[] = [
  redactSecrets,
  redactEmails,
  redactSsns,
  redactIbans,
  redactCards,
  redactIps,
  redactPhones,
];

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
  for (const [name, member] of Object.entries(value)) {
    if (!INNOCENT.test(name) || !isInnocent(member, levels - 1)) return false;
  }
  return true;
}

/** A redacted copy, or the value itself where nothing in it can be. Members whose names become one are told apart by a number: nothing is lost. */
export function redact(value: unknown): unknown {
  if (isInnocent(value)) return value;
  return copyTree(value, undefined, {
    leaf: (leaf) => (typeof leaf === 'string' ? redactText(leaf) : leaf),
    enter: () => () => undefined,
    rename,
  });
}

/** Takes time in proportion to the text, whatever is in it. */
export function redactText(text: string): string {
  if (INNOCENT.test(text)) return text;
  return DETECTORS.reduce((rest, detect) => detect(rest), text);
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
