import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOperations } from '../../src/app/operations.js';
import { closeAll, legacy, modernCall, raw, requestText, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { checkMetrics } from '../support/promtool.js';

const test = suite('endpoint/metrics');
test.after(closeAll);

const operatorSecret = 'a-secret-of-the-operator';

async function metricsOf(url: string): Promise<string> {
  return (await fetch(new URL(`/metrics/${operatorSecret}`, url))).text();
}

test('metrics are served for the secret only, wherever a request claims to come from', async () => {
  const { port } = await stand({ allowHosts: ['mcp.example.com'], operatorSecret });
  const statusOf = async (path: string, headers: object = {}): Promise<string> => {
    const all = { connection: 'close', ...headers };
    return (await raw(port, requestText({ method: 'GET', headers: all }, path))).slice(9, 12);
  };
  for (const headers of [
    {},
    { 'x-forwarded-for': '203.0.113.7' },
    { forwarded: 'for=127.0.0.1' },
    { host: 'mcp.example.com' },
  ]) {
    assert.is(await statusOf('/metrics', headers), '404');
    assert.is(await statusOf('/metrics', { ...headers, authorization: `Bearer ${operatorSecret}x` }), '404');
    assert.is(await statusOf('/metrics', { ...headers, authorization: `Bearer ${operatorSecret}` }), '200');
    assert.is(await statusOf(`/metrics/${operatorSecret}`, headers), '200');
    assert.is(await statusOf(`/metrics/${operatorSecret.slice(1)}`, headers), '404');
  }
  assert.is(await statusOf('/metrics', { host: 'evil.example' }), '403');
});

test('without a secret, or with a public URL, metrics are served to nobody', async () => {
  for (const given of [{}, { operatorSecret, url: 'https://mcp.example.com/mcp' }]) {
    const { port } = await stand(given);
    for (const path of ['/metrics', `/metrics/${operatorSecret}`, '/metrics/undefined']) {
      const headers = { connection: 'close', authorization: `Bearer ${operatorSecret}` };
      assert.is((await raw(port, requestText({ method: 'GET', headers }, path))).slice(9, 12), '404');
    }
  }
});

/** The lines of one family that tell numbers of requests, without the labels that are the same in all. */
async function countsOf(url: string): Promise<string[]> {
  const lines = (await metricsOf(url)).split('\n');
  const counts = lines.filter((line) => line.startsWith('mcp_server_operation_duration_seconds_count'));
  return counts.map((line) => line.slice(line.indexOf('{')).replace(',network_transport="tcp"', '')).sort();
}

function sender(port: number) {
  return (sent: { headers?: Record<string, string>; body: string }): Promise<string> =>
    raw(port, requestText({ ...sent, headers: { connection: 'close', ...sent.headers } }));
}

const fails = toolOf('fails', {
  handler: () => {
    throw new Error('no');
  },
});

test('requests are timed by method, tool, revision and outcome, and no client can create a label', async () => {
  const { port, url } = await stand({ tools: [toolOf('t'), fails], operatorSecret });
  const send = sender(port);
  await send({ body: legacy('ping') });
  await send({ body: legacy('ping') });
  await send({ body: legacy('no/such"method') });
  await send(modernCall('t'));
  await send(modernCall('fails'));
  for (let count = 0; count < 3; count += 1) await send(modernCall(`no-such-tool-${count}`));
  assert.equal(await countsOf(url), [
    '{mcp_method_name="_OTHER",error_type="-32601",mcp_protocol_version="2025-03-26"} 1',
    '{mcp_method_name="ping",mcp_protocol_version="2025-03-26"} 2',
    '{mcp_method_name="tools/call",gen_ai_tool_name="_OTHER",error_type="-32602",mcp_protocol_version="2026-07-28"} 3',
    '{mcp_method_name="tools/call",gen_ai_tool_name="fails",error_type="tool_error",mcp_protocol_version="2026-07-28"} 1',
    '{mcp_method_name="tools/call",gen_ai_tool_name="t",mcp_protocol_version="2026-07-28"} 1',
  ]);
  const text = await metricsOf(url);
  for (const line of ['mcp_requests_in_flight 0', 'mcp_sessions 0'])
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`);
});

test('a request that is refused before its method is known counts too, without a revision', async () => {
  const { port, url } = await stand({ tools: [toolOf('t')], operatorSecret });
  const { headers, body } = modernCall('t');
  await sender(port)({ headers: { ...headers, 'mcp-name': 'another' }, body });
  assert.equal(await countsOf(url), [
    '{mcp_method_name="tools/call",gen_ai_tool_name="t",error_type="-32020"} 1',
  ]);
});

test('buckets are those of the convention, plus the limit of the SLO', async () => {
  const manifest = { owner: 'us', slo: { availabilityPercent: 99.9, p99Ms: 250 } };
  const { port, url } = await stand({ tools: [toolOf('t')], operatorSecret, manifest });
  await sender(port)(modernCall('t'));
  const text = await metricsOf(url);
  const bounds = [...text.matchAll(/^mcp_server_operation_duration_seconds_bucket\{.*le="([^"]+)"\} \d+$/gm)];
  const expected = '0.01 0.02 0.05 0.1 0.2 0.25 0.5 1 2 5 10 30 60 120 300 +Inf';
  assert.is(bounds.map(([, bound]) => bound).join(' '), expected);
  assert.match(text, /^barewire_slo_availability_ratio 0\.999$/m);
  assert.match(text, /^barewire_slo_p99_seconds 0\.25$/m);
});

test('however many tools are called, an endpoint keeps 500 histograms for those that have a name', async () => {
  const names = Array.from({ length: 600 }, (_, index) => `tool-${index}`);
  const operations = createOperations(() => true, undefined);
  const ok = { status: 200, text: '', response: { jsonrpc: '2.0', id: 1, result: {} } } as const;
  for (const name of names) operations.observe('tools/call', name, '2026-07-28', ok, 0.001);
  for (const name of names) operations.observe('tools/call', name, '2026-07-28', undefined, 0.001);
  const counts = operations
    .text()
    .split('\n')
    .filter((line) => line.includes('_seconds_count{'));
  assert.is(counts.length, 502);
  assert.match(counts.find((line) => line.includes('_OTHER') && !line.includes('cancelled')) ?? '', / 100$/);
});

test('promtool finds nothing wrong, after calls and a refusal', async () => {
  const prompt = { name: 'say "\\', scope: 's', get: () => ({ messages: [] }) };
  const { port, url } = await stand({ tools: [toolOf('t')], prompts: [prompt], operatorSecret });
  await sender(port)({ body: legacy('ping') });
  await sender(port)({ body: legacy('prompts/get', { name: prompt.name }) });
  await sender(port)(modernCall('none'));
  const text = await metricsOf(url);
  assert.match(text, String.raw`gen_ai_prompt_name="say \"\\"`);
  checkMetrics(text);
});

test.run();
