/**
 * Makes what passes through readable for an observer: a compressed answer is decompressed, and the frames of an event stream come
 * one by one, however the server cut its chunks. The traffic itself is not touched.
 */
import type { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Observer } from '../../lesson/trace/observe.js';

/** Of a compressed answer that is read; and of a frame, so that secrets in it can be masked as a whole. */
const MAX_DECOMPRESSED = 8 * 1024 * 1024;
const MAX_FRAME = 1024 * 1024;
const UNREADABLE = '(compressed in a way that the tap cannot read, so it is not stored)';
const TOO_LONG = `: an event of more than ${MAX_FRAME} characters, which the tap does not store\n\n`;

type Reader = { add(bytes: Uint8Array): void; end(whole: boolean): void };

/** @param later wraps what happens outside of the calls of the observer, where nobody else catches its errors */
export function readable(observer: Observer, later: (run: () => void) => void): Observer {
  let reader: Reader = plainReader(observer);
  return {
    ...observer,
    headed(head) {
      observer.headed(head);
      if (/^content-type: *text\/event-stream/im.test(head)) reader = frameReader(observer, later);
      const encoding = /^content-encoding: *([^\r\n]+)/im.exec(head)?.[1]?.trim().toLowerCase();
      if (encoding !== undefined && encoding !== 'identity')
        reader = decompressed(encoding, reader, observer, later);
    },
    sent: (chunk) => reader.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
    ended: (whole) => reader.end(whole),
  };
}

function plainReader(observer: Observer): Reader {
  return { add: (bytes) => observer.sent(bytes), end: (whole) => observer.ended(whole) };
}

/** One piece of work for each frame: a chunk may have a thousand, and nothing else would have its turn meanwhile. */
function frameReader(observer: Observer, later: (run: () => void) => void): Reader {
  const frames = new Frames((text) => later(() => observer.sent(text)));
  return {
    add: (bytes) => frames.add(bytes),
    end(whole) {
      frames.end();
      later(() => observer.ended(whole));
    },
  };
}

/** The frames of an event stream, each with the empty line that ends it. */
export class Frames {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** Within a frame that is too long. */
  #skipping = false;

  constructor(readonly onFrame: (text: string) => void) {}

  add(bytes: Uint8Array): void {
    this.#rest += this.#decoder.write(bytes);
    // A line break may be two characters, and the second may come later.
    for (let end = this.#endOfFrame(); end > 0; end = this.#endOfFrame()) {
      const frame = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end);
      this.onFrame(this.#skipping ? TOO_LONG : frame);
      this.#skipping = false;
    }
    if (this.#rest.length <= MAX_FRAME) return;
    this.#skipping = true;
    this.#rest = this.#rest.slice(-3);
  }

  end(): void {
    if (this.#skipping) this.onFrame(TOO_LONG);
    else if (this.#rest !== '') this.onFrame(this.#rest);
    this.#rest = '';
  }

  #endOfFrame(): number {
    const found = /(?:\r\n|\n|\r(?!\n|$)){2}/.exec(this.#rest);
    return found === null ? -1 : found.index + found[0].length;
  }
}

function decompressed(
  encoding: string,
  reader: Reader,
  observer: Observer,
  later: (run: () => void) => void,
): Reader {
  const stream = decompressor(encoding);
  if (stream === undefined) {
    observer.sent(UNREADABLE);
    return { add: () => {}, end: (whole) => observer.ended(whole) };
  }
  let bytes = 0;
  let over: ((whole: boolean) => void) | undefined = (whole) => reader.end(whole);
  let complete = true;
  const finish = (): void =>
    later(() => {
      over?.(complete);
      over = undefined;
    });
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DECOMPRESSED) stream.destroy();
    else later(() => reader.add(chunk));
  });
  stream.on('error', () => {});
  let ending = false;
  stream.on('close', () => ending && finish());
  return {
    add: (chunk) => void (stream.destroyed || stream.write(chunk)),
    end(whole) {
      complete = whole;
      ending = true;
      if (stream.destroyed) finish();
      else stream.end();
    },
  };
}

function decompressor(encoding: string): Transform | undefined {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;
  const flush = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip(flush);
  if (encoding === 'deflate') return createInflate(flush);
  if (encoding === 'br')
    return createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH });
  return undefined;
}
