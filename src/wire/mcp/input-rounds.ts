/**
 * Asks the client in the middle of a call. In the modern era a handler that asks runs again with the answers so far (a multi
 * round-trip request). The answers travel through the client in `requestState`, sealed, because a client can send anything back.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */

import { Fault, invalidParams } from '../fault.js';
import { canonicalJson } from '../jsonrpc/json.js';
import type { Request } from '../jsonrpc/message.js';
import { isRecord, type JsonObject, kindOf } from '../value.js';
import type { InputRequest } from './definitions.js';
import { answerProblem, mayAsk, modernQuestion } from './input.js';
import type { Sealer } from './mcp-server.js';
import { missingForQuestion } from './methods/lifecycle.js';

type Answers = { [key: string]: unknown };

/** Thrown through a handler whose question has no answer yet. */
export class InputRequired extends Error {
  override readonly name = 'InputRequired';
}

/** The key of the server's own question, for an approval. */
export const APPROVAL = 'approval';
const STATE_TTL_MS = 15 * 60_000;

export class InputRounds {
  readonly #answers: Answers;
  /** The answers that go into the state: only those to a handler's questions, so that a client cannot fill it with others. */
  readonly #stateAnswers: Answers;
  readonly #pending: { [key: string]: InputRequest } = {};
  /** The keys of all questions in this run, and the reserved ones. */
  readonly #askedKeys: Set<string>;

  private constructor(
    earlierAnswers: Answers,
    newAnswers: Answers | undefined,
    readonly about: string,
    readonly capabilities: JsonObject,
    readonly sealer: Sealer,
    reservedKeys: readonly string[],
  ) {
    this.#askedKeys = new Set(reservedKeys);
    this.#stateAnswers = earlierAnswers;
    this.#answers = { ...earlierAnswers, ...newAnswers };
  }

  /** Returns a Fault if `inputResponses` or `requestState` is invalid (2026-07-28/mrtr/012, /027). */
  static async of(
    request: Request,
    principal: string,
    capabilities: JsonObject,
    sealer: Sealer,
    reservedKeys: readonly string[] = [],
  ): Promise<InputRounds | Fault> {
    const { inputResponses, requestState, _meta, ...rest } = request.params;
    if (inputResponses !== undefined && !isRecord(inputResponses)) {
      return invalidParams(`params.inputResponses must be an object, received ${kindOf(inputResponses)}`);
    }
    // Bound to who asks whom for what (2026-07-28/mrtr/014, /016).
    const about = canonicalJson([principal, request.method, rest]);
    const earlierAnswers = requestState === undefined ? {} : await unseal(requestState, about, sealer);
    if (earlierAnswers instanceof Fault) return earlierAnswers;
    return new InputRounds(earlierAnswers, inputResponses, about, capabilities, sealer, reservedKeys);
  }

  /** Undefined for an invalid answer as for none, so that the client is asked once more (2026-07-28/mrtr/030). */
  answerTo(key: string, request: InputRequest): JsonObject | undefined {
    const answer = Object.hasOwn(this.#answers, key) ? this.#answers[key] : undefined;
    return isRecord(answer) && answerProblem(request, answer) === undefined ? answer : undefined;
  }

  /** Notes a question whose answer comes by another way, whatever the client answered. */
  noteQuestion(key: string, request: InputRequest): void {
    this.#pending[key] = modernQuestion(request);
  }

  /** Returns the answer if it is here already; otherwise notes the question and throws InputRequired. */
  async ask(name: string, request: InputRequest): Promise<JsonObject> {
    const key = unusedKey(this.#askedKeys, name);
    const answer = this.answerTo(key, request);
    if (answer !== undefined) {
      this.#stateAnswers[key] = answer;
      return answer;
    }
    if (!mayAsk(request, this.capabilities)) throw missingForQuestion(request);
    this.#pending[key] = modernQuestion(request);
    throw new InputRequired(key);
  }

  /** The `input_required` result that asks for everything noted so far. */
  async result(): Promise<JsonObject> {
    const pendingKeys = new Set(Object.keys(this.#pending));
    const stateAnswers = Object.fromEntries(
      Object.entries(this.#stateAnswers).filter(([key]) => !pendingKeys.has(key)),
    );
    const requestState = await this.sealer.seal(JSON.stringify(stateAnswers), this.about, STATE_TTL_MS);
    return { resultType: 'input_required', inputRequests: this.#pending, requestState };
  }
}

async function unseal(requestState: unknown, about: string, sealer: Sealer): Promise<Answers | Fault> {
  if (typeof requestState !== 'string') {
    return invalidParams(`params.requestState must be a string, received ${kindOf(requestState)}`);
  }
  const text = await sealer.open(requestState, about);
  if (text === undefined) {
    return invalidParams('params.requestState was changed, is too old, or belongs to another request');
  }
  return JSON.parse(text) as Answers;
}

/** The key, or one derived from it if it is taken, so that no answer counts for two questions (SEP-2663, task update requests). */
export function unusedKey(keys: Set<string>, key: string): string {
  let freeKey = key;
  for (let nth = 2; keys.has(freeKey); nth += 1) freeKey = `${key}-${nth}`;
  keys.add(freeKey);
  return freeKey;
}

export type Ask = (key: string, request: InputRequest) => Promise<JsonObject>;

/** Asks every question before the first missing answer ends the run, so that the client sees them together. */
export async function askAll<Questions extends { [key: string]: InputRequest }>(
  requests: Questions,
  ask: Ask,
): Promise<{ [Key in keyof Questions]: JsonObject }> {
  const answers = Object.entries(requests).map(([key, request]) =>
    ask(key, request).then((answer) => [key, answer]),
  );
  const outcomes = await Promise.allSettled(answers);
  const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  // A question that can never be answered takes precedence over one that has no answer yet.
  const failure = reasons.find((reason) => !(reason instanceof InputRequired)) ?? reasons[0];
  if (failure !== undefined) throw failure;
  return Object.fromEntries(await Promise.all(answers)) as { [Key in keyof Questions]: JsonObject };
}
