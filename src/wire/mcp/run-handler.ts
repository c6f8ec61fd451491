/**
 * Running a handler of somebody's own, a tool's, a prompt's or a resource's: with its context, within its deadline, and
 * with the questions it asks the client answered in the way of the era.
 */
import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import { principalKey, tenantKey } from '../principal.js';
import type { JsonObject } from '../value.js';
import { unaskable } from './capabilities.js';
import { type HandlerContext, type InputRequest, type ToolContext, ToolError } from './definitions.js';
import { answerProblem, mayAsk } from './input.js';
import { type Ask, askAll, InputRequired, InputRounds } from './input-rounds.js';
import type { McpServer } from './mcp-server.js';
import { plainQuestion } from './plain-message.js';
import { type RequestContext, Stopped } from './request-context.js';

/** How long a person may take to answer, milliseconds. */
const ANSWER_MS = 10 * 60_000;
/** How long what the server needs first may take, milliseconds. */
const NEEDED_MS = 5 * 60_000;
/** A call that waits longer than this for what the server needs first is checked again, milliseconds. Few do. */
const LONG_MS = 1_000;

/**
 * The handler's result, formed by `shape`, or the `input_required` result that asks for missing input. After each wait of the
 * handler, `recheck` throws the refusal if the call may no longer go on.
 *
 * @throws whatever the handler throws, Stopped when it was stopped, Fault when its questions may not be asked.
 */
export async function runHandler<T>(
  request: Request,
  exchange: RequestContext,
  server: McpServer,
  run: (context: ToolContext) => T | Promise<T>,
  shape: (result: T) => JsonObject,
  recheck: () => Promise<void>,
): Promise<JsonObject> {
  const asking = new Asking(request, exchange, server, recheck);
  // Answers and state that come with a request are looked at even when nobody asks for them (mrtr/012, /027).
  const { inputResponses, requestState } = request.params;
  if (inputResponses !== undefined || requestState !== undefined) await asking.begin();
  exchange.transport.admitted?.();
  try {
    const returned = run(new CallContext(exchange, asking, server.logging));
    return shape(
      isThenable(returned)
        ? await exchange.bounded(Promise.resolve(returned), server.settings.toolDeadlineMs)
        : returned,
    );
  } catch (error) {
    if (!(error instanceof InputRequired)) throw error;
    const asked = await asking.result();
    if (asked === undefined) throw error;
    return asked;
  }
}

/**
 * A class for the sake of its getter: one in an object literal makes V8 a hidden class for each call, which keeps the call
 * alive until the next full collection: that was a third of a call's time. The others are fields, since handlers take them
 * apart, and no assignments: V8 makes the function of `x.f = () => …` where long-lived things are, and while the code is
 * cold, all that it sees stays with it.
 */
class CallContext implements ToolContext {
  readonly capabilities: JsonObject;
  readonly #exchange: RequestContext;
  readonly #asking: Asking;
  readonly #logging: boolean;

  constructor(exchange: RequestContext, asking: Asking, logging: boolean) {
    this.#exchange = exchange;
    this.#asking = asking;
    this.#logging = logging;
    this.capabilities = exchange.caller.capabilities ?? {};
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  get tenant(): string {
    return this.#exchange.caller.principal.tenant;
  }

  get tenantKey(): string {
    return tenantKey(this.#exchange.caller.principal);
  }

  readonly progress: HandlerContext['progress'] = (progress, total, message) =>
    this.#exchange.progress(progress, total, message);
  readonly log: HandlerContext['log'] = (level, data, logger) => {
    if (this.#logging) this.#exchange.log(level, data, logger);
  };
  readonly ask: Ask = (key, question) => this.#asking.ask(key, question);
  readonly askAll: HandlerContext['askAll'] = (requests) => askAll(requests, this.ask);
  readonly waitFor = async <T>(needed: Promise<T>): Promise<T> => {
    // As for questions: a handler that waits at once has no deadline to rest yet.
    await Promise.resolve();
    const rested = this.#exchange.resting(needed, NEEDED_MS);
    return untilNeeded(rested, this.#exchange, () => this.#asking.mayGoOn());
  };
  readonly releaseStream = (): void => this.#exchange.transport.releaseStream?.();
  /** For tools; where there are tasks, call.ts puts another in its place. */
  readonly task: ToolContext['task'] = (work) => work(this);
}

/** Waits for what the server needs first. After a long wait the call is checked again. */
export async function untilNeeded<T>(
  needed: Promise<T>,
  { transport }: RequestContext,
  recheck: () => Promise<void>,
): Promise<T> {
  let long = false;
  const forget = transport.after(LONG_MS, () => {
    long = true;
  });
  try {
    return await needed;
  } finally {
    forget();
    if (long) await recheck();
  }
}

/** A promise, also one that another library made. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** What was asked and answered in earlier rounds of this request. @throws Fault when that is not what it should be */
export function roundsOf(
  request: Request,
  exchange: RequestContext,
  { sealer, info }: McpServer,
): Promise<InputRounds> {
  const { principal, capabilities = {} } = exchange.caller;
  // The name is included because on stdio a server has no resource from which to derive its key.
  return InputRounds.of(request, `${info.name}/${principalKey(principal)}`, capabilities, sealer);
}

/** A handler's questions, each in the way of the caller's era. Most handlers have none. */
class Asking {
  #rounds: Promise<InputRounds> | undefined;

  constructor(
    readonly request: Request,
    readonly exchange: RequestContext,
    readonly server: McpServer,
    readonly recheck: () => Promise<void>,
  ) {}

  /** Undefined before 2026-07-28, where questions go over the call's own stream. */
  begin(): Promise<InputRounds> | undefined {
    if (this.exchange.features.era === 'modern')
      this.#rounds ??= roundsOf(this.request, this.exchange, this.server);
    return this.#rounds;
  }

  async ask(key: string, given: InputRequest): Promise<JsonObject> {
    const question = plainQuestion(this.exchange.audit, given);
    const rounds = await this.begin();
    // An answer that came with the request was checked together with it.
    if (rounds !== undefined) return rounds.ask(key, question);
    const answer = await askNow(this.exchange, question);
    await this.mayGoOn();
    return answer;
  }

  /** Ends the request with the refusal, even if its handler ignores the signal. @throws Fault */
  async mayGoOn(): Promise<void> {
    try {
      await this.recheck();
    } catch (error) {
      if (error instanceof Fault) this.exchange.stop(new Stopped('refused', error.message, error));
      throw error;
    }
  }

  async result(): Promise<JsonObject | undefined> {
    return (await this.begin())?.result();
  }
}

/** A request of ours on the call's own stream. It needs a way back for the answer, and a client that said it can. */
export async function askNow(exchange: RequestContext, question: InputRequest): Promise<JsonObject> {
  const { transport, caller } = exchange;
  if (transport.request === undefined) {
    throw new ToolError(
      'this call has to ask its client: over HTTP a legacy client needs a session and text/event-stream for that',
    );
  }
  if (!mayAsk(question, caller.capabilities ?? {})) throw new ToolError(unaskable(question));
  // A handler that asks at once has no deadline to rest yet: it begins when the handler has returned its promise.
  await Promise.resolve();
  const asked = transport.request(question.method, question.params, exchange.signal);
  const answer = await exchange.resting(asked, ANSWER_MS);
  const problem = answerProblem(question, answer);
  if (problem !== undefined) throw new ToolError(`the client's answer to ${question.method}: ${problem}`);
  return answer;
}
