/**
 * Running a handler of somebody's own, a tool's, a prompt's or a resource's: with its context, within its deadline, and
 * with the questions it asks the client answered in the way of the era.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import { isThenable, type JsonObject } from '../value.js';
import { type HandlerContext, type InputRequest, type ToolContext, ToolError } from './definitions.js';
import { answerProblem, mayAsk, olderQuestion } from './input.js';
import { APPROVAL, type Ask, askAll, InputRequired, InputRounds } from './input-rounds.js';
import { plainQuestion } from './masking.js';
import type { Call } from './mcp-server.js';
import { unaskable } from './methods/lifecycle.js';
import { type RequestContext, Stopped } from './request-context.js';

/** How long a person may take to answer, milliseconds. */
const ANSWER_MS = 10 * 60_000;
/** How long what the server needs first may take, milliseconds. */
const NEEDED_MS = 5 * 60_000;
/** A call that waits longer than this for what the server needs first is checked again, milliseconds. Few do. */
const LONG_MS = 1_000;

/** What checks a handler: once before it begins, and after each wait. Both give the refusal, if any. */
export type HandlerChecks<C extends Call> = {
  before?: (call: C) => Fault | undefined;
  again: (call: C) => Promise<Fault | undefined>;
};

/** What the handler returned, or the `input_required` result that asks for missing input. */
export type HandlerOutcome<T> = { returned: T } | { asks: JsonObject };

/** @throws what the handler throws, Stopped when it was stopped */
export async function runHandler<T, C extends Call>(
  call: C,
  run: (context: ToolContext) => T | Promise<T>,
  { before, again }: HandlerChecks<C>,
): Promise<HandlerOutcome<T> | Fault> {
  const { request, context, server } = call;
  const own = new CallContext(call, again);
  // Answers and state that come with a request are looked at even when nobody asks for them (mrtr/012, /027).
  const { inputResponses, requestState } = request.params;
  if (inputResponses !== undefined || requestState !== undefined) {
    const rounds = await CallContext.roundsOf(own);
    if (rounds instanceof Fault) return rounds;
  }
  const refusal = before?.(call);
  if (refusal !== undefined) return refusal;
  context.handlerBegan = true;
  try {
    const result = run(own);
    if (!isThenable(result)) return { returned: result };
    // Silence may open a stream from now on: nothing refuses the call any more.
    context.transport.opening?.admit();
    return { returned: await context.bounded(result, server.settings.toolDeadlineMs) };
  } catch (error) {
    // Refusals reach the handler as exceptions, because its own code stands between.
    if (error instanceof Fault) return error;
    if (!(error instanceof InputRequired)) throw error;
    const rounds = await CallContext.roundsOf(own);
    if (rounds === undefined || rounds instanceof Fault) throw error;
    return { asks: await rounds.result() };
  }
}

/**
 * What a handler is given. Its questions are asked as the caller's era has it; most handlers ask none.
 *
 * A class for the sake of its getters: one in an object literal makes V8 a hidden class for each call, which keeps the call
 * alive until the next full collection: that was a third of a call's time. The others are fields, since handlers take them
 * apart, and no assignments: V8 makes the function of `x.f = () => …` where long-lived things are, and while the code is
 * cold, all that it sees stays with it.
 */
class CallContext<C extends Call> implements ToolContext {
  readonly capabilities: JsonObject;
  readonly #call: C;
  readonly #again: (call: C) => Promise<Fault | undefined>;
  #rounds: Promise<InputRounds | Fault> | undefined;

  constructor(call: C, again: (call: C) => Promise<Fault | undefined>) {
    this.#call = call;
    this.#again = again;
    this.capabilities = call.context.caller.capabilities ?? {};
  }

  get signal(): AbortSignal {
    return this.#call.context.signal;
  }

  get tenant(): string {
    return this.#call.context.caller.principal.tenant;
  }

