/**
 * Reads an event stream: bytes in, as they come, and whole frames out. Line ends may be CRLF, LF or CR, also across two chunks, a byte
 * order mark at the start is skipped, and a frame that no empty line has ended is none. `wire/http/stream.ts` writes them.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

/** The fields as they stand in the stream; several lines of `data`, and several comments, are joined by line breaks. */
export type Frame = { event?: string; data?: string; id?: string; retry?: string; comment?: string };

/** @throws FrameTooLong, TypeError where the bytes are not UTF-8 */
export class FrameReader {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  readonly #maxLength: number;
  #lines: string[] = [];
  #line = '';
  #length = 0;
  #afterReturn = false;

  /** `maxLength`: characters of one frame. */
  constructor(maxLength = Number.POSITIVE_INFINITY) {
    this.#maxLength = maxLength;
  }

  /** The frames that these bytes end. */
  push(bytes: Uint8Array): Frame[] {
    return this.pushText(this.#utf8.decode(bytes, { stream: true }));
  }

  pushText(text: string): Frame[] {
    const frames: Frame[] = [];
    let start = this.#afterReturn && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#afterReturn = text.endsWith('\r');
    const lineEnd = /\r\n|\r|\n/g;
    lineEnd.lastIndex = start;
    for (let end = lineEnd.exec(text); end !== null; end = lineEnd.exec(text)) {
      const line = this.#line + text.slice(start, end.index);
      this.#line = '';
      start = lineEnd.lastIndex;
      if (line !== '') this.#grow(line);
      else if (this.#lines.length > 0) {
        frames.push(frameOf(this.#lines));
        this.#lines = [];
        this.#length = 0;
      }
    }
    this.#line += text.slice(start);
    this.#check(this.#line.length);
    return frames;
  }

  #grow(line: string): void {
    this.#lines.push(line);
    // An empty field takes memory too.
    this.#length += line.length + 1;
    this.#check(0);
  }

  #check(more: number): void {
    if (this.#length + more > this.#maxLength) throw new FrameTooLong(this.#maxLength);
  }
}

export class FrameTooLong extends Error {
  override readonly name = 'FrameTooLong';

  constructor(maxLength: number) {
    super(`an event has more than ${maxLength} characters`);
  }
}

/** One frame from its lines. Unknown fields are ignored. */
export function frameOf(lines: readonly string[]): Frame {
  const parts = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    const field = name === '' ? 'comment' : name;
    const before = parts.get(field);
    if (before !== undefined && (field === 'data' || field === 'comment')) before.push(value);
    else parts.set(field, [value]);
  }
  const frame: Frame = {};
  for (const field of ['event', 'data', 'id', 'retry', 'comment'] as const) {
    const values = parts.get(field);
    if (values !== undefined) frame[field] = values.join('\n');
  }
  return frame;
}
