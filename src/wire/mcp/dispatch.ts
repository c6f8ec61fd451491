/**
 * Answers one request, whatever the transport. HTTP and stdio are the same from here on: open the call, find its method, run it, and turn
 * the result or refusal into a JSON-RPC response. An error that a method throws becomes an answer here; an error that a port around it
 * throws (spans, the audit log) goes on to the transport. No other file turns a result into text.
 */
import { Fault } from '../fault.js';
import { type Id, isId, type Notification, type Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { REVISIONS, type Revision } from '../revisions.js';
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
import { type Reply, type Result, refuse, STRUCTURED_TEXT, stoppedFault } from './reply.js';
import { RequestContext, Stopped } from './request-context.js';
import { validateParamHeaders, validateRequestHeaders } from './request-headers.js';
import type { Transport } from './transport.js';

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

/** The call, or the refusal if the request's headers or `_meta` are wrong. */
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
    const isToolCall = request.method === 'tools/call' && typeof name === 'string';
    const entry = isToolCall ? server.catalog.entries.get(name) : undefined;
    const mismatch =
      validateRequestHeaders(request, headers) ??
      // Most tools mirror no argument.
      (entry?.mirroredParams.length
        ? validateParamHeaders(entry, request, headers, server.settings.strictArguments)
        : undefined);
    if (mismatch !== undefined) return mismatch;
  }
  const caller = readCaller(principal, metaOf(request.params), modern, connection);
  if (caller instanceof Fault) return caller;
  return { request, server, context: new RequestContext(request.id, revision, caller, transport) };
}

/** Runs the call and records its answer before it leaves. @throws what a port throws; the transport then answers the request */
export function dispatch(call: Call): Promise<Reply> {
  const { spans } = call.server;
  return spans === undefined ? answer(call) : spans(call, () => answer(call));
}

async function answer(call: Call): Promise<Reply> {
  const { request, context, server } = call;
  const { era } = context.features;
  let reply: Reply;
  try {
    const method = METHODS.get(request.method);
    const result = method?.eras.includes(era) ? await method.run(call) : undefined;
    // Turned into text here, so that a result that is not JSON still becomes a refusal with its id.
    reply =
      result === undefined || result instanceof Fault
        ? refuse(request.id, result ?? unknownMethod(call), era)
        : replyWith(result, call);
  } catch (error) {
    reply = refuse(request.id, faultOf(error, call), era);
  }
  context.end();
  if (server.audit === undefined) return reply;
  context.transport.opening?.cancelOpening();
  return server.audit.outcome(call, reply);
}

function unknownMethod({ request, context }: Call): Fault {
  const { features, revision } = context;
  const removal = features.era === 'modern' ? removedMethod(request.method) : undefined;
  const detail = `${shorten(request.method, 131)} is not a method of this server in revision ${revision}`;
  return removal ?? new Fault('methodNotFound', detail);
}

/** The answer with this result, or a refusal if the memory is full of answers that nobody has read. */
function replyWith(result: JsonObject, { request, context, server }: Call): Reply {
  const { features, subject } = context;
  const reply = replyOf(request.id, result, features.era === 'modern' ? server.info : undefined);
  const { length } = reply.text;
  if (request.method === 'tools/call' && subject.target !== undefined)
    server.answerSizes.note(subject.target, length);
  if (context.holdAnswer(length)) return reply;
  const mayHaveWritten = subject.destructive === true && context.handlerBegan;
  const fault = mayHaveWritten
    ? new Fault('busy', RAN_WITHOUT_ROOM, { reason: 'outcome_unknown' })
    : noRoom();
  return refuse(request.id, fault, features.era);
}

const RAN_WITHOUT_ROOM =
  'the call ran, but there is no room for its answer just now; check what it did before you send it again';

/** A longer answer is kept only as text. */
const MAX_KEPT_CHARS = 64 * 1024;

/** `server` is set for a modern result, which names its type and its server (2026-07-28/basic/008, /065). */
export function replyOf(id: Id, result: Result, server?: object): Reply {
  const resultMeta = isRecord(result._meta) ? result._meta : undefined;
  const _meta = server === undefined ? result._meta : { ...resultMeta, [SERVER_INFO]: server };
  const structured = result[STRUCTURED_TEXT];
  let text: string;
  if (structured === undefined) {
    const fullResult = server === undefined ? result : { resultType: 'complete', ...result, _meta };
    text = JSON.stringify({ jsonrpc: '2.0', id, result: fullResult });
  } else {
    // shapeResult made this result, so its members are known. To write them one by one takes half the time, because the text of the
    // structured content, perhaps most of the answer, exists already.
    let members = `"content":${JSON.stringify(result.content)},"structuredContent":${structured}`;
    if (server !== undefined) members = `"resultType":"complete",${members}`;
    if (result.isError === true) members += ',"isError":true';
    if (_meta !== undefined) members += `,"_meta":${JSON.stringify(_meta)}`;
    text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
  }
  // A value takes several times the memory of its text. Of a long one, only the kind is read before the text is sent.
  const { resultType, isError } = result;
  const keptResult = text.length <= MAX_KEPT_CHARS ? result : { resultType, isError };
  return { status: 200, response: { jsonrpc: '2.0', id, result: keptResult }, text };
}

/** The refusal of a call that ended with an exception. */
function faultOf(error: unknown, call: Call): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Stopped) {
    if (error.why === 'deadline') call.server.onError(error, call);
    return stoppedFault(error);
  }
  // The handler's message to its caller, where no `isError` result can carry it (prompts/013, /014).
  if (error instanceof ToolError) {
    return new Fault(error instanceof ArgumentError ? 'invalidParams' : 'internalError', error.message);
  }
  call.server.onError(error, call);
  return internalFault(error);
}

/** The refusal after an error that the caller must not see. */
export function internalFault(cause: unknown): Fault {
  const detail = 'the request could not be answered; the reason is in the server log';
  return new Fault('internalError', detail, { cause });
}

/** Which request a notification cancels, and why; undefined if it cancels none. */
export function readCancellation({ method, params }: Notification): { id: Id; reason: string } | undefined {
  const { requestId, reason } = params;
  if (method !== 'notifications/cancelled' || !isId(requestId)) return undefined;
  return { id: requestId, reason: typeof reason === 'string' ? reason : 'the client cancelled the request' };
}
