/**
 * Asking the client in the middle of a call. In the modern era a handler that asks is run again with the answers so far
 * (a multi round-trip request): the answers are kept in `requestState`, sealed, because it travels through the
 * client and comes back as anything.
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

/** Thrown through a handler that asked for something it does not have yet. */
export class InputRequired extends Error {
  override readonly name = 'InputRequired';
}

/** The key of the server's own question, for an approval. */
export const APPROVAL = 'approval';
const STATE_TTL_MS = 15 * 60_000;

export class InputRounds {
  readonly #answers: Answers;
  /** What goes into the state: only answers that a handler asked for, so that a client cannot fill it with others. */
  readonly #stateAnswers: Answers;
  readonly #pending: { [key: string]: InputRequest } = {};
  /** The keys of all questions of this run, and those that are no tool's. */
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

  /** A Fault when `inputResponses` or `requestState` is not what it should be (2026-07-28/mrtr/012, /027). */
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

  /** A bad answer counts as none: the client is asked once more (2026-07-28/mrtr/030). */
  answerTo(key: string, request: InputRequest): JsonObject | undefined {
    const answer = Object.hasOwn(this.#answers, key) ? this.#answers[key] : undefined;
    return isRecord(answer) && answerProblem(request, answer) === undefined ? answer : undefined;
  }

  /** Notes a question whatever was answered to it: one whose answer comes by another way. */
  again(key: string, request: InputRequest): void {
    this.#pending[key] = modernQuestion(request);
  }

  /** The answer that is already here; otherwise notes the question and throws InputRequired. */
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

/** The key, or one made from it where another question has it: no answer counts for two (SEP-2663, task update requests). */
export function unusedKey(keys: Set<string>, key: string): string {
  let freeKey = key;
  for (let nth = 2; keys.has(freeKey); nth += 1) freeKey = `${key}-${nth}`;
  keys.add(freeKey);
  return freeKey;
}

export type Ask = (key: string, request: InputRequest) => Promise<JsonObject>;

/** Every question is put before the first missing answer ends the run, so that the client sees them together. */
export async function askAll<Asked extends { [key: string]: InputRequest }>(
  requests: Asked,
  ask: Ask,
): Promise<{ [Key in keyof Asked]: JsonObject }> {
  const answers = Object.entries(requests).map(([key, request]) =>
    ask(key, request).then((answer) => [key, answer]),
  );
  const outcomes = await Promise.allSettled(answers);
  const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  // What can never be answered weighs more than what is not answered yet.
  const failure = reasons.find((reason) => !(reason instanceof InputRequired)) ?? reasons[0];
  if (failure !== undefined) throw failure;
  return Object.fromEntries(await Promise.all(answers)) as { [Key in keyof Asked]: JsonObject };
}
