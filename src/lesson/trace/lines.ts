/** Turns a traced exchange into lines of parts, each part with its note, for the terminal and the pages. */
import { isRecord } from '../../wire/value.js';
import {
  eventNote,
  fieldNote,
  headerNote,
  requestLineNote,
  type Side,
  statusNote,
  type Topic,
} from '../annotations/annotations.js';
import { parseJson } from '../json.js';
import { type Body, jsonOf, type TracedExchange, topicOf } from './exchange.js';
import type { Header } from './headers.js';
import { jsonLines, type Line, type Part, spaced } from './json-lines.js';

export type { Line, Part };

export function requestLines(exchange: TracedExchange): Line[] {
  const era = topicOf(exchange);
  if (exchange.stdio !== undefined) return bodyLines(sideOf(exchange, 'first'), exchange.body, era).slice(1);
  return [
    requestLine(exchange, era),
    ...exchange.headers.flatMap((header) => [
      headerLine('request', header, era),
      ...(header.name.toLowerCase() === 'authorization' ? tokenLines(exchange) : []),
    ]),
    ...bodyLines('request', exchange.body, era),
  ];
}

export function answerLines(exchange: TracedExchange): Line[] {
  const { answer } = exchange;
  if (answer === undefined) return [];
  const era = topicOf(exchange);
  if (exchange.stdio !== undefined) return bodyLines(sideOf(exchange, 'second'), answer.body, era).slice(1);
  return [
    ...headLines(exchange),
    ...(answer.stream ? [[], ...frameLines(answer.body.text, era)] : bodyLines('response', answer.body, era)),
    ...(answer.stream ? cutLine(answer.body) : []),
  ];
}

export function headLines(exchange: TracedExchange): Line[] {
  const { answer } = exchange;
  if (answer === undefined) return [];
  const era = topicOf(exchange);
  return [
    [{ text: answer.line, note: statusNote(answer.status, era) }],
    ...answer.headers.map((header) => headerLine('response', header, era)),
  ];
}

/** The notes are about what clients send, and about what servers send. */
function sideOf({ stdio }: TracedExchange, message: 'first' | 'second'): Side {
  return (stdio === 'client') === (message === 'first') ? 'request' : 'response';
}

/** The parameters of an address are explained one by one where they say what is asked. */
function requestLine({ line, verb, path }: TracedExchange, topic: Topic): Line {
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
      const [name = ''] = /^data: ?/.exec(line) ?? [];
      const value = name === '' ? undefined : parseJson(line.slice(name.length));
      if (!isRecord(value)) return [[{ text: line, note }]];
      const [first = [], ...others] = jsonLines('response', value, era);
      return [[{ text: name, note, kind: 'name' }, ...first], ...others];
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
function tokenLines({ token }: TracedExchange): Line[] {
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
