/**
 * Turns the `>` lines of a transcript into the bytes to send: fills in the insertions and adds the headers that are left out.
 * The insertions are `{{name}}` (captured before, or `host`), `{{repeat TEXT N}}` and `{{hex c3 28}}`.
 */
import { type Line, WireSyntaxError } from './expected.js';

/** Values that earlier responses gave a name to. A string is inserted as it is, anything else as JSON. */
export type Captures = Map<string, unknown>;

/** Bytes: more than a server reads. */
const MAX_REPEATED = 4 * 1024 * 1024;

/** @throws Error for an unknown insertion, and for one that makes too much. With `inJson`, strings are escaped for use inside JSON. */
export function fill(text: string, captures: Captures, inJson: boolean): Buffer {
  const parts = text.split(/\{\{(.+?)\}\}/);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : insertion(part, captures, inJson))),
  );
}

function insertion(inner: string, captures: Captures, inJson: boolean): Buffer {
  const [, repeated, times] = /^repeat ([\s\S]+) (\d+)$/.exec(inner) ?? [];
  if (repeated !== undefined) return repetition(repeated, Number(times));
  const [, bytes] = /^hex ((?:[\da-f]{2} ?)+)$/i.exec(inner) ?? [];
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
  if (!captures.has(inner)) throw new Error(`nothing was captured as {{${inner}}}`);
  const value = captures.get(inner);
  const text = textOf(value);
  return Buffer.from(inJson && typeof value === 'string' ? JSON.stringify(text).slice(1, -1) : text);
}

/** Transcripts come from readers of the lesson too. */
function repetition(text: string, times: number): Buffer {
  const size = Buffer.byteLength(text) * times;
  if (size > MAX_REPEATED)
    throw new Error(`{{repeat}} makes at most ${MAX_REPEATED} bytes, and this would be ${size}`);
  return Buffer.from(text.repeat(times));
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const CRLF = Buffer.from('\r\n');

/** fill, with the line number in its error. */
export function fillLine({ line, text }: Line, captures: Captures, inJson: boolean): Buffer {
  try {
    return fill(text, captures, inJson);
  } catch (error) {
    throw new WireSyntaxError(line, error instanceof Error ? error.message : String(error));
  }
}

export function requestBytes(
  head: Line[],
  body: Line[] | undefined,
  host: string,
  captures: Captures,
  token?: string,
  /** Further headers, added where the transcript has none of that name. */
  more: readonly (readonly [name: string, value: string])[] = [],
): Buffer {
  const [start, ...headers] = head;
  const has = (name: string) => headers.some(({ text }) => text.toLowerCase().startsWith(`${name}:`));
  const payload = Buffer.concat(
    (body ?? []).flatMap((line, index) => [
      Buffer.from(index > 0 ? '\n' : ''),
      fillLine(line, captures, true),
    ]),
  );
  const lines = start === undefined ? [] : [fillLine(start, captures, false)];
  if (!has('host')) lines.push(Buffer.from(`Host: ${host}`));
  if (token !== undefined && !has('authorization')) lines.push(Buffer.from(`Authorization: Bearer ${token}`));
  for (const [name, value] of more)
    if (!has(name.toLowerCase())) lines.push(Buffer.from(`${name}: ${value}`));
  for (const header of headers) {
    if (!/^[^:]+: *\{\{absent\}\}$/.test(header.text)) lines.push(fillLine(header, captures, false));
  }
  const measured =
    has('content-length') ||
    has('transfer-encoding') ||
    more.some(([name]) => name.toLowerCase() === 'content-length');
  if (!measured && (body !== undefined || /^POST /.test(start?.text ?? ''))) {
    lines.push(Buffer.from(`Content-Length: ${payload.length}`));
  }
  return Buffer.concat([...lines.flatMap((line) => [line, CRLF]), CRLF, payload]);
}
