/**
 * One JQL value to its canonical text, or to the sentence that says why it is none. Whether a project or a person
 * of that name exists is the database's to say: see jira-search.ts.
 */
import { FIELDS, type Field, type FieldName } from './fields.js';

const MAX_WORDS = 20;
const MILLISECONDS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000 };
const OFFSET = /^([+-]?)(\d{1,4})([wdhm])$/;
const DATE = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[ T](\d{2}):(\d{2}))?$/;
const DATE_FORMS =
  '"2026-01-31", "2026-01-31 14:30" (UTC), or an offset from now such as -7d, -2w, -4h or -30m';

export type Reading = { text: string } | { problem: string };

export function readValue(name: FieldName, written: string, now: Date): Reading {
  const field: Field = FIELDS[name];
  if (field.kind === 'date') return readDate(written, now);
  if (field.kind === 'text') return readWords(written);
  if (field.kind === 'key') {
    if (/^[a-z][a-z0-9]*-[1-9]\d{0,8}$/i.test(written)) return { text: written.toUpperCase() };
    return { problem: `"${written}" is not an issue key; expected one such as PAY-12` };
  }
  if (field.choices !== undefined) {
    const choice = field.choices.find((each) => each.toLowerCase() === written.toLowerCase());
    if (choice !== undefined) return { text: choice };
    return {
      problem: `"${written}" is not a ${name}; use one of ${field.choices.map(quoteIfSpaced).join(', ')}`,
    };
  }
  return written.trim() === '' ? { problem: `${name} needs a value that is not blank` } : { text: written };
}

function readDate(written: string, now: Date): Reading {
  const offset = OFFSET.exec(written);
  if (offset !== null) {
    const [, sign, count, unit] = offset;
    const distance = Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
    return { text: new Date(now.getTime() + (sign === '-' ? -distance : distance)).toISOString() };
  }
  const date = DATE.exec(written);
  if (date !== null) {
    const [, year, month, day, hour = '00', minute = '00'] = date;
    const iso = `${year}-${month}-${day}T${hour}:${minute}:00.000Z`;
    const time = new Date(iso);
    // Date rolls 31 February over into March; what comes back must be what went in. PostgreSQL has no year 0.
    if (year !== '0000' && !Number.isNaN(time.getTime()) && time.toISOString() === iso) return { text: iso };
  }
  return { problem: `"${written}" is not a date; expected ${DATE_FORMS}` };
}

function readWords(written: string): Reading {
  const count = wordsOf(written).length;
  if (count === 0) return { problem: '~ needs at least one word to look for' };
  if (count > MAX_WORDS) return { problem: `~ looks for at most ${MAX_WORDS} words, these are ${count}` };
  return { text: written };
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function quoteIfSpaced(choice: string): string {
  return choice.includes(' ') ? `"${choice}"` : choice;
}
