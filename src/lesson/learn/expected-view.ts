/** What a transcript sends and expects, as lines with notes, before anything was sent. */
import type { Note } from '../annotations/note.js';
import type { TracedExchange, TracedResponse } from '../trace/exchange.js';
import { exchangeFromBytes } from '../trace/from-bytes.js';
import type { Line, Part } from '../trace/lines.js';
import { NO_MASK } from '../trace/mask.js';
import type { Expected, ExpectedText } from '../transcripts/expected.js';
import type { Turn } from './turns.js';

const FILLED_IN: Note = {
  what: 'filled in for you when you send it, because the transcript does not write it',
};

/** `addsToken` says whether the player adds a token. */
export function expectedExchange(turn: Turn, addsToken: boolean): TracedExchange {
  const { send, expect, server } = turn;
  const about = { number: turn.index + 1, server, time: '', mask: NO_MASK };
  const bytes = send?.kind === 'send' ? requestBytes(send, addsToken) : Buffer.alloc(0);
  return { ...exchangeFromBytes(bytes, undefined, about), answer: expect && answerOf(expect.expected) };
}

type Send = NonNullable<Turn['send']> & { kind: 'send' };

function requestBytes({ head, body }: Send, addsToken: boolean): Buffer {
  const [start, ...headers] = head.map(({ text }) => text);
  const has = (name: string): boolean => headers.some((text) => text.toLowerCase().startsWith(`${name}:`));
  const addedHeaders = [
    ...(has('host') ? [] : ['Host: {{filled-in}}']),
    ...(addsToken && !has('authorization') ? ['Authorization: Bearer {{filled-in}}'] : []),
  ];
  const presentHeaders = headers.filter((text) => !text.endsWith('{{absent}}'));
  const text = [
    start,
    ...addedHeaders,
    ...presentHeaders,
    '',
    (body ?? []).map((line) => line.text).join('\n'),
  ];
  return Buffer.from(text.join('\r\n'));
}

function answerOf(expected: Expected): TracedResponse {
  if (expected.kind === 'line') return answer('', [], textOf(expected.body), false);
  if (expected.kind === 'frames') return answer('', [], framesOf(expected.frames), true);
  const { status, headers, body } = expected;
  const presentHeaders = headers.filter(({ value }) => value !== '{{absent}}');
  return body.kind === 'frames'
    ? answer(status, presentHeaders, framesOf(body.frames), true)
    : answer(status, presentHeaders, textOf(body), false);
}

function answer(
  line: string,
  headers: TracedResponse['headers'],
  text: string,
  stream: boolean,
): TracedResponse {
  const body = { text, bytes: Buffer.byteLength(text), cut: false };
  return { line, status: Number(line.split(' ')[1] ?? 0), headers, stream, body };
}

function textOf(text: ExpectedText): string {
  if (text.kind === 'empty') return '';
  return text.kind === 'json' ? JSON.stringify(text.value) : text.text;
}

type Frames = (Expected & { kind: 'frames' })['frames'];

function framesOf(frames: Frames): string {
  return frames
    .map(({ line: _, comment, ...fields }) => {
      const lines = comment === undefined ? [] : [`: ${comment}`];
      for (const [name, value] of Object.entries(fields)) lines.push(`${name}: ${value}`);
      return `${lines.join('\n')}\n\n`;
    })
    .join('');
}

/** Shows what each wildcard stands for, instead of its name in braces. */
export function withoutWildcards(lines: readonly Line[]): Line[] {
  return lines.flatMap((line): Line[] => {
    const text = line.map((part) => part.text).join('');
    const [, indent] = /^( *)"\{\{rest\}\}"/.exec(text) ?? [];
    if (indent !== undefined) return [[{ text: `${indent}… more`, kind: 'aside' }]];
    return [line.flatMap(shownPart)];
  });
}

function shownPart(part: Part): Part[] {
  const { text } = part;
  const parts: Part[] = [];
  let at = 0;
  for (let next = wildcardAfter(text, at); next !== undefined; next = wildcardAfter(text, at)) {
    if (next.start > at) parts.push({ ...part, text: text.slice(at, next.start) });
    parts.push(readable(next.name));
    at = next.end;
  }
  return at === 0 ? [part] : at < text.length ? [...parts, { ...part, text: text.slice(at) }] : parts;
}

type Wildcard = { start: number; end: number; name: string };

/** With the quotation marks around it. */
function wildcardAfter(text: string, from: number): Wildcard | undefined {
  const open = text.indexOf('{{', from);
  if (open < 0) return undefined;
  let close = text.indexOf('}}', open);
  // What is repeated may have braces of its own; the number of times comes last.
  if (text.startsWith('repeat ', open + 2))
    while (close >= 0 && !/\d/.test(text[close - 1] ?? '')) close = text.indexOf('}}', close + 1);
  if (close < 0) return undefined;
  const quotes = text[open - 1] === '"' && text[close + 2] === '"' ? 1 : 0;
  return { start: open - quotes, end: close + 2 + quotes, name: text.slice(open + 2, close) };
}

function readable(name: string): Part {
  if (name === 'filled-in') return { text: '…', note: FILLED_IN };
  if (name === 'any') return { text: '…', note: { what: 'anything may stand here' } };
  if (name === 'rest') return { text: '…', note: { what: 'more may follow here' } };
  if (name === 'json-or-sse') return { text: 'application/json or text/event-stream', kind: 'aside' };
  if (!name.startsWith('repeat ')) return { text: `‹${name}›`, note: { what: wildcardMeaning(name) } };
  const space = name.lastIndexOf(' ');
  const text = `‹${name.slice('repeat '.length, space)}, ${name.slice(space + 1)} times›`;
  return { text, note: { what: 'this text, that many times' } };
}

function wildcardMeaning(name: string): string {
  if (name.startsWith('hex ')) return `these bytes, in hexadecimal: ${name.slice(4)}`;
  return `a value that has a name in this transcript, so that it can be used again; wherever ‹${name}› stands, it is the same`;
}
