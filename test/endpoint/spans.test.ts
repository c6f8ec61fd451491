/** Spans of MCP operations, as an SDK of OpenTelemetry receives them. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSpans } from '../../src/app/spans.js';
import { ToolError } from '../../src/wire/mcp/definitions.js';
import { closeAll, legacy, MODERN, modernCall, raw, requestText, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('endpoint/spans');
test.after(closeAll);

const CLIENT = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const PROXY = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
const parentOf = ({ trace: id, span }: typeof CLIENT): string => `00-${id}-${span}-01`;

const withoutSdk = await openSpans();
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
const spans = await openSpans();

const fails = toolOf('fails', {
  handler: () => {
    throw new ToolError('the secret is tiger');
  },
});
let withinHandler: string | undefined;
const looks = toolOf('looks', {
  handler: () => {
    withinHandler = trace.getActiveSpan()?.spanContext().spanId;
    return { content: [] };
  },
});
const prompt = { name: 'say', scope: 's', get: () => ({ messages: [] }) };

const { port } = await stand({ tools: [looks, fails], prompts: [prompt], spans });

async function spanOf(sent: { headers?: Record<string, string>; body: string }) {
  exporter.reset();
  await raw(port, requestText({ ...sent, headers: { connection: 'close', ...sent.headers } }));
  const [span, ...others] = exporter.getFinishedSpans();
  assert.equal(others, []);
  if (span === undefined) throw new Error('there is no span');
  return span;
}

/** The same call, with `_meta` of its own. */
function callWith(name: string, meta: object, params: object = {}) {
  const { headers } = modernCall(name);
  return { headers, body: legacy('tools/call', { name, ...params, _meta: { ...MODERN, ...meta } }) };
}

test('without an SDK there are no spans, and nothing is loaded', () => {
  assert.is(withoutSdk, undefined);
});

test('a call has a server span with the attributes of the convention, and no arguments', async () => {
  const { name, kind, attributes, status } = await spanOf(
    callWith('looks', {}, { arguments: { password: 'tiger' } }),
  );
  assert.is(name, 'tools/call looks');
  assert.is(kind, 1);
  assert.equal(attributes, {
    'mcp.method.name': 'tools/call',
    'mcp.protocol.version': '2026-07-28',
    'jsonrpc.request.id': '1',
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'looks',
  });
  assert.is(status.code, 0);
});

test('the span is active while the handler runs, so that its own spans are children', async () => {
  const span = await spanOf(modernCall('looks'));
  assert.is(withinHandler, span.spanContext().spanId);
});

test('traceparent in _meta names the parent, and the header is linked', async () => {
  const { headers, body } = callWith('looks', { traceparent: parentOf(CLIENT) });
  const both = await spanOf({ headers: { ...headers, traceparent: parentOf(PROXY) }, body });
  assert.is(both.spanContext().traceId, CLIENT.trace);
  assert.is(both.parentSpanContext?.spanId, CLIENT.span);
  assert.equal(
    both.links.map(({ context: { traceId, spanId } }) => [traceId, spanId]),
    [[PROXY.trace, PROXY.span]],
  );
});

test('without one in _meta the header names the parent', async () => {
  const { headers, body } = modernCall('looks');
  const span = await spanOf({ headers: { ...headers, traceparent: parentOf(PROXY) }, body });
  assert.is(span.spanContext().traceId, PROXY.trace);
  assert.is(span.parentSpanContext?.spanId, PROXY.span);
  assert.equal(span.links, []);
});

test('an invalid traceparent is ignored, whatever it is', async () => {
  for (const traceparent of [7, null, {}, [parentOf(CLIENT)], 'x'.repeat(20_000), `01${parentOf(CLIENT)}`]) {
    const span = await spanOf(callWith('looks', { traceparent }));
    assert.is(span.parentSpanContext, undefined);
  }
});

test('a failed tool, an error and an unknown name show as errors, without their messages', async () => {
  const failed = await spanOf(modernCall('fails'));
  assert.is(failed.attributes['error.type'], 'tool_error');
  const unknown = await spanOf(modernCall('none'));
  assert.is(unknown.name, 'tools/call');
  assert.is(unknown.attributes['gen_ai.tool.name'], 'none');
  assert.is(unknown.attributes['error.type'], '-32602');
  assert.is(unknown.attributes['rpc.response.status_code'], '-32602');
  const method = await spanOf({ body: legacy('no/such') });
  assert.is(method.name, '_OTHER');
  for (const { status, attributes } of [failed, unknown, method]) {
    assert.equal(status, { code: 2 });
    assert.not.match(JSON.stringify(attributes), 'tiger');
  }
});

test('prompts and resources are named, and personal data in a URI is not', async () => {
  const said = await spanOf({ body: legacy('prompts/get', { name: 'say' }) });
  assert.is(said.name, 'prompts/get say');
  assert.is(said.attributes['gen_ai.prompt.name'], 'say');
  const read = await spanOf({ body: legacy('resources/read', { uri: 'mail://ann@example.com/1' }) });
  assert.is(read.name, 'resources/read');
  assert.match(String(read.attributes['mcp.resource.uri']), /^mail:\/\//);
  assert.not.match(String(read.attributes['mcp.resource.uri']), 'ann@example.com');
});

test.run();
