/** `--trace` as a learner starts it: exchanges on stderr, and a page that shows them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paste, printedCommands, printedToken, runServer } from '../support/process.js';
import { needing } from '../support/programs.js';

const test = suite('process/trace');
const READY = 'Ctrl-C stops it.';
const address = (output: string, name: string) =>
  new RegExp(`${name}\\s+(http://\\S+)`).exec(output)?.[1] ?? '';

async function stopped(server: ReturnType<typeof runServer>): Promise<string> {
  server.child.kill('SIGTERM');
  const { code, stderr } = await server.ended;
  assert.is(code, 0);
  return stderr;
}

needing(
  test,
  'process/trace',
  'bash',
  'curl',
)('an exchange is explained on stderr, shown on both servers, and its token on neither', async () => {
  const server = runServer(['--trace']);
  await server.seen(READY);
  const { token: command, call } = printedCommands(server.output());
  const token = await printedToken(server.output());
  const { stdout } = await paste(`${command}\n${call}`);
  assert.is(JSON.parse(stdout).result.structuredContent.rows.length, 3);
  const traced = address(server.output(), 'trace');
  assert.match(traced, /\/trace\/[\w-]{32}$/);
  for (const name of ['readonly', 'destructive']) {
    const { origin } = new URL(address(server.output(), name));
    const page = await (await fetch(`${origin}${new URL(traced).pathname}`)).text();
    assert.is((await fetch(`${origin}/trace`)).status, 404);
    assert.match(page, 'tools/call postgres.readonly', name);
    assert.not.ok(page.includes(token));
  }
  const stderr = await stopped(server);
  assert.match(stderr, /^-- #\d+ .* readonly {2}from /m);
  assert.match(stderr, /^> mcp-name: postgres\.readonly .*repeats the tool, prompt or resource/m);
  assert.match(stderr, '2026-07-28/streamable-http/038');
  assert.match(stderr, /^> {3}its claims say .*postgres:query:readonly/m);
  assert.match(stderr, /^= tools\/call postgres\.readonly: allowed/m);
  assert.match(stderr, /^= took [\d.]+ ms: .*handled \+.*written down \+.*answered \+/m);
  for (const part of token.split('.')) assert.not.ok(stderr.includes(part), 'no part of the token');
});

test('the variable has the same effect, and without either there is no such page', async () => {
  const traced = runServer(['--only', 'readonly'], { BAREWIRE_TRACE: '1' });
  await traced.seen(READY);
  assert.match(traced.output(), /trace\s+http/);
  await stopped(traced);
  const plain = runServer(['--only', 'readonly']);
  await plain.seen(READY);
  const { origin } = new URL(address(plain.output(), 'readonly'));
  assert.is((await fetch(`${origin}/trace`)).status, 404);
  await fetch(`${origin}/mcp`, { method: 'POST', body: '{}' });
  assert.not.match(await stopped(plain), '-- #');
});

test.run();
