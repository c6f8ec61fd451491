/** Reads what a transcript's `<` lines expect: a response, the next events of a stream, or a line of stdio. match.ts compares. */
import { type Frame, frameOf } from '../../client/frames.js';

export type Line = { line: number; text: string };
export type ExpectedFrame = Frame & { line: number };
export type ExpectedText =
  | { kind: 'empty'; line: number }
  | { kind: 'json'; line: number; value: unknown }
  | { kind: 'text'; line: number; text: string };
export type ExpectedFrames = { kind: 'frames'; line: number; frames: ExpectedFrame[] };
export type ExpectedResponse = {
  kind: 'response';
  line: number;
  status: string;
  headers: { line: number; name: string; value: string }[];
  body: ExpectedText | ExpectedFrames;
  /** Another response that may come instead; of a line of stdio, other bodies. */
  or?: ExpectedResponse;
};
export type Expected =
  | ExpectedResponse
  | ExpectedFrames
  | { kind: 'line'; line: number; body: ExpectedText; or?: ExpectedText[] };

/** A mistake of the transcript's author. readTranscript and play turn it into a message with the line number. */
export class WireSyntaxError extends Error {
  constructor(
    readonly line: number,
    problem: string,
  ) {
    super(problem);
  }
}

const EVENT_STREAM_LINE = /^(event|data|id|retry)?:/;

/** Stands alone on a line between two responses, of which either may come. */
const OR = '{{or}}';

export function readResponseLines(all: Line[]): ExpectedResponse {
  const either = all.findIndex(({ text }) => text === OR);
  const lines = either < 0 ? all : all.slice(0, either);
  const response = readResponse(lines);
  return either < 0 ? response : { ...response, or: readResponseLines(all.slice(either + 1)) };
}

function readResponse(lines: Line[]): ExpectedResponse {
  const [{ line, text: status } = { line: 0, text: '' }] = lines;
  if (!/^HTTP\/\d\.\d (\d{3} .+|\d{3}|\d?\{\{.+)$/.test(status)) {
    throw new WireSyntaxError(line, 'a status line is "HTTP/1.1", the code and the reason');
  }
  const gap = lines.findIndex(({ text }) => text === '');
  const headers = lines.slice(1, gap < 0 ? undefined : gap).map(({ line: at, text }) => {
    const [, name, value] = /^([^\s:]+):(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new WireSyntaxError(at, 'expected "name: value"');
    return { line: at, name: name.toLowerCase(), value: value.trimStart() };
  });
  const body = gap < 0 ? [] : lines.slice(gap + 1);
  const streams = headers.some(
    ({ name, value }) => name === 'content-type' && /^text\/event-stream/.test(value),
  );
  const anyBody = body.length === 1 && body[0]?.text === '{{any}}';
  if (anyBody || (!streams && !EVENT_STREAM_LINE.test(body[0]?.text ?? ''))) {
    return { kind: 'response', line, status, headers, body: readTextLines(body, line) };
  }
  const frames = readFrameLines(body);
  return { kind: 'response', line, status, headers, body: { kind: 'frames', line, frames } };
}

/** A body or a line of stdio. If there is none, errors name the line `head`. */
export function readTextLines(lines: Line[], head: number): ExpectedText {
  const line = lines[0]?.line ?? head;
  const text = lines.map((part) => part.text).join('\n');
  if (text === '') return { kind: 'empty', line };
  const value = readJson(text, line);
  return value === undefined ? { kind: 'text', line, text } : { kind: 'json', line, value };
}

export function readFrameLines(lines: Line[]): ExpectedFrame[] {
  const frames: Line[][] = [[]];
  for (const part of lines) {
    if (part.text === '') frames.push([]);
    else if (EVENT_STREAM_LINE.test(part.text)) frames.at(-1)?.push(part);
    else throw new WireSyntaxError(part.line, 'an event has lines "event:", "data:", "id:", "retry:" or ":"');
  }
  return frames
    .filter((frame) => frame.length > 0)
    .map((frame) => {
      const line = frame[0]?.line ?? 0;
      const frameValue = frameOf(frame.map(({ text }) => text));
      if (frameValue.data !== undefined) readJson(frameValue.data, line);
      return { ...frameValue, line };
    });
}

/** Undefined if the text is not meant to be JSON. @throws WireSyntaxError for broken JSON. */
function readJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/^\s*(\[|\{(?!\{))/.test(text)) return undefined;
    throw new WireSyntaxError(
      line,
      'this looks like JSON and does not parse (wildcards stand inside quotes)',
    );
  }
}
