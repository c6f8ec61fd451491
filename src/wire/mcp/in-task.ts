/**
 * A tool call that goes on in the background as a task, because its handler asked for one or because a person must approve it first. Its
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
import { errorResult, shapeOf } from './result.js';
import { waitThenRecheck } from './run-handler.js';
import type { TaskContext, TaskStore, TaskWork } from './task-store.js';

type Work = (context: HandlerContext) => Promise<ToolResult>;

export function withTasks(toolContext: ToolContext, tasks: TaskStore, call: ToolCall): ToolContext {
  const task: ToolContext['task'] = async (work) => {
    const outcome = await startTask(tasks, call, async (background) => {
      const refusal = checkSwitchedOn(call);
      if (refusal !== undefined) throw refusal;
      return finish(work, background, call);
    });
    // An exception, because the handler's own code stands between.
    if (outcome instanceof Fault) throw outcome;
    return outcome;
  };
  return Object.assign(toolContext, { task });
}

/** Starts a task for the rest of the call. */
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
    // As in the answer to a call without a task (2026-07-28/basic/008).
    return { resultType: 'complete', ...result };
  };
  return tasks.start(principalKey(principal), capabilities, recordedWork, () => boundOf(context, server));
}

/** Runs the call in a task that was started for it, once its intent is on disk. @throws Fault, which fails the task */
export async function runInTask(call: ToolCall, background: TaskContext): Promise<JsonObject> {
  const { entry, args, context } = call;
  const refusal = checkSwitchedOn(call);
  if (refusal !== undefined) throw refusal;
  context.handlerBegan = true;
  const work = async (handlerContext: HandlerContext): Promise<ToolResult> => {
    const task = async (inner: Work): Promise<ToolResult> => inner(handlerContext);
    const outcome = await entry.tool.handler(args, Object.assign(handlerContext, { task }));
    if (outcome instanceof TaskStarted) throw new Error('a task within a task');
    return outcome;
  };
  return finish(work, background, call);
}

/** Finishes the work of a task. A ToolError becomes a result; any other error fails the task (SEP-2663, task status). */
async function finish(work: Work, background: TaskContext, call: ToolCall): Promise<JsonObject> {
  let firstRefusal: unknown;
  const recheck = async (): Promise<void> => {
    const refusal = await reauthorize(call).catch((reason: unknown) => reason);
    if (refusal === undefined) return;
    firstRefusal ??= refusal;
    if (refusal instanceof Fault) background.refuse(refusal);
    throw refusal;
  };
  const ask: HandlerContext['ask'] = async (key, question) => {
    const answer = await background.ask(key, plainQuestion(call.context, question));
    await recheck();
    return answer;
  };
  try {
    const result = await work({
      ...background,
      ask,
      askAll: (requests) => askAll(requests, ask),
      waitFor: (promise) => waitThenRecheck(promise, call.context, recheck),
    });
    // The work may have ignored the refusal; its result must not count.
    if (firstRefusal !== undefined) throw firstRefusal;
    return shapeOf(call, result);
  } catch (error) {
    if (firstRefusal !== undefined) throw firstRefusal;
    if (error instanceof ToolError) return errorResult(error.message);
    throw error;
  }
}
