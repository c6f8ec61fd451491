/**
 * An exchange as it was on the wire, as far as it is stored: line ends, chunk sizes, the framing of events. Node takes chunks
 * apart when it reads and makes one of each write, so the sizes come from the observer.
 */
import type { Body, TracedExchange } from './exchange.js';
import { headerOf } from './headers.js';

/** A `remark` explains, and is not on the wire. */
export type RawPart = { kind: 'text' | 'break' | 'size' | 'remark'; text: string };

const CRLF: RawPart = { kind: 'break', text: '\r\n' };
const MAX_LINES = 2_000;

export function rawRequest({ line, headers, body, stdio }: TracedExchange): RawPart[] {
  if (stdio !== undefined) return bounded(stdioParts(body));
  return bounded([...head(line, headers), ...bodyParts(body, isChunked(headers), true)]);
}

/** Nothing if nothing has come back yet. */
export function rawAnswer({ answer, state, stdio }: TracedExchange): RawPart[] {
  if (answer === undefined) return [];
  if (stdio !== undefined) return bounded(stdioParts(answer.body));
  const { line, headers, body } = answer;
  return bounded([...head(line, headers), ...bodyParts(body, isChunked(headers), state === 'done')]);
}

/** The bytes of the parts that are on the wire. */
export function bytesOf(parts: readonly RawPart[]): Buffer {
  return Buffer.from(parts.map(({ kind, text }) => (kind === 'remark' ? '' : text)).join(''));
}

function head(line: string, headers: TracedExchange['headers']): RawPart[] {
  const lines = [line, ...headers.map(({ name, value }) => `${name}: ${value}`), ''];
  return lines.flatMap((text): RawPart[] => [{ kind: 'text', text }, CRLF]);
}

/** One message is one line. */
function stdioParts(body: Body): RawPart[] {
  return [...bodyParts(body, false, true), { kind: 'break', text: '\n' }];
}

function isChunked(headers: TracedExchange['headers']): boolean {
  return /\bchunked\b/i.test(headerOf(headers, 'transfer-encoding') ?? '');
}

function bodyParts(body: Body, chunked: boolean, hasEnded: boolean): RawPart[] {
  const { bytes, text, cut, isPage, parts = [] } = body;
  if (isPage === true) return [remark(`an HTML page of ${bytes} bytes, which the trace does not store`)];
  const rest = cut ? [remark(`… cut here, ${bytes} bytes in all`)] : [];
  const last = hasEnded && !cut ? [size('0'), CRLF, CRLF] : [];
  if (!chunked) return [...lines(text), ...rest];
  const texts = chunkTexts(body);
  if (texts === undefined) {
    const sizes = parts.map((part) => part.bytes.toString(16)).join(', ');
    return [
      remark(
        `in chunks of ${sizes} bytes (hexadecimal); a part is masked or cut, so their borders are not known`,
      ),
      ...lines(text),
      ...rest,
    ];
  }
  const chunks = texts.flatMap((chunk, at): RawPart[] => {
    const length = parts[at]?.bytes ?? 0;
    return [size(length.toString(16)), remark(`a chunk of ${length} bytes`), CRLF, ...lines(chunk), CRLF];
  });
  const unsized = parts.reduce((sum, part) => sum + part.bytes, 0) < bytes;
  const more = unsized ? [remark(`the sizes of later chunks are not stored`)] : last;
  return [...chunks, ...rest, ...more];
}

/** The text of each chunk; undefined if the stored text does not show where one ends. */
function chunkTexts({ text, bytes, cut, parts = [] }: Body): string[] | undefined {
  // Events are masked one by one.
  if (parts.every(({ characters }) => characters !== undefined)) {
    const texts = pieces(
      parts.map(({ characters = 0 }) => characters),
      (from, to) => text.slice(from, to),
    );
    return cut ? texts.filter((one) => one !== '') : texts;
  }
  const storedBytes = Buffer.from(text);
  if (cut || storedBytes.length !== bytes) return undefined;
  const texts = pieces(
    parts.map((part) => part.bytes),
    (from, to) => storedBytes.toString('utf8', from, to),
  );
  // A character may be in two chunks.
  return texts.join('') === text ? texts : undefined;
}

function pieces(lengths: readonly number[], slice: (from: number, to: number) => string): string[] {
  let from = 0;
  return lengths.map((length) => {
    from += length;
    return slice(from - length, from);
  });
}

function lines(text: string): RawPart[] {
  return text
    .split(/(\r?\n)/)
    .filter((one) => one !== '')
    .map((one) => ({ kind: /^\r?\n$/.test(one) ? 'break' : 'text', text: one }));
}

function size(text: string): RawPart {
  return { kind: 'size', text };
}

function remark(text: string): RawPart {
  return { kind: 'remark', text };
}

function bounded(parts: readonly RawPart[]): RawPart[] {
  const ends = parts.flatMap(({ kind }, at) => (kind === 'break' ? [at] : []));
  if (ends.length <= MAX_LINES) return [...parts];
  return [...parts.slice(0, ends[MAX_LINES]), remark(`… more than ${MAX_LINES} lines`)];
}
