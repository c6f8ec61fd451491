/**
 * Stands between the player and an honest server and commits a violation: reads what goes either way, changes what the
 * violation says, and notes where it did. Everything else passes as it came, byte by byte.
 */
import { PassThrough, Writable } from 'node:stream';
import type { Ends, Through } from '../../src/lesson/player/peer.js';
import { HttpReader, readSent, sentBytes } from './http-reader.js';
import {
  type About,
  type Answer,
  isObject,
  type JsonObject,
  parsed,
  type Sent,
  type Violation,
} from './violation.js';

type Stream = { line: number; id: unknown; emit: (message: JsonObject) => boolean };
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

export class ViolatingProxy {
  /** The lines of the transcript whose exchanges were changed. */
  readonly altered = new Set<number>();
  readonly #violation: Violation;
  readonly #before: Sent[] = [];
  readonly #streams = new Set<Stream>();
  readonly #outputs = new Set<PassThrough>();
  readonly #quietMs: number;
  #watch: NodeJS.Timeout | undefined;
  #count = 0;

  /** Once it has changed something, it ends what is open when nothing has come for so long: nobody waits for more. */
  constructor(violation: Violation, quietMs: number) {
    this.#violation = violation;
    this.#quietMs = quietMs;
  }

  close(): void {
    clearTimeout(this.#watch);
  }

  #output(): PassThrough {
    const output = new PassThrough();
    this.#outputs.add(output);
    return output;
  }

  #stir(): void {
    clearTimeout(this.#watch);
    if (this.altered.size === 0) return;
    this.#watch = setTimeout(() => {
      for (const output of this.#outputs) output.end();
    }, this.#quietMs);
  }

  readonly through: Through = (ends, line) => (line === 0 ? this.#stdio(ends) : this.#http(ends, line));

  /** The bytes that the server gets instead. */
  #received(bytes: Buffer, sent: Sent, line: number, bytesOf: (sent: Sent) => Buffer): Buffer {
    const read = this.#violation.request?.(sent, this.#before);
    this.#before.push(sent);
    if (read === undefined) return bytes;
    this.altered.add(line);
    return read === 'lost' ? Buffer.alloc(0) : bytesOf(read);
  }

  #http(ends: Ends, line: number): Ends {
    const output = this.#output();
    const violation = this.#violation;
    let sent: Sent = { start: '', headers: [], body: '' };
    const input = new Writable({
      autoDestroy: false,
      write: (chunk: Buffer, _encoding, done) => {
        sent = readSent(chunk);
        ends.input.write(this.#received(chunk, sent, line, sentBytes), () => done());
        this.#stir();
      },
      final: (done) => {
        if (violation.staysOpen && sent.start !== '') this.altered.add(line);
        else ends.input.end(() => ends.output.destroy());
        output.end();
        done();
      },
      destroy: (error, done) => {
        ends.output.destroy();
        output.destroy();
        done(error);
      },
    });
    const reader = new HttpReader(output, {
      method: () => sent.start.split(' ')[0] ?? '',
      answer: (answer) => this.#answered(answer, sent, line),
      text: (text) => this.#texts(text, sent, line),
      streams: (emit) => {
        const request = parsed(sent.body);
        this.#streams.add({ line, id: isObject(request) ? request.id : undefined, emit });
        const first = violation.first?.(sent);
        if (first !== undefined) this.altered.add(line);
        return first;
      },
      event: (frame) => {
        const changed = violation.event?.(frame);
        if (changed !== undefined) this.altered.add(line);
        return changed ?? frame;
      },
    });
    ends.output.on('data', (chunk: Buffer) => {
      reader.more(chunk);
      this.#stir();
    });
    ends.output.on('error', () => {});
    ends.output.on('close', () => reader.end());
    ends.output.on('end', () => reader.end());
    return { input, output };
  }

  #answered(answer: Answer, sent: Sent, line: number): Answer | undefined {
    const head = this.#violation.answer?.(answer, sent);
    if (head !== undefined) {
      this.altered.add(line);
      return head;
    }
    const texts = answer.body === '' ? undefined : this.#texts(answer.body, sent, line);
    if (texts === undefined) return undefined;
    // Several messages are no JSON object: an answer that is neither one object nor a stream.
    return { ...answer, body: texts.join('\n') };
  }

  /** What is sent in place of one body, event or line; undefined leaves it as it is. */
  #texts(text: string, sent: Sent, line: number): string[] | undefined {
    const { message: change, text: changeText } = this.#violation;
    const asked = parsed(sent.body);
    const value = parsed(text);
    this.#count += 1;
    const about: About = { request: isObject(asked) ? asked : undefined, sent, count: this.#count };
    if (isObject(value)) this.#share(value, line);
    const other = changeText?.(text, about);
    const values = Array.isArray(value) ? value : [value];
    const changed = values.map((one) => (isObject(one) ? change?.(one, about) : undefined));
    if (other === undefined && changed.every((one) => one === undefined)) return undefined;
    this.altered.add(line);
    if (other !== undefined) return [other];
    const all = values.flatMap((one, index) => changed[index] ?? [one]);
    return Array.isArray(value) ? [JSON.stringify(all)] : all.map((one) => JSON.stringify(one));
  }

  #share(message: JsonObject, line: number): void {
    if (!this.#violation.sharesNotifications || typeof message.method !== 'string') return;
    if (message.method === 'notifications/subscriptions/acknowledged') return;
    for (const { line: other, id, emit } of this.#streams) {
      if (other === line) continue;
      const params = isObject(message.params) ? message.params : {};
      const tagged = isObject(params._meta) && SUBSCRIPTION in params._meta;
      const copy = tagged ? { ...message, params: { ...params, _meta: { [SUBSCRIPTION]: id } } } : message;
      if (emit(copy)) this.altered.add(line);
    }
  }

  #stdio(ends: Ends): Ends {
    const output = this.#output();
    const asked = new Map<string, Sent>();
    const input = new Writable({
      autoDestroy: false,
      write: (chunk: Buffer, _encoding, done) => {
        const sent = { start: '', headers: [], body: chunk.toString('utf8').trimEnd() };
        const message = parsed(sent.body);
        if (isObject(message) && 'id' in message) asked.set(JSON.stringify(message.id), sent);
        ends.input.write(
          this.#received(chunk, sent, 0, ({ body }) => Buffer.from(`${body}\n`)),
          () => done(),
        );
        this.#stir();
      },
      final: (done) => {
        ends.input.end(() => done());
      },
      destroy: (error, done) => {
        ends.input.destroy();
        output.destroy();
        done(error);
      },
    });
    const nothing = { start: '', headers: [], body: '' };
    const first = this.#violation.first?.(nothing);
    if (first !== undefined) {
      this.altered.add(0);
      output.write(`${first}\n`);
    }
    let rest = Buffer.alloc(0);
    ends.output.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const text = rest.toString('utf8', 0, end);
        const message = parsed(text);
        const sent = (isObject(message) && asked.get(JSON.stringify(message.id))) || nothing;
        for (const one of this.#texts(text, sent, 0) ?? [text]) output.write(`${one}\n`);
        rest = rest.subarray(end + 1);
      }
      this.#stir();
    });
    ends.input.on('error', () => {});
    ends.output.on('error', () => {}).on('close', () => output.end());
    return { input, output };
  }
}