  get tenantKey(): string {
    return tenantKey(this.#call.context.caller.principal);
  }

  readonly progress: HandlerContext['progress'] = (progress, total, message) =>
    this.#call.context.progress(progress, total, message);
  readonly log: HandlerContext['log'] = (level, data, logger) => {
    if (this.#call.server.logging) this.#call.context.log(level, data, logger);
  };
  readonly ask: Ask = async (key, request) => {
    const { context } = this.#call;
    const question = plainQuestion(context, request);
    const rounds = await CallContext.roundsOf(this);
    if (rounds instanceof Fault) throw rounds;
    // An answer that came with the request was checked together with it.
    if (rounds !== undefined) return rounds.ask(key, question);
    const answer = await askNow(context, question);
    await this.#goOn();
    return answer;
  };
  readonly askAll: HandlerContext['askAll'] = (requests) => askAll(requests, this.ask);
  readonly waitFor = async <T>(promise: Promise<T>): Promise<T> => {
    const { context } = this.#call;
    // As for questions: a handler that waits at once has no deadline to rest yet.
    await Promise.resolve();
    return untilNeeded(context.resting(promise, NEEDED_MS), context, () => this.#goOn());
  };
  readonly releaseStream = (): void => this.#call.context.transport.releaseStream?.();
  /** For tools; where there are tasks, in-task.ts puts another in its place. */
  readonly task: ToolContext['task'] = (work) => work(this);

  /**
   * What was asked and answered in earlier rounds. Undefined before 2026-07-28, where questions go over the call's own stream. Static,
   * because handlers are given no access to it.
   */
  static roundsOf<C extends Call>(own: CallContext<C>): Promise<InputRounds | Fault> | undefined {
    if (own.#call.context.features.era === 'modern') own.#rounds ??= roundsOf(own.#call);
    return own.#rounds;
  }

  /** Ends the request with the refusal, even if its handler ignores the signal. @throws Fault when the call may not go on */
  async #goOn(): Promise<void> {
    const refusal = await this.#again(this.#call);
    if (refusal === undefined) return;
    this.#call.context.stop(new Stopped('refused', refusal.message, refusal));
    throw refusal;
  }
}

/** Waits for what the server needs first. After a long wait the call is checked again. */
export async function untilNeeded<T>(
  promise: Promise<T>,
  { transport }: RequestContext,
  recheck: () => Promise<void>,
): Promise<T> {
  let long = false;
  const forget = transport.after(LONG_MS, () => {
    long = true;
  });
  try {
    return await promise;
  } finally {
    forget();
    if (long) await recheck();
  }
}

/** What was asked and answered in earlier rounds of this request. */
export function roundsOf({ request, context, server }: Call): Promise<InputRounds | Fault> {
  const { principal, capabilities = {} } = context.caller;
  // The name is included because on stdio a server has no resource from which to derive its key.
  return InputRounds.of(
    request,
    `${server.info.name}/${principalKey(principal)}`,
    capabilities,
    server.sealer,
    server.approvals === undefined ? [] : [APPROVAL],
  );
}

/** A request of ours on the call's own stream. It needs a way back for the answer, and a client that said it can. */
export async function askNow(context: RequestContext, question: InputRequest): Promise<JsonObject> {
  const { transport, caller } = context;
  if (transport.request === undefined) {
    throw new ToolError(
      'this call has to ask its client: over HTTP a legacy client needs a session and text/event-stream for that',
    );
  }
  if (!mayAsk(question, caller.capabilities ?? {})) throw new ToolError(unaskable(question));
  const older = olderQuestion(question, context.features);
  if (older === undefined)
    throw new ToolError(
      `this call has a question that clients of revision ${context.revision} cannot answer`,
    );
  // A handler that asks at once has no deadline to rest yet: it begins when the handler has returned its promise.
  await Promise.resolve();
  const answering = transport.request(older.method, older.params, context.signal);
  const answer = await context.resting(answering, ANSWER_MS);
  const problem = answerProblem(question, answer);
  if (problem !== undefined) throw new ToolError(`the client's answer to ${question.method}: ${problem}`);
  return answer;
}
