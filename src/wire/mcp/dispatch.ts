/**
 * One request to its answer, whatever the transport. HTTP and stdio are the same from here on: the call is opened, its method is found
 * and run, and the result or refusal becomes a JSON-RPC response. What a method throws becomes an answer here; what the ports around it throw
 * (spans, the audit log) goes on to the transport.
 */
import { Fault } from '../fault.js';
import { type Id, isId, type Notification, type Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { REVISIONS, type Revision } from '../revisions.js';
import { type JsonObject, shorten } from '../value.js';
import { noRoom } from './budget.js';
import { ArgumentError, ToolError } from './definitions.js';
import { removedMethod } from './era.js';
import type { Call, McpServer, Method } from './mcp-server.js';
import { metaOf, readCaller } from './meta.js';
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
  const modern = REVISIONS[revision].era === 'modern';
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

/** Runs the call, and records its answer before it leaves. @throws what a port throws; its transport then answers the request */
export function dispatch(call: Call): Promise<Reply> {
  const { spans } = call.server;
  return spans === undefined ? answer(call) : spans(call, () => answer(call));
}

async function answer(call: Call): Promise<Reply> {
  const { request, context, server } = call;
  const { era } = context.features;
  let reply: Reply;
  try {
    const method = findMethod(call);
    const result = method instanceof Fault ? method : await method.run(call);
    // Made into text here, where a result that is no JSON still becomes a refusal with its id.
    reply = result instanceof Fault ? refuse(request.id, result, era) : replyWith(result, call);
  } catch (error) {
    reply = refuse(request.id, asFault(error, call), era);
  }
  context.end();
  if (server.audit === undefined) return reply;
  context.transport.opening?.cancelOpening();
  return server.audit.outcome(call, reply);
}

function findMethod({ request, context, server }: Call): Method | Fault {
  const { features, revision } = context;
  const method = METHODS.get(request.method);
  if (method?.eras.includes(features.era) && method.offered?.(server, context) !== false) return method;
  const removed = features.era === 'modern' ? removedMethod(request.method) : undefined;
  const unknown = `${shorten(request.method, 131)} is not a method of this server in revision ${revision}`;
  return removed ?? new Fault('methodNotFound', unknown);
}

/** The answer with this result, or its refusal when too many bytes wait for their readers: it may be asked for again. */
function replyWith(result: JsonObject, { request, context, server }: Call): Reply {
  const { features, transport, subject } = context;
  const reply = replyOf(request.id, result, features.era === 'modern' ? server.info : undefined);
  if (transport.room === undefined) return reply;
  const { length } = reply.text;
  if (request.method === 'tools/call' && subject.target !== undefined)
    server.answerSizes.note(subject.target, length);
  if (transport.room.settle(length)) return reply;
  const ran = subject.destructive === true && context.handlerBegan;
  const full = ran ? new Fault('busy', RAN_WITHOUT_ROOM, { reason: 'outcome_unknown' }) : noRoom();
  return refuse(request.id, full, features.era);
}

const RAN_WITHOUT_ROOM =
  'the call ran, but there is no room for its answer just now; look at its outcome before you send it again';

function asFault(error: unknown, call: Call): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Stopped) {
    if (error.why === 'deadline') call.server.onError(error, call);
    return stoppedFault(error);
  }
  // What a handler says to its caller, where there is no `isError` result to say it in (prompts/013, /014).
  if (error instanceof ToolError) {
    return new Fault(error instanceof ArgumentError ? 'invalidParams' : 'internalError', error.message);
  }
  call.server.onError(error, call);
  return internalFault(error);
}

/** The refusal after an error that its caller must not see. */
export function internalFault(cause: unknown): Fault {
  const detail = 'the request could not be answered; the reason is in the server log';
  return new Fault('internalError', detail, { cause });
}

/** The refusal that answers a stopped request, where it has to be answered at all. */
export function stoppedFault({ why, message, fault }: Stopped): Fault {
  if (fault !== undefined) return fault;
  if (why === 'stopping') return new Fault('stopping', message);
  if (why === 'expired') return new Fault('unauthorized', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}

/** Which request a notification cancels, and why; undefined where it cancels none. */
export function readCancellation({ method, params }: Notification): { id: Id; reason: string } | undefined {
  const { requestId, reason } = params;
  if (method !== 'notifications/cancelled' || !isId(requestId)) return undefined;
  return { id: requestId, reason: typeof reason === 'string' ? reason : 'the client cancelled the request' };
}
