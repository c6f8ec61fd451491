/**
 * One call of a tool that may run: the tool is run, in the background where it wants that and the client knows tasks, and its
 * result is held against its own promise and masked.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import { isRecord, type JsonObject } from '../value.js';
import { reauthorize, requireSwitchedOn } from './authority.js';
import {
  type HandlerContext,
  TaskStarted,
  type ToolContext,
  ToolError,
  type ToolResult,
} from './definitions.js';
import { askAll } from './input-rounds.js';
import type { Call } from './mcp-server.js';
import { TASKS_EXTENSION } from './meta.js';
import { plainQuestion } from './plain-message.js';
import { boundOf } from './reading.js';
import { Stopped } from './request-context.js';
import { shapeOf } from './result.js';
import { runHandler, untilNeeded } from './run-handler.js';
import { failed } from './shape.js';
import type { TaskContext, TaskStore, TaskWork } from './task-store.js';

export function runCall(call: Call): Promise<JsonObject> {
  const { entry, exchange, server } = call;
  const { answerSizes } = server;
  return answerSizes === undefined || answerSizes.knows(entry.tool.name)
    ? begin(call)
    : answerSizes.first(entry.tool.name, exchange.transport.after, () => begin(call));
}

function begin(call: Call): Promise<JsonObject> {
  reserveRoom(call);
  return call.entry.tool.destructive ? intend(call).then(() => runRecorded(call)) : runRecorded(call);
}

/** Before anything is written down or used up for the call. @throws Fault 503 when there is no room for its answer */
export function reserveRoom({ entry, exchange, server }: Call): void {
  exchange.transport.room?.reserve(server.answerSizes?.expected(entry.tool.name) ?? 0);
}

/** The call once its intent is on disk, where the tool changes something. */
export async function runRecorded(call: Call): Promise<JsonObject> {
  const { entry, args, request, exchange, server } = call;
  const shape = shapeOf(call);
  try {
    return await runHandler(
      request,
      exchange,
      server,
      (context) => {
        requireSwitchedOn(call);
        exchange.audit.ran = true;
        return entry.tool.handler(args, withTask(context, call));
      },
      (outcome) =>
        outcome instanceof TaskStarted ? { resultType: 'task', ...outcome.task } : shape(outcome),
      () => reauthorize(call),
    );
  } catch (error) {
    if (error instanceof Fault) throw error;
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, is said.
    if (exchange.stopped !== undefined && exchange.stopped.why !== 'deadline') throw exchange.stopped;
    return failed(publicFailure(call, error), exchange.features);
  }
}

/** On disk before it runs: whatever happens next, somebody can find out that it was about to. */
export async function intend({ entry, request, exchange, server }: Call): Promise<void> {
  if (entry.tool.destructive) await server.audit?.intent(request, exchange);
}

/** The tasks of the server, where this caller can be given one. */
export function tasksFor({ exchange, server }: Call): TaskStore | undefined {
  const extensions = exchange.caller.capabilities?.extensions;
  const known = isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  return exchange.features.era === 'modern' && known ? server.tasks : undefined;
}

type Work = (context: HandlerContext) => Promise<ToolResult>;

function withTask(context: ToolContext, call: Call): ToolContext {
  const tasks = tasksFor(call);
  if (tasks === undefined) return context;
  const task = async (work: Work): Promise<TaskStarted> =>
    startTask(tasks, call, async (background) => {
      requireSwitchedOn(call);
      return ended(work, background, call);
    });
  return Object.assign(context, { task });
}

/** A task for the rest of the call. Its end is written down before its result can be fetched. */
export function startTask(
  tasks: TaskStore,
  { request, exchange, server }: Call,
  work: (context: TaskContext) => Promise<JsonObject>,
): TaskStarted | Promise<TaskStarted> {
  const { principal, capabilities = {} } = exchange.caller;
  const bound = (): readonly string[] => boundOf(exchange, server);
  const recorded: TaskWork = async (background) => {
    const ask: HandlerContext['ask'] = async (key, question) =>
      background.ask(key, plainQuestion(exchange.audit, question));
    const { tenant } = principal;
    const own = { tenant, tenantKey: tenantKey(principal), ask, askAll: askAllBy(ask) };
    const context = { ...background, ...own };
    const result = await work(context).catch(async (error: unknown) => {
      await server.audit?.taskEnded(request, exchange, { error });
      throw error;
    });
    await server.audit?.taskEnded(request, exchange, { result });
    return result;
  };
  return tasks.start(principalKey(principal), capabilities, recorded, bound);
}

/** The call within a task that was begun for it, once its intent is on disk. */
export async function runInTask(call: Call, background: TaskContext): Promise<JsonObject> {
  const { entry, args, exchange } = call;
  requireSwitchedOn(call);
  exchange.audit.ran = true;
  const work = async (context: HandlerContext): Promise<ToolResult> => {
    const own: ToolContext = Object.assign(context, { task: async (inner: Work) => inner(context) });
    const outcome = await entry.tool.handler(args, own);
    if (outcome instanceof TaskStarted) throw new Error('a task within a task');
    return outcome;
  };
  return ended(work, background, call);
}

function askAllBy(ask: HandlerContext['ask']): HandlerContext['askAll'] {
  return (requests) => askAll(requests, ask);
}

/** What the tool itself says is a result; anything else fails the task (SEP-2663, task status). */
async function ended(work: Work, background: TaskContext, call: Call): Promise<JsonObject> {
  let refused: unknown;
  const recheck = async (): Promise<void> => {
    try {
      await reauthorize(call);
    } catch (error) {
      refused ??= error;
      if (error instanceof Fault) background.refuse(error);
      throw error;
    }
  };
  const ask: HandlerContext['ask'] = async (key, question) => {
    const answer = await background.ask(key, question);
    await recheck();
    return answer;
  };
  const waitFor: HandlerContext['waitFor'] = (needed) => untilNeeded(needed, call.exchange, recheck);
  try {
    const result = await work({ ...background, ask, askAll: askAllBy(ask), waitFor });
    // Work that ignored the stop must not count.
    if (refused !== undefined) throw refused;
    return shapeOf(call)(result);
  } catch (error) {
    if (refused !== undefined) throw refused;
    if (error instanceof ToolError) return failed(error.message, call.exchange.features);
    throw error;
  }
}

function publicFailure({ entry, request, exchange, server }: Call, error: unknown): string {
  if (error instanceof ToolError) return error.message;
  if (exchange.stopped instanceof Stopped)
    return `${entry.tool.name} was stopped: ${exchange.stopped.message}`;
  server.onError(error, request);
  return `${entry.tool.name} failed; the reason is in the server's log`;
}
