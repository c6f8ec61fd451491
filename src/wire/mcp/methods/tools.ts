/**
 * `tools/list` and `tools/call`. Where a policy decides about calls, each listed tool says in `_meta` which scopes a call needs and
 * whether this caller has them, by the predicate that decides the call.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */

import { Fault, invalidParams, mustBe } from '../../fault.js';
import { problemText } from '../../schema/problem.js';
import { isRecord, type JsonObject, kindOf } from '../../value.js';
import { authorize, checkSwitchedOn, noSuchTool, reauthorize, refusal, refuses } from '../authority.js';
import { noRoom } from '../budget.js';
import { TaskStarted, ToolError } from '../definitions.js';
import { withTasks } from '../in-task.js';
import type { Call, Method, ToolCall } from '../mcp-server.js';
import { TASKS_EXTENSION } from '../meta.js';
import { type Listing, listPage } from '../page.js';
import { InvalidResult } from '../plain.js';
import { errorResult, shapeOf } from '../result.js';
import { type HandlerChecks, runHandler } from '../run-handler.js';
import type { TaskStore } from '../task-store.js';
import { missingCapabilities, missingForTool } from './lifecycle.js';

/** In a listed tool's `_meta`: `{ scopes, granted }`. The prefix is this project's own (2026-07-28/basic/051). */
export const ACCESS = 'barewire/access';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  run(call) {
    const { context, server } = call;
    const listing: Listing = {
      name: 'tools',
      items: server.catalog.listFor(context.revision),
      keyOf: ({ name }) => String(name),
      placeOf: server.catalog.placeOf,
    };
    const page = listPage(listing, call);
    if (page instanceof Fault) return page;
    return { ...page, tools: withAccess(page.tools as JsonObject[], call) };
  },
};

// `_meta` on tools came with 2025-06-18. Runs on one page only, so its cost does not grow with the list.
function withAccess(tools: readonly JsonObject[], { context, server }: Call): readonly JsonObject[] {
  const { policy, catalog } = server;
  if (policy === undefined || !context.features.structured) return tools;
  return tools.map((item) => {
    const tool = catalog.entries.get(String(item.name))?.tool;
    if (tool === undefined) return item;
    const _meta = isRecord(item._meta) ? item._meta : {};
    return { ...item, _meta: { ..._meta, [ACCESS]: policy.access(tool, context.caller.principal) } };
  });
}

/**
 * `tools/call`: read the call, let the policy decide, check the arguments against the schema, run the tool.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 */
export const toolsCall: Method = {
  name: 'tools/call',
  eras: ['modern', 'legacy'],
  async run(rawCall) {
    const call = readCall(rawCall);
    if (call instanceof Fault) return call;
    const decision = await authorize(call);
    if (decision instanceof Fault) return decision;
    if (decision === undefined || !refuses(decision)) return validateCall(call) ?? runCall(call);
    const { approvals } = call.server;
    if (decision.approvable !== true || approvals === undefined) return refusal(decision, call.context);
    // Ask nobody about a call that could not run.
    return validateCall(call) ?? approvals.run(call, decision);
  },
};

/** Reads the tool and its arguments, and notes both as the subject before anything is checked. */
function readCall({ request, context, server }: Call): ToolCall | Fault {
  const { name, arguments: rawArgs } = request.params;
  if (typeof name !== 'string') return mustBe('params.name', 'a string', name);
  const { strictArguments } = server.settings;
  const entry = server.catalog.entries.get(name);
  const sentArgs = rawArgs === undefined || (rawArgs === null && !strictArguments) ? {} : rawArgs;
  // First of all, so that the policy and every digest see the same call with and without such a null.
  const args =
    isRecord(sentArgs) && entry !== undefined && !strictArguments ? entry.withoutNulls(sentArgs) : sentArgs;
  context.subject = isRecord(args)
    ? { target: name, args, destructive: entry?.tool.destructive }
    : { target: name };
  if (entry === undefined) return noSuchTool(name, server);
  if (!isRecord(args)) return mustBe('params.arguments', 'an object', sentArgs);
  if (rawArgs === undefined || args === rawArgs) return { entry, args, request, context, server };
  // The request carries the same arguments, because the state of a call's rounds is bound to them.
  const params = { ...request.params, arguments: rawArgs === null ? undefined : args };
  return { entry, args, request: { ...request, params }, context, server };
}

