/** Lays a JSON body out with one member per line, each with its note. Nothing else changes. */
import { isRecord } from '../../wire/value.js';
import { memberNote, type Side, type Topic } from '../annotations/annotations.js';
import type { Note } from '../annotations/note.js';

export type Part = { text: string; note?: Note | undefined; kind?: 'name' | 'aside' };
export type Line = readonly Part[];

/** A value up to this length stays on one line if nothing in it has a note. */
const MAX_INLINE = 72;

export function jsonLines(side: Side, value: unknown, era: Topic): Line[] {
  const lines: Part[][] = [[]];
  const add = (part: Part): void => void lines.at(-1)?.push(part);
  const layOut = (one: unknown, path: readonly string[], depth: number): void => {
    const children = Array.isArray(one)
      ? one.map((child): [string | undefined, unknown] => [undefined, child])
      : isRecord(one)
        ? Object.entries(one)
        : undefined;
    if (children === undefined || children.length === 0 || fits(side, one, path, era)) {
      add({ text: spaced(one) });
      return;
    }
    const [opening, closing] = Array.isArray(one) ? '[]' : '{}';
    add({ text: opening ?? '' });
    for (const [at, [name, child]] of children.entries()) {
      lines.push([]);
      add({ text: '  '.repeat(depth + 1) });
      const inner = name === undefined ? path : [...path, name];
      if (name !== undefined) {
        add({ text: JSON.stringify(name), note: memberNote(side, inner, child, era), kind: 'name' });
        add({ text: ': ' });
      }
      layOut(child, inner, depth + 1);
      if (at < children.length - 1) add({ text: ',' });
    }
    lines.push([]);
    add({ text: `${'  '.repeat(depth)}${closing}` });
  };
  layOut(value, [], 0);
  return lines;
}

function fits(side: Side, value: unknown, path: readonly string[], era: Topic): boolean {
  // A whole message is always laid out: it is what the reader is here for.
  if (path.length === 0 || JSON.stringify(value).length > MAX_INLINE) return false;
  const hasNote = (one: unknown, at: readonly string[]): boolean =>
    isRecord(one)
      ? Object.entries(one).some(
          ([name, child]) =>
            memberNote(side, [...at, name], child, era) !== undefined || hasNote(child, [...at, name]),
        )
      : Array.isArray(one) && one.some((child) => hasNote(child, at));
  return !hasNote(value, path);
}

/** JSON with the spaces that people put. */
export function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, child]) => `${JSON.stringify(name)}: ${spaced(child)}`);
  return `{${members.join(', ')}}`;
}
