/** `tap -- COMMAND` as a process: bytes, ends and signals pass, and nothing else gets into the pipes. */
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StdioRecorder } from '../../src/cli/tap/stdio/recorder.js';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { tracePage } from '../../src/lesson/trace/pages/page.js';
import { rawAnswer } from '../../src/lesson/trace/raw.js';
import { wireOf } from '../../src/lesson/trace/wire.js';
import { ROOT, run } from '../support/process.js';
import { scriptArguments } from '../support/script.js';
import { until, within } from '../support/until.js';

const test = suite('tap/stdio');
const TAP = [join(ROOT, 'dist/server.js'), 'tap'];
const FINDING = {
  clause: '2026-07-28/basic/003',
  side: 'server',
  where: 'id',
  expected: 'a string',
  received: 'null',
} as const;
let folder: string;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barewire-tap-'));
});
test.after(() => rm(folder, { recursive: true, force: true }));

/** Runs `script` as the server behind a tap. */
function tapped(script: string, ...flags: readonly string[]): ReturnType<typeof run> {
  return run(process.execPath, [...TAP, ...flags, '--', process.execPath, '-e', script]);
}

test('every byte passes in both directions, whatever it is, and stderr is the other one', async () => {
  const script = `process.stderr.write('to stderr'); process.stdin.pipe(process.stdout)`;
  const { child, errors } = tapped(script);
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) % 256));
  const came: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => came.push(bytes));
  child.stdin?.end(sent);
  const [code] = await within(once(child, 'close'), 'the end');
  assert.is(code, 0);
  assert.ok(Buffer.concat(came).equals(sent));
  assert.match(errors(), /to stderr/);
  assert.match(errors(), /^barewire tap: every byte, explained: http:\/\/localhost:\d+\/trace\/\S+$/m);
});

test('the exit code of the command is that of the tap, and so is the signal that ends it', async () => {
  const { ended } = tapped('process.exit(7)');
  assert.is((await within(ended, 'the end')).code, 7);
  const { child } = tapped(`process.kill(process.pid, 'SIGKILL')`);
  assert.equal(await within(once(child, 'close'), 'the end'), [null, 'SIGKILL']);
});

test('a signal reaches the command, which ends as it likes', async () => {
  const script = `process.on('SIGTERM', () => { console.log('stopping'); process.exit(3) }); process.stdin.resume(); console.log('ready')`;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, seen, ended } = tapped(script.replaceAll('SIGTERM', signal));
    await seen('ready');
    child.kill(signal);
    const { code, stdout } = await within(ended, `the end by ${signal}`);
    assert.equal([code, stdout], [3, 'ready\nstopping\n']);
  }
});

test('the command ends with the input of the client, and the tap with the command', async () => {
  const { child, ended } = tapped(`process.stdin.on('end', () => console.log('over')).resume()`);
  child.stdin?.end();
  const { code, stdout } = await within(ended, 'the end');
  assert.equal([code, stdout], [0, 'over\n']);
});

test('the tap ends although something that the command started holds its pipes', async () => {
  // It ends when nobody can write to it any more.
  const { child } = tapped(`
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'inherit' });
    process.exit(4);
  `);
  const [code] = await within(once(child, 'exit'), 'the end');
  assert.is(code, 4);
});

test('a command that does not exist', async () => {
  const { ended } = run(process.execPath, [...TAP, '--', 'no-such-program']);
  const { code, stderr, stdout } = await within(ended, 'the end');
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, 'barewire tap: cannot start no-such-program: there is no such program');
});

