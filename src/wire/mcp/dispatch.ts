/**
 * One request to its answer, whatever the transport: the method is found, run, and its result or refusal laid into a
 * JSON-RPC response. This is the only place where an exception becomes an answer.
 */

import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import { isRecord, type JsonObject, shorten } from '../value.js';
import { noRoom } from './budget.js';
import { ArgumentError, ToolError } from './definitions.js';
import { removedMethod } from './era.js';
import type { McpServer, Method } from './mcp-server.js';
import { SERVER_INFO } from './meta.js';
import { complete } from './methods/complete.js';
import { discover, initialize, ping, setLevel } from './methods/lifecycle.js';
import { listen } from './methods/listen.js';
import { promptsGet, promptsList } from './methods/prompts.js';
import {
  resourcesList,
  resourcesRead,
  resourcesSubscribe,
  resourcesUnsubscribe,
  resourceTemplatesList,
} from './methods/resources.js';
import { tasksCancel, tasksGet, tasksUpdate } from './methods/tasks.js';
import { toolsCall, toolsList } from './methods/tools.js';
import { type Reply, refuse, replyOf, stoppedFault } from './reply.js';
import { type RequestContext, Stopped } from './request-context.js';

const METHODS = new Map<string, Method>(
  [
    discover,
    initialize,
    ping,
    toolsList,
    toolsCall,
    resourcesList,
    resourceTemplatesList,
    resourcesRead,
    resourcesSubscribe,
    resourcesUnsubscribe,
    promptsList,
    promptsGet,
    complete,
    setLevel,
    listen,
    tasksGet,
    tasksUpdate,
    tasksCancel,
  ].map((method) => [method.name, method]),
);

/** Whether any server has a method of that name, in any era. */
export function isMethod(name: string): boolean {
  return METHODS.has(name);
}

export function dispatch(server: McpServer, request: Request, exchange: RequestContext): Promise<Reply> {
  const answered = answer(server, request, exchange);
  const { audit } = server;
  if (audit === undefined) return answered;
  return answered.then((reply) => {
    exchange.transport.decided?.();
    return audit.outcome(request, exchange, reply);
  });
}

async function answer(server: McpServer, request: Request, exchange: RequestContext): Promise<Reply> {
  const { era } = exchange.features;
  try {
    const method = METHODS.get(request.method);
    if (method === undefined || !method.eras.includes(era) || method.offered?.(server, exchange) === false) {
      throw notFound(request.method, exchange);
    }
    const result = await method.handle(request, exchange, server);
    // Made into text here, where a result that is no JSON still becomes a refusal with its id.
    const reply = replyOf(200, { jsonrpc: '2.0', id: request.id, result: finished(result, era, server) });
    takeRoom(reply, request, exchange, server);
    return reply;
  } catch (error) {
    return refuse(request.id, asFault(error, request, server), era);
  } finally {
    exchange.end();
  }
}

/** @throws Fault when too many bytes wait for their readers: this answer is then dropped, and may be asked for again. */
function takeRoom({ text }: Reply, { method }: Request, exchange: RequestContext, server: McpServer): void {
  const { room } = exchange.transport;
  if (room === undefined) return;
  const { target, destructive, ran } = exchange.audit;
  if (method === 'tools/call' && target !== undefined) server.answerSizes?.note(target, text.length);
  if (room.settle(text.length)) return;
  throw noRoom(
    destructive === true && ran === true
      ? 'the call ran, but there is no room for its answer just now; look at its outcome before you send it again'
      : undefined,
  );
}

function notFound(method: string, { features, revision }: RequestContext): Fault {
  const unknown = `${shorten(method, 131)} is not a method of this server in revision ${revision}`;
  return (
    (features.era === 'modern' ? removedMethod(method) : undefined) ?? new Fault('methodNotFound', unknown)
  );
}

// Every modern result says what kind it is and who gives it (2026-07-28/basic/008, /065).
function finished(result: JsonObject, era: 'modern' | 'legacy', { info }: McpServer): JsonObject {
  if (era === 'legacy') return result;
  const _meta = isRecord(result._meta) ? result._meta : {};
  return { resultType: 'complete', ...result, _meta: { ..._meta, [SERVER_INFO]: info } };
}

function asFault(error: unknown, request: Request, server: McpServer): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Stopped) return stoppedFault(error);
  // What a handler says to its caller, where there is no `isError` result to say it in (prompts/013, /014).
  if (error instanceof ToolError) {
    return new Fault(error instanceof ArgumentError ? 'invalidParams' : 'internalError', error.message);
  }
  server.onError(error, request);
  return new Fault('internalError', 'the request could not be answered; the reason is in the server log', {
    cause: error,
  });
}
