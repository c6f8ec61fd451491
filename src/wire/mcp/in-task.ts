/**
 * A call of a tool that goes on in the background, as a task: one that its handler begins, or one that a person has to approve first. Its
 * result is checked and masked like any other, and its end is recorded before anybody can fetch it.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import type { JsonObject } from '../value.js';
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
import { failed, shapeOf } from './result.js';
import { untilNeeded } from './run-handler.js';
import type { TaskContext, TaskStore, TaskWork } from './task-store.js';

type Work = (context: HandlerContext) => Promise<ToolResult>;

export function withTasks(own: ToolContext, tasks: TaskStore, call: ToolCall): ToolContext {
  const task: ToolContext['task'] = async (work) => {
    const outcome = await startTask(tasks, call, async (background) => {
      const refusal = checkSwitchedOn(call);
      if (refusal !== undefined) throw refusal;
      return finish(work, background, call);
    });
    // Thrown through the handler, because its own code stands between.
    if (outcome instanceof Fault) throw outcome;
    return outcome;
  };
  return Object.assign(own, { task });
}

/** A task for the rest of the call. Its end is recorded before its result can be fetched. */
export async function startTask(
  tasks: TaskStore,
  call: ToolCall,
  work: (context: TaskContext) => Promise<JsonObject>,
): Promise<TaskStarted | Fault> {
  const { context, server } = call;
  const { principal, capabilities = {} } = context.caller;
  const recordedWork: TaskWork = async (background) => {
    const { tenant } = principal;
    const result = await work({ ...background, tenant, tenantKey: tenantKey(principal) }).catch(
      async (error: unknown) => {
        const recordFault = await server.audit?.taskEnded(call, { error });
        throw recordFault ?? error;
      },
    );
    const recordFault = await server.audit?.taskEnded(call, { result });
    if (recordFault !== undefined) throw recordFault;
    // As the call itself would have been answered (2026-07-28/basic/008).
    return { resultType: 'complete', ...result };
  };
  return tasks.start(principalKey(principal), capabilities, recordedWork, () => boundOf(context, server));
}

/** The call within a task that was begun for it, once its intent is on disk. @throws Fault, which fails the task */
export async function runInTask(call: ToolCall, background: TaskContext): Promise<JsonObject> {
  const { entry, args, context } = call;
  const refusal = checkSwitchedOn(call);
  if (refusal !== undefined) throw refusal;
  context.handlerBegan = true;
  const work = async (own: HandlerContext): Promise<ToolResult> => {
    const tool: ToolContext = Object.assign(own, { task: async (inner: Work) => inner(own) });
    const outcome = await entry.tool.handler(args, tool);
    if (outcome instanceof TaskStarted) throw new Error('a task within a task');
    return outcome;
  };
  return finish(work, background, call);
}

/** The result of a task's work. A failure of the tool is a result; anything else fails the task (SEP-2663, task status). */
async function finish(work: Work, background: TaskContext, call: ToolCall): Promise<JsonObject> {
  let firstRefusal: unknown;
  const goOn = async (): Promise<void> => {
    const refusal = await reauthorize(call).catch((reason: unknown) => reason);
    if (refusal === undefined) return;
    firstRefusal ??= refusal;
    if (refusal instanceof Fault) background.refuse(refusal);
    throw refusal;
  };
  const ask: HandlerContext['ask'] = async (key, question) => {
    const answer = await background.ask(key, plainQuestion(call.context, question));
    await goOn();
    return answer;
  };
  try {
    const result = await work({
      ...background,
      ask,
      askAll: (requests) => askAll(requests, ask),
      waitFor: (promise) => untilNeeded(promise, call.context, goOn),
    });
    // Work that ignored the stop must not count.
    if (firstRefusal !== undefined) throw firstRefusal;
    return shapeOf(call, result);
  } catch (error) {
    if (firstRefusal !== undefined) throw firstRefusal;
    if (error instanceof ToolError) return failed(error.message, call.context.features);
    throw error;
  }
}
