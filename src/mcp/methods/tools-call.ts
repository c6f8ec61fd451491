/**
 * `tools/call`: find the tool, hold the mirrored headers and the arguments against its schema, run it within its
 * deadline, hold its result against its own promise.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 */

import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { problemText } from '../../schema/problem.js';
import { isRecord, type JsonObject, preview } from '../../value.js';
import { missingCapabilities } from '../capabilities.js';
import type { Entry } from '../catalog.js';
import { type Exchange, Stopped } from '../exchange.js';
import { checkParams } from '../mirror.js';
import type { McpServer, Method } from '../server.js';
import { failed, shapeResult } from '../shape.js';
import { ToolError, type ToolResult } from '../tool.js';

export const toolsCall: Method = {
  name: 'tools/call',
  eras: ['modern', 'legacy'],
  handle(request, exchange, server) {
    const { entry, args } = readCall(request, exchange, server);
    const problem = entry.checkArguments(args);
    if (problem !== undefined) {
      const text = `arguments do not match the schema of ${entry.tool.name}: ${problemText(problem)}`;
      if (exchange.features.badArguments === 'error')
        throw new Fault('invalidParams', text, { data: problem });
      return shapeResult(failed(text), exchange.features);
    }
    return run(entry, args, request, exchange, server);
  },
};

function readCall(
  { params }: Request,
  exchange: Exchange,
  { catalog }: McpServer,
): { entry: Entry; args: JsonObject } {
  const { name } = params;
  if (typeof name !== 'string')
    throw new Fault('invalidParams', `params.name must be a string, received ${preview(name)}`);
  const entry = catalog.get(name);
  if (entry === undefined) throw new Fault('invalidParams', `no such tool: ${name.slice(0, 128)}`);
  const missing = missingCapabilities(entry.tool.requires, exchange.caller.capabilities);
  if (missing !== undefined) {
    const detail = `${name} needs the client capability ${Object.keys(missing).join(', ')}`;
    throw new Fault('missingCapability', detail, { data: { requiredCapabilities: missing } });
  }
  const args = params.arguments === undefined ? {} : params.arguments;
  if (!isRecord(args))
    throw new Fault('invalidParams', `params.arguments must be an object, received ${preview(args)}`);
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
  let result: ToolResult;
  try {
    const context = {
      get signal() {
        return exchange.signal;
      },
      progress: exchange.progress.bind(exchange),
    };
    const returned = entry.tool.handler(args, context);
    result =
      returned instanceof Promise
        ? await exchange.bounded(returned, server.settings.toolDeadlineMs)
        : returned;
    checkResult(entry, result);
  } catch (error) {
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, is said.
    if (exchange.stopped !== undefined && exchange.stopped.why !== 'deadline') throw exchange.stopped;
    result = failed(readable(entry, error, request, exchange, server));
  }
  return shapeResult(result, exchange.features);
}

function checkResult({ tool, checkOutput }: Entry, result: ToolResult): void {
  if (checkOutput === undefined || result.isError === true) return;
  const problem = checkOutput(result.structuredContent);
  if (problem !== undefined) throw new Error(`${tool.name} broke its outputSchema: ${problemText(problem)}`);
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
