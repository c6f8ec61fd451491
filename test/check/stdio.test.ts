/** Servers on stdio: our own passes, and broken ones fail with the right clause. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scriptArguments } from '../support/script.js';
import { checked, ENTRIES, failuresIn, kinds, violatedIn } from './checked.js';

const test = suite('check/stdio');
const TIMEOUT_MS = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'check-stdio-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A program that reads lines, and what it answers to a request: the body of a function of `message`. */
function program(name: string, body: string, atEnd = 'process.exit(0)'): string[] {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { createInterface } from 'node:readline';
     const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
     const meta = { 'io.modelcontextprotocol/serverInfo': { name: 'small', version: '1' } };
     const hints = { resultType: 'complete', ttlMs: 0, cacheScope: 'public', _meta: meta };
     const answer = (message) => { ${body} };
     createInterface({ input: process.stdin })
       .on('line', (line) => {
         let message;
         try { message = JSON.parse(line); } catch { return; }
         if (message.id !== undefined) answer(message);
       })
       .on('close', () => { ${atEnd}; });`,
  );
  return [process.execPath, path];
}

const HONEST = `
  const asked = message.params?._meta ?? {};
  const version = asked['io.modelcontextprotocol/protocolVersion'];
  const error = (code, data) => say({ id: message.id, error: { code, message: 'no', data } });
  if (version === undefined) return error(-32602, { supported: ['2026-07-28'] });
  if (asked['io.modelcontextprotocol/clientCapabilities'] === undefined) return error(-32602);
  if (version !== '2026-07-28') return error(-32022, { supported: ['2026-07-28'], requested: version });
  if (message.method !== 'server/discover') return error(-32601);
  say({ id: message.id, result: { ...hints, supportedVersions: ['2026-07-28'], capabilities: {} } });`;

test('a small server passes', async () => {
  const report = await checked(program('honest', HONEST), { timeoutMs: TIMEOUT_MS });
  assert.equal(failuresIn(report), []);
  assert.ok(kinds(report.results, 'passed').length > 12);
});

test('our own server passes, over both eras', async () => {
  const own = [process.execPath, ...scriptArguments('src/server.ts'), '--stdio'];
  // Each transcript that ends a process starts another one, which takes a while on a busy machine.
  const report = await checked(own, { timeoutMs: 60_000, eras: ['modern', 'legacy'] });
  assert.equal(failuresIn(report), []);
  const passed = report.results.filter(({ kind }) => kind === 'passed');
  assert.ok(passed.length > 50, `${passed.length} passed`);
  assert.equal([...new Set(passed.map(({ era }) => era))].sort(), ['legacy', 'modern']);
});

test('no transcript about HTTP is played', async () => {
  const report = await checked(program('honest', HONEST), { timeoutMs: TIMEOUT_MS });
  assert.not.ok(report.results.some(({ stage }) => stage === 'http' || stage === 'sessions'));
});

test('2026-07-28/stdio/013: a process that outlives its input', async () => {
  const entries = ENTRIES.filter(({ file }) => file === 'streams/ends-with-its-input.wire');
  const command = program('stays', HONEST, 'setInterval(() => {}, 1_000)');
  const report = await checked(command, { timeoutMs: 3_000, entries });
  assert.ok(violatedIn(report).includes('2026-07-28/stdio/013'), failuresIn(report).join('\n'));
});

test('2026-07-28/basic/006: a process that answers under another id', async () => {
  const body = HONEST.replace('say({ id: message.id, result', 'say({ id: String(message.id), result');
  const report = await checked(program('renames', body), { timeoutMs: TIMEOUT_MS });
  assert.ok(violatedIn(report).includes('2026-07-28/basic/006'), failuresIn(report).join('\n'));
});

for (const [name, command, timeoutMs, expected] of [
  ['is no program', ['barewire-no-such-program'], TIMEOUT_MS, /there is no program barewire-no-such-program/],
  ['ends at once', [process.execPath, '-e', 'process.exit(3)'], TIMEOUT_MS, /ended with exit code 3/],
  [
    'says nothing',
    [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    500,
    /did not come within 500 ms/,
  ],
] as const)
  test(`a command that ${name} is named in one line`, async () => {
    const problem = await checked(command, { timeoutMs }).then(
      () => 'none',
      (error: unknown) => String(error),
    );
    assert.match(problem, expected);
  });

test.run();