/** Why the call cannot run: a refusal or, for bad arguments in later revisions, a result with `isError`. */
function validateCall({ entry, args, context }: ToolCall): JsonObject | Fault | undefined {
  const { requires, name } = entry.tool;
  const missing = requires && missingCapabilities(requires, context.caller.capabilities);
  if (missing !== undefined) return missingForTool(name, missing);
  const problem = entry.checkArguments(args);
  if (problem === undefined) return undefined;
  const text = `arguments do not match the schema of ${name}: ${problemText(problem)}`;
  return context.features.badArguments === 'error' ? invalidParams(text, problem) : errorResult(text);
}

async function runCall(call: ToolCall): Promise<JsonObject | Fault> {
  const { answerSizes, audit } = call.server;
  const { name, destructive } = call.entry.tool;
  const { after } = call.context.transport;
  const endFirstCall =
    answerSizes.sizeOf(name) === undefined ? await answerSizes.enter(name, after) : undefined;
  try {
    return (
      reserveRoom(call) ?? (destructive ? await audit?.intent(call) : undefined) ?? (await runRecorded(call))
    );
  } finally {
    endFirstCall?.();
  }
}

/** The refusal if there is no room for the answer. It comes before anything is recorded or used up for the call. */
export function reserveRoom({ entry, context, server }: ToolCall): Fault | undefined {
  const size = server.answerSizes.sizeOf(entry.tool.name) ?? 0;
  return context.holdAnswer(size) ? undefined : noRoom();
}

const CHECKS: HandlerChecks<ToolCall> = { beforeStart: checkSwitchedOn, afterWait: reauthorize };

/** Runs a call whose intent, if its tool changes something, is on record. Its result is checked and masked. */
export async function runRecorded(call: ToolCall): Promise<JsonObject | Fault> {
  const { entry, args, context } = call;
  const tasks = tasksFor(call);
  try {
    const outcome = await runHandler(
      call,
      (toolContext) =>
        entry.tool.handler(args, tasks === undefined ? toolContext : withTasks(toolContext, tasks, call)),
      CHECKS,
    );
    if (outcome instanceof Fault) return outcome;
    if ('inputRequired' in outcome) return outcome.inputRequired;
    const { value } = outcome;
    return value instanceof TaskStarted ? { resultType: 'task', ...value.task } : shapeOf(call, value);
  } catch (error) {
    // A cancelled or stopped call gets no result; the transport decides what, if anything, it sends.
    if (context.stopped !== undefined && context.stopped.why !== 'deadline') throw context.stopped;
    return errorResult(publicFailure(call, error));
  }
}

/** The server's tasks, if this caller can be given one. */
export function tasksFor({ context, server }: ToolCall): TaskStore | undefined {
  const extensions = context.caller.capabilities?.extensions;
  const declaresTasks = isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  return context.features.era === 'modern' && declaresTasks ? server.tasks : undefined;
}

function publicFailure(call: ToolCall, error: unknown): string {
  const { entry, context, server } = call;
  if (error instanceof ToolError) return error.message;
  const { name } = entry.tool;
  if (context.stopped !== undefined) {
    server.onError(context.stopped, call);
    return `${name} was stopped: ${context.stopped.message}`;
  }
  const received = `${kindOf(error)}, which says nothing about what went wrong`;
  const advice = 'throw an Error, or a ToolError whose message the caller may read';
  server.onError(
    error instanceof Error ? error : new InvalidResult(name, '', received, advice, 'threw'),
    call,
  );
  return `${name} failed; the reason is in the server's log`;
}
