import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeAll, legacy, modernCall, raw, requestText, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('endpoint/metrics');
test.after(closeAll);

const operatorSecret = 'a-secret-of-the-operator';

async function metricsOf(url: string): Promise<string> {
  return (await fetch(new URL(`/metrics/${operatorSecret}`, url))).text();
}

test('metrics open to the secret alone, wherever a request says that it comes from', async () => {
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

test('without a secret, or with a public URL, nobody is shown metrics', async () => {
  for (const given of [{}, { operatorSecret, url: 'https://mcp.example.com/mcp' }]) {
    const { port } = await stand(given);
    for (const path of ['/metrics', `/metrics/${operatorSecret}`, '/metrics/undefined']) {
      const headers = { connection: 'close', authorization: `Bearer ${operatorSecret}` };
      assert.is((await raw(port, requestText({ method: 'GET', headers }, path))).slice(9, 12), '404');
    }
  }
});

test('requests are counted by method, era and outcome, under few labels', async () => {
  const fails = toolOf('fails', {
    handler: () => {
      throw new Error('no');
    },
  });
  const { port, url } = await stand({ tools: [toolOf('t'), fails], operatorSecret });
  const send = (sent: object): Promise<string> =>
    raw(
      port,
      requestText({
        ...sent,
        headers: { connection: 'close', ...('headers' in sent ? (sent.headers as object) : {}) },
      }),
    );
  await send({ body: legacy('ping') });
  await send({ body: legacy('ping') });
  await send({ body: legacy('no/such"method') });
  await send(modernCall('t'));
  await send(modernCall('fails'));
  const text = await metricsOf(url);
  for (const line of [
    'mcp_requests_total{method="ping",era="legacy",outcome="ok"} 2',
    'mcp_requests_total{method="unknown",era="legacy",outcome="-32601"} 1',
    'mcp_requests_total{method="tools/call",era="modern",outcome="ok"} 1',
    'mcp_requests_total{method="tools/call",era="modern",outcome="tool_error"} 1',
    'mcp_requests_in_flight 0',
    'mcp_sessions 0',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`);
  }
  assert.not.match(text, 'no/such');
});
test('every line is one that Prometheus reads', async () => {
  const { port, url } = await stand({ operatorSecret });
  await raw(port, requestText({ body: legacy('ping'), headers: { connection: 'close' } }));
  for (const line of (await metricsOf(url)).trimEnd().split('\n')) {
    assert.match(line, /^(# TYPE \w+ (counter|gauge)|\w+(\{(\w+="[^"\\]*",?)+\})? [\d.]+)$/);
  }
});

test.run();
