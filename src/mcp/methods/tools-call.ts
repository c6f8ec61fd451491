/**
 * `tools/call`: find the tool, hold the mirrored headers and the arguments against its schema, run it, hold its result
 * against its own promise.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 */
import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { principalKey } from '../../principal.js';
import { problemText } from '../../schema/problem.js';
import { isRecord, type JsonObject, preview, shorten } from '../../value.js';
import { refusal, refuses } from '../access.js';
import type { Decision } from '../account.js';
import { missingCapabilities } from '../capabilities.js';
import type { Entry } from '../catalog.js';
import type { HandlerContext } from '../context.js';
import { type Exchange, Stopped } from '../exchange.js';
import { isThenable, runHandler } from '../handling.js';
import { maskResult } from '../masking.js';
import { TASKS_EXTENSION } from '../meta.js';
import { checkParams } from '../mirror.js';
import type { McpServer, Method } from '../server.js';
import { failed, shapeResult } from '../shape.js';
import { TaskStarted, type ToolContext, ToolError, type ToolResult } from '../tool.js';

export const toolsCall: Method = {
  name: 'tools/call',
  eras: ['modern', 'legacy'],
  handle(request, exchange, server) {
    const { entry, args } = readCall(request, exchange, server);
    const needed = server.policy?.needs(entry.tool);
    if (needed !== undefined) exchange.account.needed = needed;
    const decision = server.policy?.call(entry.tool, args, exchange.caller.principal);
    // Most policies know at once, and a promise costs a turn of the event loop.
    if (!isThenable(decision)) return decided(decision, entry, args, request, exchange, server);
    return decision.then((made) => decided(made, entry, args, request, exchange, server));
  },
};

/** The call once policy has spoken: refused, or its arguments held against the schema and the tool run. */
function decided(
  decision: Decision | undefined,
  entry: Entry,
  args: JsonObject,
  request: Request,
  exchange: Exchange,
  server: McpServer,
): JsonObject | Promise<JsonObject> {
  const { account } = exchange;
  if (decision !== undefined) account.decision = decision;
  if (decision !== undefined && refuses(decision)) throw refusal(decision, exchange);
  const { requires } = entry.tool;
  const missing = missingCapabilities(requires, exchange.caller.capabilities);
  if (missing !== undefined) {
    const detail = `${entry.tool.name} needs the client capability ${Object.keys(missing).join(', ')}`;
    throw new Fault('missingCapability', detail, { data: { requiredCapabilities: missing } });
  }
  const problem = entry.checkArguments(args);
  if (problem !== undefined) {
    const text = `arguments do not match the schema of ${entry.tool.name}: ${problemText(problem)}`;
    if (exchange.features.badArguments === 'error') throw new Fault('invalidParams', text, { data: problem });
    return shapeResult(failed(text), exchange.features);
  }
  return run(entry, args, request, exchange, server);
}

function readCall(
  { params }: Request,
  exchange: Exchange,
  { catalog }: McpServer,
): { entry: Entry; args: JsonObject } {
  const { name } = params;
  if (typeof name !== 'string')
    throw new Fault('invalidParams', `params.name must be a string, received ${preview(name)}`);
  const { account } = exchange;
  account.target = name;
  const entry = catalog.get(name);
  if (entry === undefined) throw new Fault('invalidParams', `no such tool: ${shorten(name, 131)}`);
  const args = params.arguments === undefined ? {} : params.arguments;
  if (!isRecord(args))
    throw new Fault('invalidParams', `params.arguments must be an object, received ${preview(args)}`);
  account.args = args;
  account.destructive = entry.tool.destructive;
  const { headers } = exchange.carrier;
  if (headers !== undefined && exchange.features.era === 'modern') {
    const fault = checkParams(entry.mirrored, args, headers);
    if (fault !== undefined) throw fault;
  }
  return { entry, args };
}

async function run(
  entry: Entry,
  args: JsonObject,
  request: Request,
  exchange: Exchange,
  server: McpServer,
): Promise<JsonObject> {
  const { account } = exchange;
  const mask = account.decision?.mask;
  const shape = (result: ToolResult): JsonObject =>
    shapeResult(maskResult(checked(entry, result), mask, entry), exchange.features);
  try {
    // On disk before it runs: whatever happens next, somebody can find out that it was about to.
    if (entry.tool.destructive) await server.journal?.intent(request, exchange);
    account.ran = true;
    return await runHandler(
      request,
      exchange,
      server,
      (context) => entry.tool.handler(args, withTask(context, request, exchange, server, shape)),
      (outcome) =>
        outcome instanceof TaskStarted ? { resultType: 'task', ...outcome.task } : shape(outcome),
    );
  } catch (error) {
    if (error instanceof Fault) throw error;
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, is said.
    if (exchange.stopped !== undefined && exchange.stopped.why !== 'deadline') throw exchange.stopped;
    return shapeResult(failed(readable(entry, error, request, exchange, server)), exchange.features);
  }
}

function withTask(
  context: HandlerContext,
  request: Request,
  exchange: Exchange,
  { tasks, journal }: McpServer,
  shape: (result: ToolResult) => JsonObject,
): ToolContext {
  const extensions = context.capabilities.extensions;
  const asTask =
    exchange.features.era === 'modern' && isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  if (tasks === undefined || !asTask)
    return Object.assign(context, { task: async (work: Work) => work(context) });
  const task = async (work: Work): Promise<TaskStarted> =>
    tasks.start(principalKey(exchange.caller.principal), context.capabilities, async (background) => {
      const result = await ended(work, background, shape).catch(async (error: unknown) => {
        await journal?.taskEnded(request, exchange, { error });
        throw error;
      });
      await journal?.taskEnded(request, exchange, { result });
      return result;
    });
  return Object.assign(context, { task });
}

type Work = (context: HandlerContext) => Promise<ToolResult>;

/** What the tool itself says is a result; anything else fails the task (SEP-2663, task status). */
async function ended(
  work: Work,
  context: HandlerContext,
  shape: (result: ToolResult) => JsonObject,
): Promise<JsonObject> {
  try {
    return shape(await work(context));
  } catch (error) {
    if (error instanceof ToolError) return shape(failed(error.message));
    throw error;
  }
}

function checked({ tool, checkOutput }: Entry, result: ToolResult): ToolResult {
  if (checkOutput === undefined || result.isError === true) return result;
  const problem = checkOutput(result.structuredContent);
  if (problem !== undefined) throw new Error(`${tool.name} broke its outputSchema: ${problemText(problem)}`);
  return result;
}

function readable(
  entry: Entry,
  error: unknown,
  request: Request,
  exchange: Exchange,
  server: McpServer,
): string {
  if (error instanceof ToolError) return error.message;
  if (exchange.stopped instanceof Stopped)
    return `${entry.tool.name} was stopped: ${exchange.stopped.message}`;
  server.onError(error, request);
  return `${entry.tool.name} failed; the reason is in the server's log`;
}
