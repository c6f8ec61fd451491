/** Tools with side effects beside their answers: errors that nobody catches, and output on stdout. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MODERN } from '../http/wire.js';
import { freePort } from '../support/free-port.js';
import { logLines } from '../support/log-lines.js';
import { type Process, runServer } from '../support/process.js';
import { until } from '../support/until.js';

const test = suite('process/strays');
const folder = mkdtempSync(join(tmpdir(), 'strays-test-'));
const servers: Process[] = [];
test.after(() => {
  for (const { child } of servers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function serve(args: readonly string[], env: { [name: string]: string } = {}): Process {
  const server = runServer(args, env);
  servers.push(server);
  return server;
}

function moduleOf(name: string, text: string): string {
  const file = join(folder, `${name}.mjs`);
  const about = `title: 'T', description: 'D.', scope: 's', destructive: false, inputSchema: { type: 'object' }`;
  writeFileSync(file, text.replaceAll('ABOUT', about));
  return file;
}

type Answer = { id: number; result: { isError?: boolean; content: { text: string }[] } };

/** Calls the tools one after the other over stdio, each when the one before is answered. */
async function callAll(server: Process, names: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const name of names) {
    const id = answers.length + 1;
    const params = { name, arguments: {}, _meta: MODERN };
    server.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`);
    const lines = (): string[] => server.output().split('\n').slice(0, -1);
    await until(() => lines().length >= id || server.child.exitCode !== null, `an answer to ${name}`);
    assert.is(server.child.exitCode, null, `the process ended after ${name}`);
    // Whatever is on stdout has to be JSON, a line each.
    answers.push(
      ...lines()
        .slice(answers.length)
        .map((line) => JSON.parse(line) as Answer),
    );
  }
  return answers;
}

test('errors that a tool leaves behind end no process and name its module', async () => {
  const file = moduleOf(
    'strays',
    `const done = { content: [{ type: 'text', text: 'done' }] };
     export const tools = [
       { name: 'floating', ABOUT, handler() { Promise.reject(new Error('floating promise')); return done; } },
       { name: 'timer', ABOUT, handler() { setTimeout(() => { throw new Error('late timer'); }); return done; } },
       { name: 'abort', ABOUT, handler(_, { signal }) {
         signal.addEventListener('abort', () => { throw new Error('bad listener'); });
         return new Promise(() => {});
       } },
       { name: 'good', ABOUT, handler: () => done },
     ];`,
  );
  const server = serve(['--stdio', '--tools', file, '--tool-ms', '50']);
  const names = ['floating', 'timer', 'abort', 'good'];
  const answers = await callAll(server, names);
  assert.equal(
    answers.map(({ result }) => result.content[0]?.text),
    ['done', 'done', 'abort was stopped: not finished within 50 ms', 'done'],
  );
  server.child.stdin?.end();
  const { code, stderr } = await server.ended;
  assert.is(code, 0);
  const strays = logLines(stderr).filter(({ event }) => event === 'process.stray-error');
  const origin = `in ${file} (floating, timer, abort, good)`;
  assert.equal(strays.map(({ about, message }) => [about, message]).slice(0, 2), [
    [`a rejected promise that nobody awaits ${origin}`, 'a stray error: floating promise'],
    [`an error that nobody catches ${origin}`, 'a stray error: late timer'],
  ]);
});
test('a stray error is counted in /metrics, and the server still answers', async () => {
  const now = join(folder, 'now');
  const file = moduleOf(
    'late',
    `import { existsSync } from 'node:fs';
     export const late = { name: 'late', ABOUT, handler: () => ({}) };
     const look = setInterval(() => {
       if (!existsSync(${JSON.stringify(now)})) return;
       clearInterval(look);
       Promise.reject(new Error('stray'));
     }, 10);`,
  );
  const port = await freePort();
  const BAREWIRE_OPERATOR_SECRET = 'a-secret-that-opens-the-metrics';
  const args = ['--only', 'readonly', '--readonly-port', String(port), '--tools', file];
  const server = serve(args, { BAREWIRE_OPERATOR_SECRET });
  try {
    await server.seen('Ctrl-C stops it.');
    writeFileSync(now, '');
    const counted = async (): Promise<number> => {
      const text = await (await fetch(`http://localhost:${port}/metrics/${BAREWIRE_OPERATOR_SECRET}`)).text();
      return Number(/^process_stray_errors_total (\d+)$/m.exec(text)?.[1]);
    };
    await until(async () => (await counted()) > 0, 'a stray error that is counted');
    assert.is((await fetch(`http://localhost:${port}/healthz`)).status, 200);
  } finally {
    server.child.kill('SIGTERM');
  }
  assert.is((await server.ended).code, 0);
});
test('output of a tool or its module on stdout goes to stderr on stdio', async () => {
  const file = moduleOf(
    'chatty',
    `import { stdout } from 'node:process';
     import { Worker } from 'node:worker_threads';
     console.log('loading');
     stdout.write('loading more\\n');
     export const chatty = { name: 'chatty', ABOUT, async handler() {
       console.log('log'); console.info('info'); console.table([{ a: 1 }]); console.dir({ b: 2 });
       process.stdout.write('written\\n');
       process.stdout.write(new TextEncoder().encode('bytes\\n'), () => stdout.write('called back\\n'));
       await new Promise((done) => new Worker('console.log("worker")', { eval: true }).on('exit', done));
       process.stdout.end('ended\\n');
       return { content: [{ type: 'text', text: 'x'.repeat(200_000) }] };
     } };`,
  );
  const server = serve(['--stdio', '--tools', file]);
  const answers = await callAll(server, ['chatty', 'chatty']);
  assert.equal(
    answers.map(({ result }) => result.content[0]?.text.length),
    [200_000, 200_000],
  );
  server.child.stdin?.end();
  const { code, stderr } = await server.ended;
  assert.is(code, 0);
  const words = [
    'loading',
    'loading more',
    'log',
    'info',
    'written',
    'bytes',
    'called back',
    'worker',
    'ended',
  ];
  for (const word of words) assert.ok(stderr.split('\n').includes(word), `${word} is not on stderr`);
});

test.run();
