/**
 * Turns a traced exchange into lines of parts, each part with its note, for the terminal and the pages. JSON bodies are laid
 * out with one member per line; nothing else changes.
 */
import { isRecord } from '../../wire/value.js';
import {
  eventNote,
  fieldNote,
  headerNote,
  memberNote,
  requestLineNote,
  type Side,
  statusNote,
  type Topic,
} from '../annotations/annotations.js';
import type { Note } from '../annotations/note.js';
import { parseJson } from '../json.js';
import { type Body, jsonOf, type Traced, topicOf } from './exchange.js';
import type { Header } from './mask.js';

export type Part = { text: string; note?: Note | undefined; kind?: 'name' | 'aside' };
export type Line = readonly Part[];

/** A JSON value up to this length stays on one line if nothing in it has a note. */
const MAX_INLINE = 72;

export function requestLines(traced: Traced): Line[] {
  const era = topicOf(traced);
  return [
    requestLine(traced, era),
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
  const era = topicOf(traced);
  return [
    ...headLines(traced),
    ...(answer.stream ? [[], ...frameLines(answer.body.text, era)] : bodyLines('response', answer.body, era)),
    ...(answer.stream ? cutLine(answer.body) : []),
  ];
}

export function headLines(traced: Traced): Line[] {
  const { answer } = traced;
  if (answer === undefined) return [];
  const era = topicOf(traced);
  return [
    [{ text: answer.line, note: statusNote(answer.status, era) }],
    ...answer.headers.map((header) => headerLine('response', header, era)),
  ];
}

/** The parameters of an address are explained one by one where they say what is asked. */
function requestLine({ line, verb, path }: Traced, topic: Topic): Line {
  const note = requestLineNote(verb, path, topic);
  const [, address, query, rest] = /^([^?]*\?)(\S*)( .*)$/.exec(line) ?? [];
  if (topic !== 'oauth' || address === undefined || query === undefined) return [{ text: line, note }];
  return [{ text: address, note }, ...formParts(query), { text: rest ?? '' }];
}

function formParts(text: string): Part[] {
  return text.split('&').flatMap((field, at): Part[] => {
    const [name = ''] = field.split('=', 1);
    const between: Part[] = at === 0 ? [] : [{ text: '&' }];
    return [
      ...between,
      { text: name, note: fieldNote(name), kind: 'name' },
      { text: field.slice(name.length) },
    ];
  });
}

// A pattern that begins with \n+ and ends with $ would backtrack.
export function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end -= 1;
  return text.slice(0, end);
}

/** Lines of an event stream, with the message in each event laid out. */
export function frameLines(text: string, era: Topic): Line[] {
  return `${withoutLastBreaks(text)}${text.endsWith('\n') ? '\n' : ''}`
    .split('\n')
    .flatMap((line): Line[] => {
      const [, field] = /^(\w*):/.exec(line) ?? [];
      if (field === undefined) return [[{ text: line }]];
      const note = eventNote(field, era);
      const value = field === 'data' ? parseJson(line.slice(6)) : undefined;
      if (!isRecord(value)) return [[{ text: line, note }]];
      const [first = [], ...others] = jsonLines('response', value, era);
      return [[{ text: 'data: ', note, kind: 'name' }, ...first], ...others];
    });
}

/** A message that stands alone, as on stdio. Without an era, the message itself says which. */
export function messageLines(side: Side, text: string, era?: Topic): Line[] {
  const value = parseJson(text);
  if (value === undefined) return textLines(text);
  const meta = isRecord(value) && isRecord(value.params) && isRecord(value.params._meta);
  return jsonLines(side, value, era ?? (meta ? 'modern' : 'legacy'));
}

function textLines(text: string): Line[] {
  return text.split('\n').map((line) => [{ text: line }]);
}

function headerLine(side: Side, { name, value }: Header, era: Topic): Line {
  return [{ text: name, note: headerNote(side, name, era), kind: 'name' }, { text: `: ${value}` }];
}

/** The decoded token. It is not on the wire like this. */
function tokenLines({ token }: Traced): Line[] {
  if (token === undefined) return [];
  return [
    [{ text: `  its header says ${spaced(token.header)}`, kind: 'aside' }],
    [{ text: `  its claims say ${spaced(token.claims)}`, kind: 'aside' }],
  ];
}

function bodyLines(side: Side, body: Body, era: Topic): Line[] {
  if (body.bytes === 0) return [];
  if (body.isPage === true) return [[], pageLine(body)];
  if (era === 'oauth' && jsonOf(body) === undefined) return [[], formParts(body.text), ...cutLine(body)];
  const lines = body.cut ? textLines(body.text) : messageLines(side, body.text, era);
  return [[], ...lines, ...cutLine(body)];
}

function pageLine({ bytes }: Body): Line {
  return [{ text: `(an HTML page of ${bytes} bytes, which the trace does not store)`, kind: 'aside' }];
}

function cutLine({ cut, bytes }: Body): Line[] {
  return cut ? [[{ text: `… (${bytes} bytes in all)`, kind: 'aside' }]] : [];
}

function jsonLines(side: Side, value: unknown, era: Topic): Line[] {
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
  const noted = (one: unknown, at: readonly string[]): boolean =>
    isRecord(one)
      ? Object.entries(one).some(
          ([name, child]) =>
            memberNote(side, [...at, name], child, era) !== undefined || noted(child, [...at, name]),
        )
      : Array.isArray(one) && one.some((child) => noted(child, at));
  return !noted(value, path);
}

/** JSON with the spaces that people put. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, child]) => `${JSON.stringify(name)}: ${spaced(child)}`);
  return `{${members.join(', ')}}`;
}
