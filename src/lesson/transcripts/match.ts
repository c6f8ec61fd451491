/**
 * Compares what came with what a transcript expects, and returns every difference. JSON is compared as JSON, anything else as
 * text. Wildcards: `{{any}}`, `{{name}}` (captures the first time, compares from then on), `{{absent}}` for a header or member
 * that must not be there, `{{rest}}` for further members or elements, `{{one|other}}` for one of several, `{{string}}` and
 * `{{integer}}` for a value of that type, `{{jwt}}` for a token whose claims are compared.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Frame } from '../../client/frames.js';
import { isRecord } from '../../wire/value.js';
import { parseJson } from '../json.js';
import type { ExpectedFrame, ExpectedResponse, ExpectedText } from './expected.js';
import { readJwt } from './jwt.js';
import { type Captures, textOf } from './request.js';
import { answerOf, isEitherForm, JSON_OR_SSE, messageOf, type Response } from './response.js';

export type Difference = { line: number; where: string; expected: string; received: string };

const NOTHING = '(nothing)';
const REST = '{{rest}}';
const ABSENT = '{{absent}}';
const JWT = '{{jwt}}';

export function matchText(pattern: string, received: string, captures: Captures): boolean {
  const names: string[] = [];
  const source = pattern.split(/\{\{([\w|-]+)\}\}/).map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    if (part === 'any') return '[\\s\\S]*?';
    if (part.includes('|')) return `(?:${part.split('|').map(escaped).join('|')})`;
    if (captures.has(part)) return escaped(textOf(captures.get(part)));
    if (names.includes(part)) return `(?:\\${names.indexOf(part) + 1})`;
    names.push(part);
    return '([\\s\\S]+?)';
  });
  const match = new RegExp(`^${source.join('')}$`).exec(received);
  for (const [index, name] of names.entries()) {
    if (match !== null) captures.set(name, match[index + 1]);
  }
  return match !== null;
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The differences, each at a JSON pointer; '' is the whole value. */
export function matchJson(
  expected: unknown,
  received: unknown,
  captures: Captures,
  line = 0,
  pointer = '',
): Difference[] {
  const differs = [
    { line, where: pointer, expected: jsonOrNothing(expected), received: jsonOrNothing(received) },
  ];
  const deeper = (key: string | number, one: unknown, other: unknown) =>
    matchJson(one, other, captures, line, `${pointer}/${key}`);
  if (typeof expected === 'string') {
    const [, name] = /^\{\{([\w|-]+)\}\}$/.exec(expected) ?? [];
    if (name !== undefined) {
      // `rest` and `absent` only have a meaning as a member or as the last element.
      if (received === undefined || name === 'rest' || name === 'absent') return differs;
      if (name === 'any') return [];
      const fits = fitsKind(name, received);
      if (fits !== undefined) return fits ? [] : differs;
      if (!captures.has(name)) captures.set(name, received);
      return isDeepStrictEqual(captures.get(name), received) ? [] : differs;
    }
    return typeof received === 'string' && matchText(expected, received, captures) ? [] : differs;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(received)) return differs;
    const allowsMore = expected.at(-1) === REST;
    const elements = allowsMore ? expected.slice(0, -1) : expected;
    const length = allowsMore ? elements.length : Math.max(elements.length, received.length);
    return Array.from({ length }).flatMap((_, index) => {
      if (index >= elements.length) return unexpected(line, `${pointer}/${index}`, received[index]);
      return deeper(index, elements[index], received[index]);
    });
  }
  if (isRecord(expected)) {
    const token = JWT in expected && typeof received === 'string' ? readJwt(received) : undefined;
    if (token !== undefined)
      return matchJson(expected, { [JWT]: received, ...token }, captures, line, pointer);
    if (!isRecord(received)) return differs;
    const keys = new Set([...Object.keys(expected), ...Object.keys(received)]);
    return [...keys].flatMap((key) => {
      if (key === REST) return [];
      const value = Object.hasOwn(received, key) ? received[key] : undefined;
      if (Object.hasOwn(expected, key) && expected[key] !== ABSENT) return deeper(key, expected[key], value);
      const allowed = REST in expected && expected[key] !== ABSENT;
      return value === undefined || allowed ? [] : unexpected(line, `${pointer}/${key}`, value);
    });
  }
  return expected === received ? [] : differs;
}

