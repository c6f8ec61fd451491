/** One HTTP exchange of a transcript, on its own connection: waits for what each block expects, and compares. */
import type { Frame } from '../../client/frames.js';
import type { Expected, ExpectedFrame, ExpectedResponse } from '../transcripts/expected.js';
import { type Difference, matchFrames, matchResponse, pickFrames, unexpected } from '../transcripts/match.js';
import type { Captures } from '../transcripts/request.js';
import {
  answerOf,
  isStream,
  JSON_OR_SSE,
  type Response,
  readFrames,
  readHttp,
} from '../transcripts/response.js';
import type { Peer } from './peer.js';

export class Exchange {
  #answered = false;
  #framesUsed = 0;

  constructor(
    readonly name: string,
    readonly method: string,
    readonly peer: Peer,
    readonly deadlineMs: number,
    /** Of a transcript for any server, which may send more than what the transcript is about. */
    readonly portable: boolean,
  ) {}

  async expect(expected: Expected, captures: Captures): Promise<Difference[]> {
    if (expected.kind === 'frames') return this.#expectFrames(expected.frames, captures);
    if (expected.kind === 'line') throw new Error('a line is expected on stdio only');
    const response = await this.peer.until('a whole response', this.deadlineMs, () => {
      const answer = this.#read();
      if (answer === undefined || answer.complete) return answer;
      return isStream(answer) && (this.name !== '' || this.#hasAnswer(expected, answer)) ? answer : undefined;
    });
    this.#answered = true;
    const closestExpected = closest(expected, response, captures, this.portable);
    const { body, line } = closestExpected;
    const differences = matchResponse(closestExpected, response, captures, this.portable);
    if (body.kind !== 'frames') return differences;
    if (!isStream(response)) {
      const received = `${response.status}, ${response.body === '' ? 'no body' : response.body}`;
      return [...differences, { line, where: 'body', expected: 'an event stream', received }];
    }
    differences.push(...(await this.#expectFrames(body.frames, captures)));
    return this.name === '' && !this.portable ? [...differences, ...this.#leftOver(line)] : differences;
  }

  /** Checks that the server has ended the response, or the connection before any response, and sent nothing more. */
  async expectEnd(line: number): Promise<Difference[]> {
    await this.peer.until(
      'the end',
      this.deadlineMs,
      () => this.peer.hasEnded || this.#read()?.complete || undefined,
    );
    if (this.#answered) return this.#leftOver(line);
    return this.peer.received.length === 0
      ? []
      : unexpected(line, 'response', this.peer.received.toString('utf8'));
  }

  async #expectFrames(expected: ExpectedFrame[], captures: Captures): Promise<Difference[]> {
    const what = `event ${expected.length} of this block`;
    const { frames, usedCount } = await this.peer.until(what, this.deadlineMs, () => {
      const picked = pickFrames(expected, this.#unread());
      const enough = picked.frames.length === expected.length || this.#read()?.complete || this.peer.hasEnded;
      return enough ? picked : undefined;
    });
    this.#framesUsed += usedCount;
    return matchFrames(expected, this.portable ? frames.map(withFieldsOf(expected)) : frames, captures);
  }

  /** A server may leave a stream open for a while after its answer; only its end is late then. */
  #hasAnswer(expected: ExpectedResponse, answer: Response): boolean {
    if (!this.portable) return false;
    for (let one: ExpectedResponse | undefined = expected; one !== undefined; one = one.or)
      if (one.headers.some(({ value }) => value === JSON_OR_SSE)) return answerOf(answer) !== '';
    return false;
  }

  #read(): Response | undefined {
    return readHttp(this.peer.received, this.peer.hasEnded, this.method);
  }

  #unread(): Frame[] {
    const frames = readFrames(this.#read()?.body ?? '');
    // A priming event is no message.
    const messages = frames.filter(({ data }) => !this.portable || (data !== undefined && data !== ''));
    return messages.slice(this.#framesUsed);
  }

  #leftOver(line: number): Difference[] {
    return this.#unread().flatMap(({ comment: _, ...frame }) =>
      Object.keys(frame).length > 0 ? unexpected(line, 'a further event', frame) : [],
    );
  }
}

/** Without the fields that the transcript says nothing about: any server may name its events and give them ids. */
const withFieldsOf =
  (expected: readonly ExpectedFrame[]) =>
  (frame: Frame, index: number): Frame => {
    const names = Object.keys(expected[index] ?? {});
    return Object.fromEntries(Object.entries(frame).filter(([name]) => names.includes(name)));
  };

/** The response that is expected: of several, the one that differs least from what came. */
function closest(
  expected: ExpectedResponse,
  response: Response,
  captures: Captures,
  portable: boolean,
): ExpectedResponse {
  let [best, least] = [expected, Number.POSITIVE_INFINITY];
  for (let one: ExpectedResponse | undefined = expected; one !== undefined; one = one.or) {
    // Another status is another answer, however alike the bodies are.
    const differences = matchResponse(one, response, new Map(captures), portable);
    const weight = differences.reduce((sum, { where }) => sum + (where === 'status' ? 100 : 1), 0);
    if (weight < least) [best, least] = [one, weight];
  }
  return best;
}
