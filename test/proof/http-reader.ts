/**
 * One response of HTTP on its way through the proxy: it is read as far as its bytes go, and passed on as it came or as
 * its owner changes it. A stream passes event by event.
 */
import { STATUS_CODES } from 'node:http';
import type { PassThrough } from 'node:stream';
import { readHttp } from '../../src/lesson/transcripts/response.js';
import type { Answer, JsonObject, Sent } from './violation.js';

type Asks = {
  method(): string;
  answer(answer: Answer): Answer | undefined;
  text(text: string): string[] | undefined;
  /** A stream has begun: `emit` puts an event into it; what is returned is its first one. */
  streams(emit: (message: JsonObject) => boolean): string | undefined;
  event(frame: string): string;
};

/** Passes on the bytes of one response, changed where the violation says so. */
export class HttpReader {
  #raw = Buffer.alloc(0);
  #mode: 'unread' | 'stream' | 'through' = 'unread';
  #used = 0;
  #ended = false;

  constructor(
    readonly output: PassThrough,
    readonly asks: Asks,
  ) {}

  more(chunk: Buffer): void {
    if (this.#ended || this.output.writableEnded) return;
    if (this.#mode === 'through') this.output.write(chunk);
    else {
      this.#raw = Buffer.concat([this.#raw, chunk]);
      this.#look(false);
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#mode !== 'through' && this.#raw.length > 0) this.#look(true);
    if (this.#mode === 'unread') this.output.write(this.#raw);
    if (!this.output.writableEnded) this.output.end();
  }

  #look(ended: boolean): void {
    let response: ReturnType<typeof readHttp>;
    try {
      response = readHttp(this.#raw, ended, this.asks.method());
    } catch {
      // What is no HTTP passes as it is.
      this.#mode = 'through';
      this.output.write(this.#raw);
      return;
    }
    if (response === undefined) return;
    const { headers, body, complete } = response;
    const streams = headers.some(
      ([name, value]) => name === 'content-type' && /^text\/event-stream/.test(value),
    );
    const code = Number(response.status.split(' ')[1]);
    if (!streams && complete) {
      const changed = this.asks.answer({ status: code, headers, body });
      this.output.write(changed === undefined ? this.#raw : answerBytes(changed));
      this.#mode = 'through';
    } else if (streams) this.#stream({ status: code, headers, body: '' }, body, complete);
  }

  #stream(head: Answer, body: string, complete: boolean): void {
    if (this.#mode === 'unread') {
      const changed = this.asks.answer(head);
      if (changed !== undefined && changed.body !== '') {
        this.output.write(answerBytes(changed));
        this.#mode = 'through';
        return;
      }
      const { status, headers } = changed ?? head;
      this.output.write(
        headBytes({ status, headers: [...measureless(headers), ['transfer-encoding', 'chunked']] }),
      );
      this.#mode = 'stream';
      const first = this.asks.streams((message) => this.#event(`data: ${JSON.stringify(message)}`));
      if (first !== undefined) this.#event(`data: ${first}`);
    }
    for (let end = body.indexOf('\n\n', this.#used); end >= 0; end = body.indexOf('\n\n', this.#used)) {
      const frame = this.asks.event(body.slice(this.#used, end));
      this.#used = end + 2;
      const lines = frame.split('\n');
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
      const texts = data.length === 0 ? undefined : this.asks.text(data.join('\n'));
      if (texts === undefined) this.#event(frame);
      else {
        const others = lines.filter((line) => !line.startsWith('data:'));
        for (const text of texts)
          this.#event([...others, ...text.split('\n').map((part) => `data: ${part}`)].join('\n'));
      }
    }
    if (complete && !this.output.writableEnded) {
      this.output.write('0\r\n\r\n');
      this.#mode = 'through';
    }
  }

  /** Whether the stream was still open. */
  #event(frame: string): boolean {
    if (this.output.writableEnded || this.output.destroyed || this.#mode !== 'stream') return false;
    const bytes = Buffer.from(`${frame}\n\n`);
    this.output.write(
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
    );
    return true;
  }
}

const measureless = (headers: Answer['headers']) =>
  headers.filter(([name]) => !['content-length', 'transfer-encoding'].includes(name));

function headBytes({ status, headers }: Omit<Answer, 'body'>): Buffer {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function answerBytes({ status, headers, body }: Answer): Buffer {
  const bytes = Buffer.from(body);
  const measured: Answer['headers'] = [...measureless(headers), ['content-length', String(bytes.length)]];
  return Buffer.concat([headBytes({ status, headers: measured }), bytes]);
}

export function readSent(bytes: Buffer): Sent {
  const [head = '', ...rest] = bytes.toString('utf8').split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { start, headers, body: rest.join('\r\n\r\n') };
}

export function sentBytes({ start, headers, body }: Sent): Buffer {
  const payload = Buffer.from(body);
  const others = headers.filter(([name]) => name.toLowerCase() !== 'content-length');
  const measured =
    others.length === headers.length ? headers : [...others, ['Content-Length', String(payload.length)]];
  const lines = [start, ...measured.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), payload]);
}
