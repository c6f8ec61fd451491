/**
 * A traced exchange as lines of parts, each part with its note: what the terminal and the pages show alike. Bodies that are
 * JSON are laid out, a member a line; nothing else is changed.
 */
import type { Era } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import {
  eventNote,
  headerNote,
  memberNote,
  requestLineNote,
  type Side,
  statusNote,
} from '../annotations/annotations.js';
import type { Note } from '../annotations/note.js';
import { type Body, eraOf, jsonOf, type Traced } from './exchange.js';
import type { Header } from './mask.js';

export type Part = { text: string; note?: Note | undefined; kind?: 'name' | 'aside' };
export type Line = readonly Part[];

/** What fits on a line stays on it, where nothing in it has a note. */
const SHORT = 72;

export function requestLines(traced: Traced): Line[] {
  const era = eraOf(traced);
  const discovery = traced.path.startsWith('/.well-known/');
  return [
    [{ text: traced.line, note: requestLineNote(traced.verb, discovery, era) }],
    ...traced.headers.flatMap((header) => [
      headerLine('request', header, era),
      ...(header.name.toLowerCase() === 'authorization' ? tokenLines(traced) : []),
    ]),
    ...bodyLines('request', traced.body, era),
  ];
}

export function answerLines(traced: Traced): Line[] {
  const { answer } = traced;
  if (answer === undefined) return [];
  const era = eraOf(traced);
  return [
    ...headLines(traced),
    ...(answer.stream ? [[], ...frameLines(answer.body.text, era)] : bodyLines('response', answer.body, era)),
    ...(answer.stream ? rest(answer.body) : []),
  ];
}

export function headLines(traced: Traced): Line[] {
  const { answer } = traced;
  if (answer === undefined) return [];
  const era = eraOf(traced);
  return [
    [{ text: answer.line, note: statusNote(answer.status, era) }],
    ...answer.headers.map((header) => headerLine('response', header, era)),
  ];
}

/** The text without the line breaks at its end. */
export function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end -= 1;
  return text.slice(0, end);
}

/** Lines of an event stream; the message in each is laid out. */
export function frameLines(text: string, era: Era): Line[] {
  return `${withoutLastBreaks(text)}${text.endsWith('\n') ? '\n' : ''}`
    .split('\n')
    .flatMap((line): Line[] => {
      const [, field] = /^(\w*):/.exec(line) ?? [];
      if (field === undefined) return [[{ text: line }]];
      const note = eventNote(field, era);
      const value = field === 'data' ? jsonOf({ text: line.slice(6), bytes: 0, cut: false }) : undefined;
      if (!isRecord(value)) return [[{ text: line, note }]];
      const [first = [], ...others] = jsonLines('response', value, era);
      return [[{ text: 'data: ', note, kind: 'name' }, ...first], ...others];
    });
}

function headerLine(side: Side, { name, value }: Header, era: Era): Line {
  return [{ text: name, note: headerNote(side, name, era), kind: 'name' }, { text: `: ${value}` }];
}

/** Not on the wire like this: what the token in it says. */
function tokenLines({ token }: Traced): Line[] {
  if (token === undefined) return [];
  const said = (what: string, value: unknown): Line => [
    { text: `  ${what} ${JSON.stringify(value)}`, kind: 'aside' },
  ];
  return [said('its header says', token.header), said('its claims say', token.claims)];
}

function bodyLines(side: Side, body: Body, era: Era): Line[] {
  if (body.bytes === 0) return [];
  const value = jsonOf(body);
  const lines =
    value === undefined ? body.text.split('\n').map((text): Line => [{ text }]) : jsonLines(side, value, era);
  return [[], ...lines, ...rest(body)];
}

function rest({ cut, bytes }: Body): Line[] {
  return cut ? [[{ text: `… (${bytes} bytes in all)`, kind: 'aside' }]] : [];
}

function jsonLines(side: Side, value: unknown, era: Era): Line[] {
  const lines: Part[][] = [[]];
  const put = (part: Part): void => void lines.at(-1)?.push(part);
  const lay = (one: unknown, path: readonly string[], depth: number): void => {
    const children = Array.isArray(one)
      ? one.map((child): [string | undefined, unknown] => [undefined, child])
      : isRecord(one)
        ? Object.entries(one)
        : undefined;
    if (children === undefined || children.length === 0 || fits(side, one, path, era)) {
      put({ text: spaced(one) });
      return;
    }
    const [opening, closing] = Array.isArray(one) ? '[]' : '{}';
    put({ text: opening ?? '' });
    for (const [at, [name, child]] of children.entries()) {
      lines.push([]);
      put({ text: '  '.repeat(depth + 1) });
      const inner = name === undefined ? path : [...path, name];
      if (name !== undefined) {
        put({ text: JSON.stringify(name), note: memberNote(side, inner, child, era), kind: 'name' });
        put({ text: ': ' });
      }
      lay(child, inner, depth + 1);
      if (at < children.length - 1) put({ text: ',' });
    }
    lines.push([]);
    put({ text: `${'  '.repeat(depth)}${closing}` });
  };
  lay(value, [], 0);
  return lines;
}

function fits(side: Side, value: unknown, path: readonly string[], era: Era): boolean {
  // A message is always laid out: it is what a learner is here for.
  if (path.length === 0 || JSON.stringify(value).length > SHORT) return false;
  const noted = (one: unknown, at: readonly string[]): boolean =>
    isRecord(one)
      ? Object.entries(one).some(
          ([name, child]) =>
            memberNote(side, [...at, name], child, era) !== undefined || noted(child, [...at, name]),
        )
      : Array.isArray(one) && one.some((child) => noted(child, at));
  return !noted(value, path);
}

/** JSON with a space where people put one. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, child]) => `${JSON.stringify(name)}: ${spaced(child)}`);
  return `{${members.join(', ')}}`;
}
