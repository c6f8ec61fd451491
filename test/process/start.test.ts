import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../../src/app/settings/arguments.js';
import { configure } from '../../src/app/settings/config.js';
import { refuses } from '../http/wire.js';
import { logLines } from '../support/log-lines.js';
import { paste, printedCommands, printedToken, runServer } from '../support/process.js';
import { needing } from '../support/programs.js';
import { until } from '../support/until.js';

const test = suite('process/start');
const READY = 'Ctrl-C stops it.';
const folder = mkdtempSync(join(tmpdir(), 'start-test-'));
test.after(() => rmSync(folder, { recursive: true }));

async function endOf(args: string[], env: { [name: string]: string } = {}) {
  const { code, stderr } = await runServer(args, { TMPDIR: folder, ...env }).ended;
  return { code, lines: stderr.trimEnd().split('\n') };
}

const left = () => readdirSync(folder).filter((name) => name.startsWith('barewire-'));

test('BAREWIRE_STDIO takes 1, 0, true and false, and nothing else', () => {
  for (const [value, stdio] of [
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
  ] as const) {
    assert.equal(readArguments([], { BAREWIRE_STDIO: value }), { kind: 'run', config: configure({ stdio }) });
  }
  assert.equal(readArguments(['--stdio'], { BAREWIRE_STDIO: '0' }), {
    kind: 'run',
    config: configure({ stdio: true }),
  });
  assert.equal(readArguments([], { BAREWIRE_STDIO: 'yes' }), {
    kind: 'wrong',
    message: 'BAREWIRE_STDIO: expected 1, 0, true or false, received "yes"',
  });
});

needing(
  test,
  'process/start',
  'bash',
  'curl',
)('every address of the loopback network answers to its own curl command', async () => {
  const server = runServer(['--host', '127.0.0.2']);
  await server.seen(READY);
  const { token, call } = printedCommands(server.output());
  assert.match(call, '127.0.0.2');
  const { stdout } = await paste(`${token}\n${call}`);
  assert.is(JSON.parse(stdout).result.structuredContent.rows.length, 3);
  server.child.kill('SIGTERM');
  assert.is((await server.ended).code, 0);
});

test('a module without a tool is one clear line and exit 2', async () => {
  const file = join(folder, 'empty.mjs');
  writeFileSync(file, 'export const greeting = { handler() {} };');
  const { code, lines } = await endOf(['--tools', file]);
  assert.is(code, 2);
  assert.equal(lines, [
    `barewire: --tools ${file}: exports no tool; a tool is an object with name, title, description, scope, destructive, inputSchema and handler`,
  ]);
});

test('a tool without a handler is one clear line and exit 2', async () => {
  const file = join(folder, 'bare.mjs');
  const tool = { name: 'bare', title: 'B', description: 'B.', scope: 'b', destructive: false };
  writeFileSync(file, `export const bare = ${JSON.stringify({ ...tool, inputSchema: { type: 'object' } })};`);
  const { code, lines } = await endOf(['--tools', file]);
  assert.is(code, 2);
  assert.equal(lines, [
    `barewire: --tools ${file}:1: tool bare: handler must be a function (args, context) that returns a result, received nothing`,
  ]);
});

test('a start that fails leaves nothing behind', async () => {
  for (const args of [
    ['--tools', './nope.js'],
    ['--switches', join(folder, 'nope.json')],
  ]) {
    assert.is((await endOf(args)).code, 2);
    assert.equal(left(), []);
  }
});

test('a second signal leaves nothing behind either', async () => {
  const server = runServer([], { TMPDIR: folder });
  await server.seen(READY);
  assert.ok(left().length > 0);
  const address = /readonly\s+(http:\S+)/.exec(server.output())?.[1] ?? '';
  const authorization = `Bearer ${await printedToken(server.output())}`;
  const call = (sql: string) =>
    fetch(address, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'postgres.readonly', arguments: { sql } },
      }),
    });
  await (await call('select 1')).text();
  const { body } = await call('select count(*) from generate_series(1, 10000000000) n');
  server.child.kill('SIGINT');
  await refuses(Number(new URL(address).port));
  server.child.kill('SIGINT');
  assert.is((await server.ended).code, 1);
  assert.equal(left(), []);
  await body?.cancel().catch(() => undefined);
});

test('the first start on a machine prepares the data by itself, and answers meanwhile', async () => {
  const cache = mkdtempSync(join(folder, 'cache-'));
  const server = runServer(['--only', 'readonly', '--issuer', 'https://issuer.example'], {
    XDG_CACHE_HOME: cache,
  });
  const told = (line: RegExp) => until(() => line.test(server.errors()), `${line} on stderr`, 120_000);
  await server.seen(READY);
  const address = /readonly\s+(http:\S+)/.exec(server.output())?.[1] ?? '';
  assert.is((await fetch(new URL('/healthz', address))).status, 200);
  await told(/"event":"database.preparing"/);
  assert.is((await fetch(new URL('/.well-known/oauth-protected-resource/mcp', address))).status, 200);
  await told(/"message":"database: the demo data is ready after \d+\.\d s"/);
  assert.ok(readdirSync(join(cache, 'barewire')).some((name) => name.startsWith('pglite-')));
  server.child.kill('SIGTERM');
  await server.ended;
});

test('requests that arrived before stdin ended are answered, even if the data has to be prepared first', async () => {
  const cache = mkdtempSync(join(folder, 'cache-'));
  const server = runServer(['--stdio'], { XDG_CACHE_HOME: cache });
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'incidents.list', arguments: { limit: 1 }, _meta: meta };
  server.child.stdin?.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
  const { code, stdout } = await server.ended;
  assert.is(code, 0);
  assert.is(JSON.parse(stdout).result.structuredContent.incidents.length, 1);
});

test('an outage is logged to stderr with its cause, and does not show on the wire', async () => {
  const server = runServer([], { DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/lost' });
  await server.seen(READY);
  const address = /readonly\s+(http:\S+)/.exec(server.output())?.[1] ?? '';
  for (let asked = 0; asked < 3; asked++) {
    const response = await fetch(new URL('/readyz', address));
    assert.equal([response.status, await response.json()], [503, { status: 'not ready' }]);
  }
  server.child.kill('SIGTERM');
  const { stderr } = await server.ended;
  const refused = 'connect ECONNREFUSED 127.0.0.1:1';
  const told = (name: string): string[] =>
    logLines(stderr).flatMap(({ event, message }) => (event === name ? [message] : []));
  assert.equal(told('http.not-ready'), [`not ready: the database cannot be reached: ${refused}`]);
  assert.ok(
    told('registry.failed').includes(`registry: the registry cannot be kept or read just now: ${refused}`),
    stderr,
  );
});

test.run();