/** Undefined if the name is neither that of a type nor a choice: then it captures. */
function fitsKind(name: string, received: unknown): boolean | undefined {
  if (name === 'string') return typeof received === 'string';
  if (name === 'integer') return Number.isInteger(received);
  return name.includes('|') ? name.split('|').includes(textOf(received)) : undefined;
}

/** @param portable whether other messages may come before the answer: any server may send notifications first */
export function matchResponse(
  expected: ExpectedResponse,
  received: Response,
  captures: Captures,
  portable = false,
): Difference[] {
  const differences: Difference[] = [];
  // A reason that the transcript does not write may be any, and may be missing.
  const status = / .* /.test(expected.status)
    ? received.status
    : received.status.replace(/^(\S+ \d+).*/, '$1');
  if (!matchText(expected.status, status, captures)) {
    differences.push({
      line: expected.line,
      where: 'status',
      expected: expected.status,
      received: received.status,
    });
  }
  for (const { line, name, value } of expected.headers) {
    const values = received.headers.filter(([key]) => key === name).map(([, text]) => text);
    const fitsOne = (text: string) =>
      value === JSON_OR_SSE ? isEitherForm(text) : matchText(value, text, captures);
    const fits = value === ABSENT ? values.length === 0 : values.some(fitsOne);
    const actual = values.length === 0 ? NOTHING : values.join(' | ');
    if (!fits) differences.push({ line, where: `header ${name}`, expected: value, received: actual });
  }
  // matchFrames compares the events of a stream as they come.
  if (expected.body.kind === 'frames') return differences;
  const either = expected.headers.some(({ value }) => value === JSON_OR_SSE);
  return [
    ...differences,
    ...matchBody(
      expected.body,
      either ? (portable ? answerOf : messageOf)(received) : received.body,
      captures,
    ),
  ];
}

export function matchBody(expected: ExpectedText, body: string, captures: Captures): Difference[] {
  const { line } = expected;
  if (expected.kind === 'empty') return body === '' ? [] : unexpected(line, 'body', body);
  if (expected.kind === 'text') {
    const fits = matchText(expected.text, body.replace(/\r?\n$/, ''), captures);
    return fits ? [] : [{ line, where: 'body', expected: expected.text, received: body }];
  }
  const value = parseJson(body);
  if (value !== undefined) return matchJson(expected.value, value, captures, line).map(inPart('body'));
  return [
    { line, where: 'body', expected: jsonOrNothing(expected.value), received: body === '' ? NOTHING : body },
  ];
}

/** The events to compare with the expected ones, and how many were consumed. Comments count only if they are expected. */
export function pickFrames(
  expected: ExpectedFrame[],
  received: Frame[],
): { frames: Frame[]; usedCount: number } {
  const frames: Frame[] = [];
  let usedCount = 0;
  for (const frame of received) {
    const expectedFrame = expected[frames.length];
    if (expectedFrame === undefined) break;
    usedCount += 1;
    const { comment: _, ...fields } = frame;
    if (expectedFrame.comment !== undefined) frames.push(frame);
    else if (Object.keys(fields).length > 0) frames.push(fields);
  }
  return { frames, usedCount };
}

/** Compares the expected events with as many received ones. The caller checks that none is left over. */
export function matchFrames(expected: ExpectedFrame[], received: Frame[], captures: Captures): Difference[] {
  return expected.flatMap(({ line, ...wanted }, index) => {
    const { data: wantedData, ...wantedFields } = wanted;
    const { data, ...fields } = received[index] ?? {};
    const differences = matchJson(wantedFields, fields, captures, line);
    const [one, other] = [parseJson(wantedData ?? ''), parseJson(data ?? '')];
    if (one !== undefined && other !== undefined) {
      differences.push(...matchJson(one, other, captures, line, '/data'));
    } else differences.push(...matchJson({ data: wantedData }, { data }, captures, line));
    return differences.map(inPart(`event ${index + 1}`));
  });
}

export function unexpected(line: number, where: string, received: unknown): Difference[] {
  return [{ line, where, expected: NOTHING, received: jsonOrNothing(received) }];
}

const inPart = (part: string) => (difference: Difference) => ({
  ...difference,
  where: `${part}${difference.where === '' ? '' : ` at ${difference.where}`}`,
});

const jsonOrNothing = (value: unknown) => (value === undefined ? NOTHING : JSON.stringify(value));
