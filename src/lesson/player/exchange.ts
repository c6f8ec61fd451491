/** One HTTP exchange of a transcript, on its own connection: waits for what each block expects, and compares. */

import type { Frame } from '../../wire/http/frames.js';
import type { Expected, ExpectedFrame } from '../transcripts/expected.js';
import { type Difference, matchFrames, matchResponse, pickFrames, unexpected } from '../transcripts/match.js';
import type { Captures } from '../transcripts/request.js';
import { type Response, readFrames, readHttp } from '../transcripts/response.js';
import type { Peer } from './peer.js';

const isStream = ({ headers }: Response) =>
  headers.some(([name, value]) => name === 'content-type' && value.startsWith('text/event-stream'));

export class Exchange {
  readonly name: string;
  readonly peer: Peer;
  readonly #method: string;
  readonly #deadlineMs: number;
  #answered = false;
  #framesUsed = 0;

  constructor(name: string, method: string, peer: Peer, deadlineMs: number) {
    this.name = name;
    this.peer = peer;
    this.#method = method;
    this.#deadlineMs = deadlineMs;
  }

  async expect(expected: Expected, captures: Captures): Promise<Difference[]> {
    if (expected.kind === 'frames') return this.#expectFrames(expected.frames, captures);
    if (expected.kind === 'line') throw new Error('a line is expected on stdio only');
    const response = await this.peer.until('a whole response', this.#deadlineMs, () => {
      const read = this.#read();
      return read?.complete || (read !== undefined && this.name !== '' && isStream(read)) ? read : undefined;
    });
    this.#answered = true;
    const { body, line } = expected;
    const differences = matchResponse(expected, response, captures);
    if (body.kind !== 'frames') return differences;
    if (!isStream(response)) {
      const received = `${response.status}, ${response.body === '' ? 'no body' : response.body}`;
      return [...differences, { line, where: 'body', expected: 'an event stream', received }];
    }
    differences.push(...(await this.#expectFrames(body.frames, captures)));
    return this.name === '' ? [...differences, ...this.#leftOver(line)] : differences;
  }

  /** Checks that the server has ended the response, or the connection before any response, and sent nothing more. */
  async expectEnd(line: number): Promise<Difference[]> {
    await this.peer.until(
      'the end',
      this.#deadlineMs,
      () => this.peer.ended || this.#read()?.complete || undefined,
    );
    if (this.#answered) return this.#leftOver(line);
    return this.peer.received.length === 0
      ? []
      : unexpected(line, 'response', this.peer.received.toString('utf8'));
  }

  async #expectFrames(expected: ExpectedFrame[], captures: Captures): Promise<Difference[]> {
    const wanted = `event ${expected.length} of this block`;
    const { frames, used } = await this.peer.until(wanted, this.#deadlineMs, () => {
      const picked = pickFrames(expected, this.#unread());
      const enough = picked.frames.length === expected.length || this.#read()?.complete || this.peer.ended;
      return enough ? picked : undefined;
    });
    this.#framesUsed += used;
    return matchFrames(expected, frames, captures);
  }

  #read(): Response | undefined {
    return readHttp(this.peer.received, this.peer.ended, this.#method);
  }

  #unread(): Frame[] {
    return readFrames(this.#read()?.body ?? '').slice(this.#framesUsed);
  }

  #leftOver(line: number): Difference[] {
    return this.#unread().flatMap(({ comment: _, ...frame }) =>
      Object.keys(frame).length > 0 ? unexpected(line, 'a further event', frame) : [],
    );
  }
}
