/**
 * One connection to a server, or the pipes of a server on stdio. Writes bytes, stores every byte that comes back, and waits until
 * there are enough, within a deadline. response.ts interprets the bytes.
 */
import { connect, isIP, Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** The stream to and from a server; a socket is both. */
export type Ends = { input: Writable; output: Readable };
/** Intercepts the bytes between the player and a server; `line` is the transcript line that sends, 0 for the pipes of stdio. */
export type Through = (ends: Ends, line: number) => Ends;

/** Bytes of one connection: more than any transcript asks for. */
const MAX_RECEIVED = 32 * 1024 * 1024;

export class Peer {
  sent: Buffer = Buffer.alloc(0);
  received: Buffer = Buffer.alloc(0);
  hasEnded = false;
  /** This side's port, once connected. */
  port: number | undefined;
  #readEnd = 0;
  #changed: () => void = () => {};
  #failure: Error | undefined;

  constructor(
    readonly input: Writable,
    readonly output: Readable,
  ) {
    output.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      if (this.received.length > MAX_RECEIVED)
        output.destroy(new Error(`more than ${MAX_RECEIVED} bytes came`));
      this.#changed();
    });
    output.once('connect', () => {
      this.port = output instanceof Socket ? output.localPort : undefined;
    });
    const end = () => {
      this.hasEnded = true;
      this.#changed();
    };
    // A server that refuses a request early resets the connection. What it sent before still counts.
    const fail = (error: Error) => {
      this.#failure ??= error;
    };
    output.on('end', end).on('close', end).on('error', fail);
    input.on('error', fail);
  }

  static to(url: URL, line: number, through?: Through): Peer {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secure = url.protocol === 'https:';
    const port = Number(url.port || (secure ? 443 : 80));
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = secure ? connectTls({ host, port, ...name }) : connect({ host, port });
    const ends = { input: socket, output: socket };
    const { input, output } = through?.(ends, line) ?? ends;
    return new Peer(input, output);
  }

  write(bytes: Buffer): void {
    this.sent = Buffer.concat([this.sent, bytes]);
    this.input.write(bytes);
  }

  /** The bytes received since the last call. */
  takeReceived(): Buffer {
    const news = this.received.subarray(this.#readEnd);
    this.#readEnd = this.received.length;
    return news;
  }

  /** Ends this side after sending everything; on a socket, the whole connection. */
  close(): void {
    this.input.end(() => {
      if (Object.is(this.input, this.output)) this.output.destroy();
    });
  }

  drop(): void {
    this.input.destroy();
    this.output.destroy();
  }

  /** Calls `look` whenever bytes arrive, until it returns a value. @throws Error after the deadline, or if nothing more can come. */
  async until<T>(what: string, ms: number, look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + ms;
    for (;;) {
      const hadEnded = this.hasEnded;
      const answer = look();
      if (answer !== undefined) return answer;
      if (hadEnded) {
        const cause = this.#failure;
        const reason = cause === undefined ? '' : ` (${cause.message})`;
        throw new Error(`the other side ended${reason} before ${what} came`, { cause });
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what} did not come within ${ms} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
