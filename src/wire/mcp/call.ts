/**
 * One call of a tool that may run: the tool is run, in the background where it wants that and the client knows tasks, and its
 * result is checked against its output schema and masked.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import { isRecord, type JsonObject } from '../value.js';
import { boundOf, checkSwitchedOn, reauthorize } from './authority.js';
import {
  type HandlerContext,
  TaskStarted,
  type ToolContext,
  ToolError,
  type ToolResult,
} from './definitions.js';
import { askAll } from './input-rounds.js';
import { plainQuestion } from './masking.js';
import type { ToolCall } from './mcp-server.js';
import { TASKS_EXTENSION } from './meta.js';
import { Stopped } from './request-context.js';
import { failed, shapeOf } from './result.js';
import { runHandler, untilNeeded } from './run-handler.js';
import type { TaskContext, TaskStore, TaskWork } from './task-store.js';

export function runCall(call: ToolCall): Promise<JsonObject | Fault> {
  const { entry, context, server } = call;
  const { answerSizes } = server;
  return answerSizes === undefined || answerSizes.knows(entry.tool.name)
    ? begin(call)
    : answerSizes.first(entry.tool.name, context.transport.after, () => begin(call));
}

function begin(call: ToolCall): Promise<JsonObject | Fault> {
  const full = reserveRoom(call);
  if (full !== undefined) return Promise.resolve(full);
  if (!call.entry.tool.destructive) return runRecorded(call);
  return intend(call).then((refused) => refused ?? runRecorded(call));
}

/** The refusal when there is no room for the answer; before anything is recorded or used up for the call. */
export function reserveRoom({ entry, context, server }: ToolCall): Fault | undefined {
  return context.transport.room?.reserve(server.answerSizes?.expected(entry.tool.name) ?? 0);
}

/** The call once its intent is on disk, where the tool changes something. */
export async function runRecorded(call: ToolCall): Promise<JsonObject | Fault> {
  const { entry, args, context } = call;
  try {
    const handled = await runHandler(call, (own) => entry.tool.handler(args, withTask(own, call)), {
      before: () => checkSwitchedOn(call),
      again: () => reauthorize(call),
    });
    if (handled instanceof Fault) return handled;
    if ('asks' in handled) return handled.asks;
    const { returned } = handled;
    return returned instanceof TaskStarted
      ? { resultType: 'task', ...returned.task }
      : shapeOf(call)(returned);
  } catch (error) {
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, it sends.
    if (context.stopped !== undefined && context.stopped.why !== 'deadline') throw context.stopped;
    return failed(publicFailure(call, error), context.features);
  }
}

/** Records that the call is about to run, on disk: whatever happens next, somebody can find out. */
export async function intend(call: ToolCall): Promise<Fault | undefined> {
  return call.entry.tool.destructive ? call.server.audit?.intent(call) : undefined;
}

/** The tasks of the server, where this caller can be given one. */
export function tasksFor({ context, server }: ToolCall): TaskStore | undefined {
  const extensions = context.caller.capabilities?.extensions;
  const declared = isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  return context.features.era === 'modern' && declared ? server.tasks : undefined;
}

type Work = (context: HandlerContext) => Promise<ToolResult>;

function withTask(own: ToolContext, call: ToolCall): ToolContext {
  const tasks = tasksFor(call);
  if (tasks === undefined) return own;
  const task = async (work: Work): Promise<TaskStarted> =>
    startTask(tasks, call, async (background) => {
      const refused = checkSwitchedOn(call);
      if (refused !== undefined) throw refused;
      return finish(work, background, call);
    });
  return Object.assign(own, { task });
}

/** A task for the rest of the call. Its end is recorded before its result can be fetched. */
export function startTask(
  tasks: TaskStore,
  call: ToolCall,
  work: (context: TaskContext) => Promise<JsonObject>,
): TaskStarted | Promise<TaskStarted> {
  const { context, server } = call;
  const { principal, capabilities = {} } = context.caller;
  const recorded: TaskWork = async (background) => {
    const ask: HandlerContext['ask'] = async (key, question) =>
      background.ask(key, plainQuestion(context, question));
    const { tenant } = principal;
    const own = { ...background, tenant, tenantKey: tenantKey(principal), ask, askAll: askAllBy(ask) };
    const result = await work(own).catch(async (error: unknown) => {
      const unrecorded = await server.audit?.taskEnded(call, { error });
      throw unrecorded ?? error;
    });
    const unrecorded = await server.audit?.taskEnded(call, { result });
    if (unrecorded !== undefined) throw unrecorded;
    return result;
  };
  return tasks.start(principalKey(principal), capabilities, recorded, () => boundOf(context, server));
}

/** The call within a task that was begun for it, once its intent is on disk. @throws Fault, which fails the task */
export async function runInTask(call: ToolCall, background: TaskContext): Promise<JsonObject> {
  const { entry, args, context } = call;
  const refused = checkSwitchedOn(call);
  if (refused !== undefined) throw refused;
  context.beginHandler();
  const work = async (own: HandlerContext): Promise<ToolResult> => {
    const tool: ToolContext = Object.assign(own, { task: async (inner: Work) => inner(own) });
    const outcome = await entry.tool.handler(args, tool);
    if (outcome instanceof TaskStarted) throw new Error('a task within a task');
    return outcome;
  };
  return finish(work, background, call);
}

function askAllBy(ask: HandlerContext['ask']): HandlerContext['askAll'] {
  return (requests) => askAll(requests, ask);
}

/** The result of a task's work. A failure of the tool is a result; anything else fails the task (SEP-2663, task status). */
async function finish(work: Work, background: TaskContext, call: ToolCall): Promise<JsonObject> {
  let refused: unknown;
  const goOn = async (): Promise<void> => {
    const refusal = await reauthorize(call).catch((stopped: unknown) => stopped);
    if (refusal === undefined) return;
    refused ??= refusal;
    if (refusal instanceof Fault) background.refuse(refusal);
    throw refusal;
  };
  const ask: HandlerContext['ask'] = async (key, question) => {
    const answer = await background.ask(key, question);
    await goOn();
    return answer;
  };
  const waitFor: HandlerContext['waitFor'] = (needed) => untilNeeded(needed, call.context, goOn);
  try {
    const result = await work({ ...background, ask, askAll: askAllBy(ask), waitFor });
    // Work that ignored the stop must not count.
    if (refused !== undefined) throw refused;
    return shapeOf(call)(result);
  } catch (error) {
    if (refused !== undefined) throw refused;
    if (error instanceof ToolError) return failed(error.message, call.context.features);
    throw error;
  }
}

function publicFailure({ entry, request, context, server }: ToolCall, error: unknown): string {
  if (error instanceof ToolError) return error.message;
  if (context.stopped instanceof Stopped) return `${entry.tool.name} was stopped: ${context.stopped.message}`;
  server.onError(error, request);
  return `${entry.tool.name} failed; the reason is in the server's log`;
}
