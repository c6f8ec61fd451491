/**
 * One span for each MCP operation, where the process runs under an SDK of OpenTelemetry (`node --import ./otel.mjs dist/server.js`). Without
 * an SDK nothing of it is loaded. The conventions name every attribute; arguments, results and messages are in none, because they may
 * hold what nobody but the caller may read. The session id is in none either: to a server without tokens it is a credential.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md#server
 */
import type { Attributes, Context, Span, TextMapGetter } from '@opentelemetry/api';
import { redactText } from '../governance/policy/redact.js';
import { METHODS } from '../wire/mcp/dispatch.js';
import type { Call, Spans } from '../wire/mcp/mcp-server.js';
import { metaOf } from '../wire/mcp/meta.js';
import type { Reply } from '../wire/mcp/reply.js';
import { type JsonObject, shorten } from '../wire/value.js';
import { errorTypeOf, OTHER } from './operations.js';

type Api = typeof import('@opentelemetry/api');

/** Under this key every copy of the API finds what an SDK has registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');
const MAX_TEXT = 128;
/** As long as the longest `baggage` that its specification asks programs to pass on. */
const MAX_CARRIED = 8_192;

/** Undefined unless an SDK was registered before. */
export async function openSpans(): Promise<Spans | undefined> {
  return REGISTERED in globalThis ? spansWith(await import('@opentelemetry/api')) : undefined;
}

function spansWith({ context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }: Api): Spans {
  const tracer = trace.getTracer('barewire');

  /** The client's context in `_meta` comes first (2026-07-28/basic/069), and a link leads to that of the HTTP request. */
  function parentOf({ request, context: { transport } }: Call) {
    const ambient = context.active();
    const ofTransport =
      trace.getSpan(ambient) === undefined && transport.headers !== undefined
        ? propagation.extract(ambient, transport.headers, STRINGS)
        : ambient;
    const ofMessage = propagation.extract(ROOT_CONTEXT, metaOf(request.params) ?? {}, STRINGS);
    if (trace.getSpanContext(ofMessage) === undefined) return { parent: ofTransport, links: [] };
    const linkedContext = trace.getSpanContext(ofTransport);
    return { parent: ofMessage, links: linkedContext === undefined ? [] : [{ context: linkedContext }] };
  }

  function end(span: Span, { context: { stopped } }: Call, reply: Reply): void {
    const error = errorTypeOf(stopped?.why === 'cancelled' ? undefined : reply);
    if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    if ('error' in reply.response)
      span.setAttribute('rpc.response.status_code', String(reply.response.error.code));
  }

  return async (call, answer) => {
    const { name, attributes } = describe(call);
    const { parent, links } = parentOf(call);
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, links }, parent);
    const { traceId } = span.spanContext();
    call.context.traceId = traceId;
    try {
      const reply = await context.with(trace.setSpan(parent, span) as Context, answer);
      end(span, call, reply);
      return reply;
    } catch (error) {
      span.setAttribute('error.type', OTHER).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };
}

/** The name has few values, whatever clients send. */
function describe({ request, context, server }: Call): { name: string; attributes: Attributes } {
  const { id, params } = request;
  const method = METHODS.has(request.method) ? request.method : OTHER;
  const { headers } = context.transport;
  const attributes: Attributes = {
    'mcp.method.name': method,
    'mcp.protocol.version': context.revision,
    'jsonrpc.request.id': shorten(String(id), MAX_TEXT),
    'network.transport': headers === undefined ? 'pipe' : 'tcp',
  };
  if (headers !== undefined) attributes['network.protocol.name'] = 'http';
  const { name, uri } = params;
  if (method.startsWith('resources/') && typeof uri === 'string')
    attributes['mcp.resource.uri'] = redactText(shorten(uri, MAX_TEXT));
  if (method === 'tools/call') attributes['gen_ai.operation.name'] = 'execute_tool';
  const kind = method === 'tools/call' ? 'tool' : method === 'prompts/get' ? 'prompt' : undefined;
  if (kind === undefined || typeof name !== 'string') return { name: method, attributes };
  attributes[`gen_ai.${kind}.name`] = shorten(name, MAX_TEXT);
  const isKnown = (kind === 'tool' ? server.catalog : server.prompts)?.entries.has(name) === true;
  return { name: isKnown ? `${method} ${name}` : method, attributes };
}

/** `_meta` may hold anything, and propagators expect strings. */
const STRINGS: TextMapGetter<JsonObject> = {
  keys: Object.keys,
  get(carrier, key) {
    const value = Object.hasOwn(carrier, key) ? carrier[key] : undefined;
    return typeof value === 'string' && value.length <= MAX_CARRIED ? value : undefined;
  },
};
