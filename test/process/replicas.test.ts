/**
 * Two replicas as they are deployed, over a real PostgreSQL and behind a proxy without stickiness; one of them is killed. What
 * it had in flight is lost, and nothing else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/wire/value.js';
import { type EventReader, Peer } from '../endpoint/legacy-peer.js';
import { ModernPeer } from '../endpoint/modern-peer.js';
import { freePort } from '../support/free-port.js';
import { TestIssuer } from '../support/issuer.js';
import { startPostgres } from '../support/postgres.js';
import { type Process, runServer } from '../support/process.js';
import { reportSkip } from '../support/programs.js';
import { RoundRobin } from '../support/round-robin.js';
import { until } from '../support/until.js';

const test = suite('process/replicas');
const folder = mkdtempSync(join(tmpdir(), 'barewire-replicas-'));
const tools = join(folder, 'tools.mjs');
const common = `description: 'For trying out.', scope: 'try', destructive: false, inputSchema: { type: 'object' },`;
writeFileSync(
  tools,
  `const text = (words) => ({ content: [{ type: 'text', text: words }] });
  const FORM = { method: 'elicitation/create', params: { message: 'Go on?',
    requestedSchema: { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] } } };
  export const asking = { name: 'asking', title: 'Asking', ${common}
    handler: async (_args, { ask }) => text((await ask('go', FORM)).content.yes) };
  export const endless = { name: 'endless', title: 'Endless', ${common}
    handler: (_args, { task }) => task(({ signal }) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    })) };`,
);

const database = await startPostgres();
test.after(async () => {
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

if (database === undefined) reportSkip('process/replicas', 'PostgreSQL is not installed here');
else {
  test('sessions and tasks outlive the replica that began them, and calls in flight are reported as lost', async () => {
    const issuer = await TestIssuer.start();
    const proxy = new RoundRobin();
    const port = await proxy.listen();
    const url = `http://127.0.0.1:${port}/mcp`;
    const token = issuer.sign({
      iss: issuer.issuer,
      aud: url,
      sub: 'ada',
      client_id: 'bench',
      tenant: 'demo',
      scope: 'try incidents:read',
      iat: Math.floor(Date.now() / 1_000),
      exp: Math.floor(Date.now() / 1_000) + 3_600,
    });
    const always = { authorization: `Bearer ${token}` };
    const replicas: Process[] = [];
    const start = async (replica: string): Promise<void> => {
      const flags = [
        '--only',
        'readonly',
        '--readonly-url',
        url,
        '--issuer',
        issuer.issuer,
        '--tools',
        tools,
      ];
      const sessions = ['--sessions', '100', '--replica', replica, '--audit-dir', join(folder, 'audit')];
      const own = await freePort();
      const env = { DATABASE_URL: database.url, BAREWIRE_READONLY_PORT: String(own) };
      const process = runServer([...flags, ...sessions], env);
      replicas.push(process);
      await process.seen('Ctrl-C stops it.');
      proxy.targets.push(own);
    };
    try {
      await start('a');
      await start('b');
      const straight = (at: number): string => `http://127.0.0.1:${proxy.targets[at]}/mcp`;
      const peer = await Peer.open(straight(0), { elicitation: {} }, '2025-11-25', always);
      const at = (where: string): Peer => Object.assign(new Peer(where, always), { session: peer.session });
      const modern = new ModernPeer(always);
      const taskId = await modern.task(straight(0), 'endless');

      // In alternation, through the proxy: a question asked here is answered there.
      for (let turn = 1; turn <= 6; turn += 1) {
        const call = await at(url).call(turn, 'asking');
        const { id } = await call.message('elicitation/create');
        const result = { action: 'accept', content: { yes: `answer ${turn}` } };
        const answered = await at(url).fetch('POST', { jsonrpc: '2.0', id, result });
        assert.is(answered.status, 202);
        assert.ok(JSON.stringify(await call.message(turn)).includes(`answer ${turn}`));
      }
      const status = async (where: string) => (await modern.ask(where, 'tasks/get', { taskId })).status;
      assert.is(await status(straight(1)), 'working');
      const stream = await at(straight(0)).listen();
      await stream.until(({ events }: EventReader) => events.length > 0);

      replicas[0]?.child.kill('SIGKILL');
      await replicas[0]?.ended;

      // The session goes on, by way of the proxy too, which finds nobody at the first port.
      for (let turn = 10; turn < 14; turn += 1) {
        const listed = await (await at(url).request(turn, 'tools/list')).message(turn);
        assert.ok((listed.result as JsonObject).tools);
      }
      // Its stream begins again as soon as it is certain that nobody holds it.
      let back: EventReader | undefined;
      await until(
        async () => {
          back = await at(url).listen(stream.lastId);
          return back.status === 200;
        },
        'the stream beginning anew',
        40_000,
      );
      await back?.message('notifications/tools/list_changed');
      await until(async () => (await status(url)) === 'failed', 'the task being seen as failed', 40_000);
      const { error } = await modern.ask(url, 'tasks/get', { taskId });
      assert.ok(JSON.stringify(error).includes('the replica that worked on the task is gone'));
      assert.is((await at(url).fetch('DELETE')).status, 204);
      assert.is((await at(url).fetch('POST', { jsonrpc: '2.0', id: 1, method: 'ping' })).status, 404);

      // Nothing is stored there for longer than it is valid.
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query(
        `SELECT split_part(space, '/', 1) AS kind, max(expires_at) AS last FROM barewire.state GROUP BY 1`,
      );
      await client.end();
      for (const { kind, last } of rows as { kind: string; last: string }[])
        assert.ok(Number(last) < Date.now() + 3_600_000, `${kind} until ${last}`);
    } finally {
      proxy.close();
      for (const { child, ended } of replicas) {
        child.kill('SIGTERM');
        await ended;
      }
      await issuer.goAway();
    }
  });

  test('while PostgreSQL is away, sessions say so, and stateless requests are answered', async () => {
    const issuer = await TestIssuer.start();
    const replica = runServer(
      [
        '--only',
        'readonly',
        '--issuer',
        issuer.issuer,
        '--tools',
        tools,
        '--sessions',
        '100',
        '--quota',
        '0',
      ].concat(['--replica', 'c', '--audit-dir', join(folder, 'audit')]),
      { DATABASE_URL: database.url },
    );
    try {
      await replica.seen('Ctrl-C stops it.');
      const [, found] = /(http:\/\/localhost:\d+\/mcp)/.exec(replica.output()) ?? [];
      const url = String(found);
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: issuer.issuer,
        aud: url,
        sub: 'ada',
        client_id: 'bench',
        tenant: 'demo',
        scope: 'try',
      };
      const always = { authorization: `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 3_600 })}` };
      const modern = new ModernPeer(always);
      const peer = await Peer.open(url, {}, '2025-11-25', always);
      await database.halt();
      const unknown = Object.assign(new Peer(url, always), {
        session: '00000000-0000-4000-8000-000000000000',
      });
      // A request is refused in band; a message without an answer keeps the status.
      const told = await unknown.fetch('POST', { jsonrpc: '2.0', id: 1, method: 'ping' });
      assert.match(await told.text(), '"id":1,"error":{"code":503,');
      assert.is((await peer.fetch('DELETE')).status, 503);
      const params = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'c', version: '1' },
      };
      const opening = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
      assert.match(await (await new Peer(url, always).fetch('POST', opening)).text(), '"error":{"code":503,');
      assert.is((await modern.ask(url, 'tools/call', { name: 'endless' })).code, 503);
      assert.ok((await modern.ask(url, 'tools/list')).tools);
      await database.start();
      await until(
        async () => (await peer.fetch('DELETE')).status === 204,
        'the session being ended once it is back',
      );
    } finally {
      replica.child.kill('SIGTERM');
      await replica.ended;
      await issuer.goAway();
    }
  });
}

test.run();
