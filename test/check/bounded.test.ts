/** What a check keeps and prints has a bound, whatever the server sends. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonOf, junitOf } from '../../src/cli/check/machine.js';
import { Traffic } from '../../src/cli/check/traffic.js';
import { checked, ENTRIES } from './checked.js';
import { error, type Handler, json, result, startSmall } from './small.js';

const test = suite('check/bounded');

const MIB = 1024 * 1024;

const discovered = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  serverInfo: { name: 'huge', version: '1' },
};

/** A server that offers these tools, and answers whatever a transcript asks with a huge error. */
const withTools = (tools: unknown): Handler => {
  let discoveries = 0;
  return ({ message }) => {
    if (message.method === 'server/discover') discoveries += 1;
    // The check asks with its token and without it.
    if (message.method === 'server/discover' && discoveries <= 2) return result(message, discovered);
    if (message.method === 'tools/list') return result(message, { resultType: 'complete', tools });
    if (message.id === undefined) return error(400, -32600);
    return json(200, {
      jsonrpc: '2.0',
      id: message.id,
      error: { code: -32603, message: 'x'.repeat(2 * MIB) },
      ...Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`member ${at}`, at])),
    });
  };
};

const entries = ENTRIES.filter(({ transcript }) => transcript.era === 'modern').slice(0, 4);

test('a huge answer is cut in the report, and the report says how much is left out', async () => {
  const { url, close } = await startSmall(withTools([]));
  const report = await checked(url, { eras: ['modern'], entries });
  await close();
  const failures = report.results.flatMap((one) => (one.kind === 'failed' ? [one.failure] : []));
  assert.ok(failures.length > 0);
  for (const { differences } of failures) assert.ok(differences.length <= 50);
  assert.ok(failures.some(({ moreDifferences = 0 }) => moreDifferences > 0));
  assert.ok(jsonOf(report).length < MIB, `${jsonOf(report).length} characters`);
  assert.ok(junitOf(report).length < MIB);
});

test('of a list, so much is kept as a report can hold', async () => {
  const small = Array.from({ length: 300_000 }, () => ({}));
  const large = Array.from({ length: 20 }, (_, at) => ({
    name: `tool ${at}`,
    description: 'x'.repeat(MIB / 4),
  }));
  for (const [tools, most] of [
    [small, 2_000],
    [large, 3],
  ] as const) {
    const { url, close } = await startSmall(withTools(tools));
    const report = await checked(url, { eras: ['modern'], entries: [] });
    await close();
    assert.is(report.offers[0]?.tools?.length, most);
  }
});

test('what the check asked at first is kept up to a number of bytes', () => {
  const traffic = new Traffic('http');
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n';
  const sent = Buffer.from('POST /mcp HTTP/1.1\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"ping"}');
  const received = Buffer.from(`${head}{"jsonrpc":"2.0","id":1,"result":{"text":"${'x'.repeat(MIB)}"}}`);
  for (let count = 0; count < 30; count += 1) traffic.see({ line: 0, sent, received, what: 'ping' });
  assert.ok(
    traffic.contextBytes > 3 * MIB && traffic.contextBytes <= 4 * MIB,
    `${traffic.contextBytes} bytes`,
  );
});

test.run();
