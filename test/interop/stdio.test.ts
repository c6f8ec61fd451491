/** The official clients over stdio: each starts the real server, speaks with it, and ends it by closing stdin. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { modulePath } from '../support/script.js';
import { expectService, PAGE_SIZE, refusal } from './expectations.js';
import { type Open, type Session, v1, v2 } from './sessions.js';

const test = suite('interop/stdio');

const OWN_TOOLS = ['--tools', modulePath('test/interop/tools.ts'), '--page-size', String(PAGE_SIZE)];

const CLIENTS: { name: string; revision: string; open: Open }[] = [
  { name: 'version 1', revision: '2025-11-25', open: v1() },
  { name: 'version 1, 2024-11-05', revision: '2024-11-05', open: v1('2024-11-05') },
  { name: 'version 2, pinned', revision: '2026-07-28', open: v2({ pin: '2026-07-28' }) },
  { name: 'version 2, automatic', revision: '2026-07-28', open: v2('auto') },
];

for (const { open, ...client } of CLIENTS) {
  let session: Session | undefined;
  expectService(test, {
    ...client,
    http: false,
    async open() {
      session = await open(OWN_TOOLS);
      return session;
    },
  });
  test(`${client.name}: the server has ended by itself once the client closed`, () => {
    assert.ok(session);
    endedWell(session);
    // What the caller may not read is in the log, which is not stdout.
    assert.match(session.log(), 'password in /etc/secret');
  });
}

for (const { name, open } of [
  { name: 'version 1', open: v1() },
  { name: 'version 2, automatic', open: v2('auto') },
]) {
  test(`${name}: --only destructive offers what changes state, and nothing else`, async () => {
    const session = await open(['--only', 'destructive']);
    const listed = await session.tools();
    assert.is(session.serverName(), 'internal-destructive-mcp');
    assert.equal(
      listed.map((tool) => tool.name),
      ['jira.create', 'incidents.ack'],
    );
    const { message } = await refusal(session.call('postgres.readonly', { sql: 'select 1' }));
    assert.match(message, /no such tool/);
    await session.close();
    assert.equal([session.errors, session.traffic.noise], [[], []]);
    endedWell(session);
  });
}

test('the automatic mode speaks the newest revision from the first line on', async () => {
  const { traffic, call, close } = await v2('auto')([]);
  const { structuredContent } = await call('postgres.readonly', { sql: 'select 6 * 7 as answer' });
  await close();
  assert.match(JSON.stringify(structuredContent), /42/);
  assert.not.ok(traffic.sent.some(({ method }) => method === 'initialize'));
});

// The one case in which a client may have to send SIGTERM: it waits two seconds for the call, then no longer.
test('a call that is still running keeps no server alive, and no temporary file either', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-interop-'));
  try {
    const session = await v1()(OWN_TOOLS, { TMPDIR: folder });
    await session.call('postgres.readonly', { sql: 'select 1' });
    await session.call('s3.list', { bucket: 'reports' });
    const pending = refusal(session.call('work.wait', { label: 'for ever' }));
    const child = session.child();
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    assert.ok((await own(folder)).length >= 2);
    const begun = performance.now();
    await session.close();
    assert.is(await ended, 0);
    assert.ok(performance.now() - begun < 5_000);
    assert.match((await pending).message, /Connection closed/);
    assert.equal(await own(folder), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

// tsx keeps its cache in the same folder.
async function own(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('barewire-'));
}

// Without a signal: neither client had to lose its patience.
function endedWell(session: Session): void {
  const child = session.child();
  assert.equal([child?.exitCode, child?.signalCode, child?.killed], [0, null, false]);
}

test.run();
