/**
 * Runs the handler of a tool, prompt or resource: gives it a context, holds it to its deadline, and puts its questions to the client as
 * the client's era does.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import { isThenable, type JsonObject } from '../value.js';
import { type HandlerContext, type InputRequest, type ToolContext, ToolError } from './definitions.js';
import { answerProblem, mayAsk, olderQuestion } from './input.js';
import { APPROVAL, type Ask, askAll, InputRequired, InputRounds } from './input-rounds.js';
import { plainQuestion } from './masking.js';
import type { Call } from './mcp-server.js';
import { whyUnaskable } from './methods/lifecycle.js';
import { type RequestContext, Stopped } from './request-context.js';

/** How long a person may take to answer. */
const MAX_ANSWER_MS = 10 * 60_000;
/** How long a handler may wait for something that the server must prepare first (`waitFor`). */
const MAX_PREPARATION_MS = 5 * 60_000;
/** A call that waited longer than this for such a preparation is checked again. Few do. */
const RECHECK_AFTER_MS = 1_000;

/** The checks of a call: one before its handler begins, one after each wait. Both return the refusal, if any. */
export type HandlerChecks<C extends Call> = {
  beforeStart?: (call: C) => Fault | undefined;
  afterWait: (call: C) => Promise<Fault | undefined>;
};

/** The handler's value, or the `input_required` result that asks the client for missing input. */
export type HandlerOutcome<T> = { value: T } | { inputRequired: JsonObject };

/** @throws what the handler throws, and Stopped if the call was stopped */
export async function runHandler<T, C extends Call>(
  call: C,
  run: (context: ToolContext) => T | Promise<T>,
  { beforeStart, afterWait }: HandlerChecks<C>,
): Promise<HandlerOutcome<T> | Fault> {
  const { request, context, server } = call;
  const callContext = new CallContext(call, afterWait);
  // Answers and state in the request are checked even if the handler asks nothing (mrtr/012, /027).
  const { inputResponses, requestState } = request.params;
  if (inputResponses !== undefined || requestState !== undefined) {
    const rounds = await CallContext.roundsOf(callContext);
    if (rounds instanceof Fault) return rounds;
  }
  const refusal = beforeStart?.(call);
  if (refusal !== undefined) return refusal;
  context.handlerBegan = true;
  try {
    const result = run(callContext);
    if (!isThenable(result)) return { value: result };
    // Nothing refuses the call any more, so silence may open a stream from now on.
    context.transport.opening?.admit();
    return { value: await context.withDeadline(result, server.settings.toolDeadlineMs) };
  } catch (error) {
    // Refusals reach the handler as exceptions, because its own code stands between.
    if (error instanceof Fault) return error;
    if (!(error instanceof InputRequired)) throw error;
    const rounds = await CallContext.roundsOf(callContext);
    if (rounds === undefined || rounds instanceof Fault) throw error;
    return { inputRequired: await rounds.result() };
  }
}

/**
 * The context that a handler gets.
 *
 * It is a class because of its getters: for a getter in an object literal, V8 makes a hidden class per call, which keeps the call alive
 * until the next full collection, and that took a third of a call's time. The functions are fields, because handlers destructure them,
 * and not assignments: V8 allocates the function of `x.f = () => …` among long-lived objects, where it keeps alive all that it captures.
 */
class CallContext<C extends Call> implements ToolContext {
  readonly capabilities: JsonObject;
  readonly #call: C;
  readonly #afterWait: (call: C) => Promise<Fault | undefined>;
  #rounds: Promise<InputRounds | Fault> | undefined;

  constructor(call: C, afterWait: (call: C) => Promise<Fault | undefined>) {
    this.#call = call;
    this.#afterWait = afterWait;
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
    // An answer that came with the request was checked with it.
    if (rounds !== undefined) return rounds.ask(key, question);
    const answer = await askNow(context, question);
    await this.#recheck();
    return answer;
  };
  readonly askAll: HandlerContext['askAll'] = (requests) => askAll(requests, this.ask);
  readonly waitFor = async <T>(promise: Promise<T>): Promise<T> => {
    const { context } = this.#call;
    // Wait for the deadline to begin, which it does once the handler has returned its promise.
    await Promise.resolve();
    return waitThenRecheck(context.pauseDeadline(promise, MAX_PREPARATION_MS), context, () =>
      this.#recheck(),
    );
  };
  readonly releaseStream = (): void => this.#call.context.transport.releaseStream?.();
  /** For tools without tasks; where there are tasks, in-task.ts replaces it. */
  readonly task: ToolContext['task'] = (work) => work(this);

  /**
   * The questions and answers of earlier rounds; undefined before 2026-07-28, where questions go over the call's own stream. Static, so
   * that handlers cannot reach it.
   */
  static roundsOf<C extends Call>(callContext: CallContext<C>): Promise<InputRounds | Fault> | undefined {
    if (callContext.#call.context.features.era === 'modern')
      callContext.#rounds ??= roundsOf(callContext.#call);
    return callContext.#rounds;
  }

  /** Checks the call again; a refusal ends it, even if its handler ignores the signal. @throws Fault if the call may not go on */
  async #recheck(): Promise<void> {
    const refusal = await this.#afterWait(this.#call);
    if (refusal === undefined) return;
    this.#call.context.stop(new Stopped('refused', refusal.message, refusal));
    throw refusal;
  }
}

/** Waits for the promise, and after a long wait checks the call again. */
export async function waitThenRecheck<T>(
  promise: Promise<T>,
  { transport }: RequestContext,
  recheck: () => Promise<void>,
): Promise<T> {
  let hasWaitedLong = false;
  const clearTimer = transport.after(RECHECK_AFTER_MS, () => {
    hasWaitedLong = true;
  });
  try {
    return await promise;
  } finally {
    clearTimer();
    if (hasWaitedLong) await recheck();
  }
}

/** The questions and answers of earlier rounds of this request. */
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

/** Asks over the call's own stream: it needs a way back for the answer, and a client that declared the capability. */
export async function askNow(context: RequestContext, question: InputRequest): Promise<JsonObject> {
  const { transport, caller } = context;
  if (transport.request === undefined) {
    throw new ToolError(
      'this call must ask its client: over HTTP, a legacy client needs a session and text/event-stream for that',
    );
  }
  if (!mayAsk(question, caller.capabilities ?? {})) throw new ToolError(whyUnaskable(question));
  const olderRequest = olderQuestion(question, context.features);
  if (olderRequest === undefined)
    throw new ToolError(
      `this call has a question that clients of revision ${context.revision} cannot answer`,
    );
  // Wait for the deadline to begin, which it does once the handler has returned its promise.
  await Promise.resolve();
  const answering = transport.request(olderRequest.method, olderRequest.params, context.signal);
  const answer = await context.pauseDeadline(answering, MAX_ANSWER_MS);
  const problem = answerProblem(question, answer);
  if (problem !== undefined) throw new ToolError(`the client's answer to ${question.method}: ${problem}`);
  return answer;
}
