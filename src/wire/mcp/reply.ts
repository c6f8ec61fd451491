/** What goes back for one request: the response, its text, and the room that its bytes take until they are read. */

import type { After } from '../clock.js';
import type { Fault } from '../fault.js';
import { quoted } from '../jsonrpc/json.js';
import { errorResponse, type Id, type Response } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import { COUNTED_BYTES, counted, noRoom } from './budget.js';

/** What goes back: the response (of a large one only what kind it is), its one JSON text, and over HTTP its status and what a refusal says in headers. */
export type Reply = {
  status: number;
  response: Response;
  text: string;
  headers?: { [name: string]: string } | undefined;
};

export function refuse(id: Id | undefined, fault: Fault, era: Era): Reply {
  const response = errorResponse(id, fault, fault.dataFor(era));
  return { ...replyOf(fault.status(era), response), headers: fault.headers };
}

/** Characters beyond which an answer is kept as text alone. */
const MAX_KEPT = 64 * 1024;

export function replyOf(status: number, response: Response): Reply {
  if (!('result' in response)) return { status, response, text: JSON.stringify(response) };
  const text = resultText(response);
  if (text.length <= MAX_KEPT) return { status, response, text };
  // Its value takes several times the memory of its text, and nobody reads so much of it before the text is out.
  const { resultType, isError } = response.result;
  return { status, response: { ...response, result: { resultType, isError } }, text };
}

/** The JSON text of a result's `structuredContent`, under which the result keeps it; not a member on the wire. */
export const STRUCTURED_TEXT = Symbol('the text of structuredContent');

/** The text that structured content was made into already is used again: it may be most of the answer. */
function resultText(response: Response & { result: JsonObject & { [STRUCTURED_TEXT]?: string } }): string {
  const { id, result } = response;
  const structured = result[STRUCTURED_TEXT];
  if (structured === undefined) return JSON.stringify(response);
  let members = '';
  for (const name of Object.keys(result)) {
    const text = name === 'structuredContent' ? structured : JSON.stringify(result[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${quoted(name)}:${text}`;
  }
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
}

/** Takes that many bytes more, or gives them back where the number is negative; false where there is no room. */
export type TakeBytes = (bytes: number) => boolean;

export class AnswerRoom {
  readonly #take: TakeBytes;
  #taken = 0;

  constructor(take: TakeBytes) {
    this.#take = take;
  }

  /** @throws Fault 503 when there is no room for an answer of that size */
  reserve(bytes: number): Fault | undefined {
    return this.settle(bytes) ? undefined : noRoom();
  }

  /** The answer has that many bytes. False where there is no room for it; then nothing is taken. */
  settle(bytes: number): boolean {
    const size = counted(bytes);
    if (size === this.#taken) return true;
    const fits = this.#take(size - this.#taken);
    if (!fits && this.#taken > 0) this.#take(-this.#taken);
    this.#taken = fits ? size : 0;
    return fits;
  }
}

/** Calls of a tool that run at once before anybody knows how large its answers are, and how long others wait to know it. */
const FIRST_CALLS = 2;
const FIRST_MS = 1_000;

/** How large the answers of each tool were lately. */
export class AnswerSizes {
  /** Tools that have answered; 0 for small answers. */
  readonly #byTool = new Map<string, number>();
  readonly #first = new Map<string, { running: number; waiting: Set<() => void> }>();

  knows(tool: string): boolean {
    return this.#byTool.has(tool);
  }

  expected(tool: string): number {
    return this.#byTool.get(tool) ?? 0;
  }

  /** The largest one counts, and less with each that is smaller. */
  note(tool: string, bytes: number): void {
    const before = this.#byTool.get(tool);
    if (before === 0 && bytes < COUNTED_BYTES) return;
    const size = Math.max(bytes, Math.floor((before ?? 0) * 0.8));
    this.#byTool.set(tool, counted(size));
    const first = this.#first.get(tool);
    this.#first.delete(tool);
    for (const wake of first?.waiting ?? []) wake();
  }

  /** Runs a call of a tool that has not answered yet: a few at once, so that the first result is counted before many large ones come. */
  async first<T>(tool: string, after: After, run: () => Promise<T>): Promise<T> {
    const first = this.#first.get(tool) ?? { running: 0, waiting: new Set() };
    this.#first.set(tool, first);
    if (first.running >= FIRST_CALLS)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          forget();
          first.waiting.delete(wake);
          resolve();
        };
        const forget = after(FIRST_MS, wake);
        first.waiting.add(wake);
      });
    first.running += 1;
    try {
      return await run();
    } finally {
      first.running -= 1;
    }
  }
}
