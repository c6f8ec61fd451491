/**
 * Asks a real Open Policy Agent over its Data API, under a deadline. Whatever is no decision in time rejects: who asks
 * must then refuse the call, for a policy that cannot be asked has not agreed. What an answer means is in policy/.
 *
 * @see https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input
 */
import { type OpaDecision, type OpaProblem, readOpaAnswer } from '../opa-answer.js';
import type { OpaInput } from '../opa-input.js';

export class OpaFailed extends Error {
  override readonly name = 'OpaFailed';

  /** The message is for the log: it may name the engine's address. */
  constructor(
    readonly problem: OpaProblem | 'unreachable' | 'slow',
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export type OpaOptions = {
  /** Of the server, such as `http://127.0.0.1:8181`; with a path of its own it is taken as it is. */
  url: string;
  deadlineMs?: number;
  fetch?: typeof globalThis.fetch;
};

export type Opa = {
  /** @throws OpaFailed */
  decide(input: OpaInput): Promise<OpaDecision>;
};

/** Where policy.rego puts its decision. */
export const DECISION_PATH = '/v1/data/barewire/decision';
const MAX_ANSWER_BYTES = 65_536;

/** @throws TypeError when `url` is none. */
export function createOpa({ url, deadlineMs = 250, fetch = globalThis.fetch }: OpaOptions): Opa {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = DECISION_PATH;
  return {
    async decide(input) {
      // One deadline for all of it: an answer may begin in time and never end.
      const signal = AbortSignal.timeout(deadlineMs);
      let answer: { status: number; text: string };
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ input }),
          // A decision comes from the configured engine and from nowhere else.
          redirect: 'error',
          signal,
        });
        answer = { status: response.status, text: await readText(response) };
      } catch (cause) {
        if (cause instanceof OpaFailed) throw cause;
        if (signal.aborted) throw new OpaFailed('slow', `OPA did not answer within ${deadlineMs} ms`, cause);
        throw new OpaFailed('unreachable', `OPA at ${address.origin} cannot be asked`, cause);
      }
      const read = readOpaAnswer(answer.status, answer.text);
      if (read.kind === 'decision') return read.decision;
      throw new OpaFailed(read.problem, `OPA gave no decision: ${read.detail}`);
    },
  };
}

/** @throws OpaFailed when there is too much of it. */
async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > MAX_ANSWER_BYTES)
      throw new OpaFailed('malformed', `OPA answered over ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
