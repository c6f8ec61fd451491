/**
 * One request to its answer, whatever the transport. HTTP and stdio are the same from here on: the call is opened, its method is found
 * and run, and the result or refusal becomes a JSON-RPC response. This is the only place where an exception becomes an answer.
 */
import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { features, type Revision } from '../revisions.js';
import { isRecord, type JsonObject, shorten } from '../value.js';
import { noRoom } from './budget.js';
import { ArgumentError, ToolError } from './definitions.js';
import { removedMethod } from './era.js';
import type { Call, McpServer, Method } from './mcp-server.js';
import { metaOf, readCaller, SERVER_INFO } from './meta.js';
import { discover, initialize, ping, setLevel } from './methods/lifecycle.js';
import { listen, tasksCancel, tasksGet, tasksUpdate } from './methods/listen.js';
import { complete as completion, promptsGet, promptsList } from './methods/prompts.js';
import {
  resourcesList,
  resourcesRead,
  resourcesSubscribe,
  resourcesUnsubscribe,
  resourceTemplatesList,
} from './methods/resources.js';
import { toolsCall, toolsList } from './methods/tools.js';
import { type Reply, refuse, replyOf } from './reply.js';
import { RequestContext, Stopped, type Transport } from './request-context.js';
import { validateParamHeaders, validateRequestHeaders } from './request-headers.js';

/** Every method that any server has, in any era. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
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
    completion,
    setLevel,
    listen,
    tasksGet,
    tasksUpdate,
    tasksCancel,
  ].map((method) => [method.name, method]),
);

/** The call, or the refusal of a request whose headers or `_meta` are not in order. */
export function openCall(
  server: McpServer,
  request: Request,
  revision: Revision,
  principal: Principal,
  transport: Transport,
): Call | Fault {
  const { headers, connection } = transport;
  const modern = features(revision).era === 'modern';
  if (modern && headers !== undefined) {
    const { name } = request.params;
    const called = request.method === 'tools/call' && typeof name === 'string';
    const entry = called ? server.catalog.get(name) : undefined;
    const mismatch =
      validateRequestHeaders(request, headers) ??
      // Most tools mirror no argument.
      (entry?.mirrored.length
        ? validateParamHeaders(entry, request, headers, server.settings.strictArguments)
        : undefined);
    if (mismatch !== undefined) return mismatch;
  }
  const caller = readCaller(principal, metaOf(request.params), modern, connection);
  if (caller instanceof Fault) return caller;
  return { request, server, context: new RequestContext(request.id, revision, caller, transport) };
}

/** Runs the call, and records its answer before it leaves. */
export async function dispatch(call: Call): Promise<Reply> {
  const reply = await answer(call);
  const { audit } = call.server;
  if (audit === undefined) return reply;
  call.context.transport.onAnswer?.();
  return audit.outcome(call, reply);
}

async function answer(call: Call): Promise<Reply> {
  const { request, context, server } = call;
  const { era } = context.features;
  try {
    const method = METHODS.get(request.method);
    if (method === undefined || !method.eras.includes(era) || method.offered?.(server, context) === false)
      return refuse(request.id, noSuchMethod(request.method, context), era);
    const result = await method.run(call);
    if (result instanceof Fault) return refuse(request.id, result, era);
    // Made into text here, where a result that is no JSON still becomes a refusal with its id.
    const reply = replyOf(200, { jsonrpc: '2.0', id: request.id, result: complete(result, call) });
    const full = takeRoom(reply, call);
    return full === undefined ? reply : refuse(request.id, full, era);
  } catch (error) {
    return refuse(request.id, asFault(error, request, server), era);
  } finally {
    context.end();
  }
}

// Every modern result says what kind it is and who gives it (2026-07-28/basic/008, /065).
function complete(result: JsonObject, { context, server }: Call): JsonObject {
  if (context.features.era === 'legacy') return result;
  const _meta = isRecord(result._meta) ? result._meta : {};
  return { resultType: 'complete', ...result, _meta: { ..._meta, [SERVER_INFO]: server.info } };
}

/** The refusal when too many bytes wait for their readers: this answer is then dropped, and may be asked for again. */
function takeRoom({ text }: Reply, { request, context, server }: Call): Fault | undefined {
  const { room } = context.transport;
  if (room === undefined) return undefined;
  const { target, destructive } = context.subject;
  if (request.method === 'tools/call' && target !== undefined) server.answerSizes?.note(target, text.length);
  if (room.settle(text.length)) return undefined;
  return noRoom(
    destructive === true && context.handlerBegan
      ? 'the call ran, but there is no room for its answer just now; look at its outcome before you send it again'
      : undefined,
  );
}

function noSuchMethod(method: string, { features, revision }: RequestContext): Fault {
  const removed = features.era === 'modern' ? removedMethod(method) : undefined;
  const unknown = `${shorten(method, 131)} is not a method of this server in revision ${revision}`;
  return removed ?? new Fault('methodNotFound', unknown);
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

/** The refusal that answers a stopped request, where it has to be answered at all. */
export function stoppedFault({ why, message, fault }: Stopped): Fault {
  if (fault !== undefined) return fault;
  if (why === 'stopping') return new Fault('stopping', message);
  if (why === 'expired') return new Fault('unauthorized', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}