test('an official client works through the tap, and the log has every message', async () => {
  const log = join(folder, 'tap.log');
  const saved = join(folder, 'saved');
  const server = scriptArguments('test/interop/everything-stdio.ts');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...TAP, '--log', log, '--save', saved, '--', process.execPath, ...server],
    cwd: ROOT,
    stderr: 'pipe',
  });
  const client = new Client({ name: 'interop', version: '1.0.0' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  assert.ok(tools.length > 0);
  await client.close();
  const text = await until(async () => {
    const written = await readFile(log, 'utf8').catch(() => '');
    return written.includes('answer to tools/list') && written;
  }, 'the log has the last answer');
  for (const part of [
    /initialize, to node \S+\n/,
    /answer to initialize, from node \S+\n/,
    'notifications/initialized',
  ])
    assert.match(text, part);
  assert.is((await stat(log)).mode & 0o077, 0);
  await until(async () => (await readdir(saved).catch((): string[] => [])).includes('0003-tools-list.wire'));
  assert.match(await readFile(join(saved, '0003-tools-list.wire'), 'utf8'), /^# transport: stdio\n> \{/m);
});

test('violations of both sides are in the log, and --print writes to stderr', async () => {
  const log = join(folder, 'violations.log');
  const script = `process.stdin.once('data', () => { console.log('hello'); console.log('{"jsonrpc":"2.0","id":1,"result":[]}'); process.exit() })`;
  const { child, ended } = tapped(script, '--log', log, '--print');
  child.stdin?.write('{"jsonrpc":"2.0","id":1,"method":"initialize"}\n');
  const { stdout, stderr } = await within(ended, 'the end');
  assert.is(stdout, 'hello\n{"jsonrpc":"2.0","id":1,"result":[]}\n');
  const written = await readFile(log, 'utf8');
  for (const text of [written, stderr]) {
    assert.match(text, /^! the client violates a MUST /m);
    assert.match(text, /^! the server violates a MUST /m);
    assert.match(text, /^! {3}https:\/\/modelcontextprotocol\.io\//m);
  }
});

test('a log that cannot be written is said before anything starts', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const { ended } = tapped('', '--log', join(file, 'log'));
  const { code, stderr } = await within(ended, 'the end');
  assert.is(code, 2);
  assert.match(stderr, 'barewire tap: ENOTDIR');
});

test('requests and answers are paired by side and id, and what is left open is lost', () => {
  const ended: TracedExchange[] = [];
  const recorder = new StdioRecorder({
    server: 'test',
    clock: () => new Date(0),
    ticks: () => 0n,
    examine: () => [],
    listener: { message: () => {}, onEnd: (traced) => ended.push(traced) },
  });
  recorder.line('client', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"password":"hunter22"}}');
  recorder.line('server', '{"jsonrpc":"2.0","id":1,"method":"roots/list"}');
  recorder.line('server', '{"jsonrpc":"2.0","id":"1","result":{}}');
  recorder.line('client', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}');
  recorder.line('client', '{"jsonrpc":"2.0","id":2,"method":"ping"}');
  recorder.line('server', '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  recorder.end();
  const shown = ended.map(({ number, stdio, state, answer }) => [number, stdio, state, answer?.body.text]);
  assert.equal(shown, [
    [3, 'server', 'done', undefined],
    [2, 'server', 'done', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}'],
    [1, 'client', 'done', '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'],
    [4, 'client', 'lost', undefined],
  ]);
  assert.not.match(JSON.stringify(ended), 'hunter22');
});

test('the page has an exchange of stdio without a head, and in the direction in which it went', () => {
  const all: TracedExchange[] = [];
  const recorder = new StdioRecorder({
    server: 'node server.js',
    clock: () => new Date(0),
    ticks: () => 0n,
    examine: (from) => (from === 'client' ? [] : [FINDING]),
    listener: { message: () => {}, onEnd: (traced) => all.push(traced) },
  });
  recorder.line('server', '{"jsonrpc":"2.0","id":7,"method":"roots/list"}');
  recorder.line('client', '{"jsonrpc":"2.0","id":7,"result":{"roots":[]}}');
  recorder.line('client', '{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const [asked, notice] = all;
  const page = tracePage('/trace/x', all, 1, asked)({});
  assert.match(page, 'From node server.js on stdio');
  assert.match(page, /<span class="status good">result<\/span> <span class="status bad">1 violation<\/span>/);
  assert.match(page, '<option value="error">');
  assert.match(
    page,
    /number 1 from node server\.js, roots\/list, answered result; number 2 to node server\.js/,
  );
  assert.match(page, 'the server violates a MUST (2026-07-28/basic/003) in id');
  assert.not.match(page, 'curl command');
  assert.is(
    asked && wireOf(asked)?.split('\n').slice(2).join('\n'),
    '# transport: stdio\n< {"jsonrpc":"2.0","id":7,"method":"roots/list"}\n> {"jsonrpc":"2.0","id":7,"result":{"roots":[]}}\n',
  );
  assert.match((notice && wireOf(notice)) ?? '', /^# notifications\/initialized as it was sent\n/);
  assert.is(
    asked &&
      rawAnswer(asked)
        .map(({ text }) => text)
        .join(''),
    '{"jsonrpc":"2.0","id":7,"result":{"roots":[]}}\n',
  );
});

test.run();
