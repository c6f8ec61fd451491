/** An upgrade from the previous version loses no approvals, sessions, tasks, audit folders, registry entries or switches. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { recordSteps } from '../../src/governance/approval/approval-steps.js';
import { createApprovals } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { openAudit } from '../../src/governance/audit/log.js';
import { folderOf } from '../../src/governance/audit/names.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { follow } from '../../src/services/registry/follow/follow.js';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { createPostgresStore } from '../../src/services/registry/store/postgres-store.js';
import type { Store } from '../../src/services/registry/store/store.js';
import { now } from '../../src/wire/clock.js';
import { linesOf, recordsIn, verified } from '../audit/logs.js';
import { at, counted, post } from '../endpoint/guarded.js';
import { Peer } from '../endpoint/legacy-peer.js';
import { ModernPeer } from '../endpoint/modern-peer.js';
import { closeAll, modernCall, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { RunningRegistry } from '../registry/running.js';
import { makeKey, signToken } from '../support/issuer.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { copyOf, recorded, restoreRegistry, restoreState } from './previous.js';

const test = suite('upgrade');
const { issuer, url } = recorded;
const key = makeKey('ES256', 'first');
const BOB = { issuer, user: 'bob', tenant: 'acme', via: 'page' as const };

/** The authorization server of the recording, as far as keys go. */
const fetchIssuer: typeof fetch = async (input) => {
  const metadata = { issuer, jwks_uri: `${issuer}/jwks` };
  const body = String(input).includes('/.well-known/') ? metadata : { keys: [key.jwk] };
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
};
const token = (others: object = {}): string =>
  signToken(key, {
    ...{ iss: issuer, sub: 'ada', aud: url, client_id: 'bench', tenant: 'acme' },
    ...{ scope: 'bench:write bench:read', iat: at(-10), exp: at(3_600) },
    ...others,
  });
const always = { authorization: `Bearer ${token()}` };

async function open(databaseUrl: string) {
  const errors: string[] = [];
  const onError = (error: unknown, about: string) => void errors.push(`${about}: ${error}`);
  const state = createPostgresState({ url: databaseUrl, clock: now, onError });
  const auditDir = copyOf('audit');
  const log = await openAudit({
    dir: auditDir,
    replica: 'r1',
    clock: now,
    onError: (error) => onError(error, 'audit'),
  });
  const inputSchema = { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false };
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true, inputSchema });
  let ids = 0;
  const approvals = createApprovals({
    state,
    server: 'bench',
    keys: [randomBytes(32)],
    clock: now,
    newId: () => `later-${++ids}`,
    onStep: recordSteps({ log }),
  });
  const stood = await stand({
    url,
    auth: { issuers: [{ issuer }], fetch: fetchIssuer },
    tools: [tool, toolOf('read', { scope: 'bench:read' }), toolOf('slow', { scope: 'bench:read' })],
    tasks: true,
    state,
    sessions: { most: 10, idleMs: 3_600_000 },
    policy: createPolicy({ name: 'bench', clock: now, state, limits: { callsPerMinute: { all: 100 } } }),
    approving: createApproving(
      approvals,
      (id) => `https://tools.example.com/approvals/${id}`,
      () => {},
    ),
    audit: { log },
  });
  const call = async (n: number) => {
    const { body, headers } = modernCall('write', { 'io.modelcontextprotocol/clientCapabilities': {} }, 1, {
      n,
    });
    return (await post(stood.url, token(), body, headers)).body;
  };
  const close = async () => {
    await stood.close();
    await log.close();
    await state.close();
  };
  return { ...stood, approvals, call, runs, auditDir, close };
}

const database = await startPostgres();
test.after(async () => {
  await closeAll();
  await database?.stop();
});

if (database === undefined) reportSkip('upgrade', 'PostgreSQL is not installed here');
else {
  await restoreState(database.url);
  await restoreRegistry(database.url);

  test('approvals, a session and a task of the previous version go on', async () => {
    const server = await open(database.url);
    const { approvals, call, runs } = server;
    const waiting = async () => (await approvals.pending(BOB)).map(({ id }) => id).sort();
    // Anybody who can write to the database could have made such rows, so none is trusted. None is lost either: approval of the
    // same calls is requested again, and the log says what happened to each request.
    assert.equal(await waiting(), []);
    for (const n of [1, 2, 3, 4]) assert.is((await call(n)).error?.code, 403);
    assert.equal(await waiting(), ['later-1', 'later-2', 'later-3', 'later-4']);
    assert.is(runs(), 0);
    assert.is((await approvals.decide('later-1', BOB, { approve: true, comment: '' })).kind, 'decided');
    assert.ok((await call(1)).result);
    assert.is(runs(), 1);
    const steps = recordsIn(server.auditDir, folderOf({ tenant: 'acme', issuer })).map(
      ({ outcome, approvalId }) => `${outcome} ${approvalId}`,
    );
    for (const id of ['id-pending', 'id-approved', 'id-refused', 'id-consumed'])
      assert.ok(steps.includes(`seal-refused ${id}`), `${id}: ${steps}`);

    const peer = Object.assign(new Peer(server.url, always), {
      session: recorded.session,
      revision: '2025-11-25',
    });
    const listed = await (await peer.request(7, 'tools/list')).message(7);
    assert.ok(JSON.stringify(listed.result).includes('"write"'));
    // The record does not say which scopes its call needed, so reading it takes those of every tool.
    const read = (scope: string) =>
      new ModernPeer({ authorization: `Bearer ${token({ scope })}` }).ask(server.url, 'tasks/get', {
        taskId: recorded.taskId,
      });
    assert.is((await read('bench:write bench:read')).code, 403);
    const task = await read('bench:write bench:read pii:read');
    assert.is(task.status, 'completed', JSON.stringify(task));
    assert.match(JSON.stringify(task.result), /done at last/);
    await server.close();
  });

  const registries: [string, () => Promise<Store>][] = [
    ['in a file', () => openFileStore(copyOf('registry'), () => {})],
    ['in PostgreSQL', async () => createPostgresStore(database.url, () => {})],
  ];
  for (const [where, store] of registries)
    test(`a registry ${where} keeps its server, its switches and its history`, async () => {
      const registry = await RunningRegistry.open({ store: await store(), reach: { loopback: false } });
      // Nothing is asked at the recorded address, where some other program may listen now.
      const { body } = await registry.ask('GET', '/api/servers/tools-one');
      assert.is(body.url, 'http://localhost:43117/mcp');
      const switches = await fetch(
        `${registry.origin}/api/switches?url=${encodeURIComponent('http://localhost:43117/mcp')}`,
      );
      assert.equal(await switches.json(), { server: 'tools-one', enabled: true, tools: { write: 'off' } });
      const history = await registry.ask('GET', '/api/servers/tools-one/history');
      assert.match(JSON.stringify(history.body), /switched|off/);
      await registry.close();
    });
}

test('audit folders of the previous version verify, are read, and continue', async () => {
  const dir = copyOf('audit');
  const before = linesOf(join(dir, 'acme', '2026-11-28.r1.jsonl'));
  const log = await openAudit({
    dir,
    replica: 'r1',
    clock: now,
    onError: (error) => assert.unreachable(String(error)),
  });
  await log.append({
    ...{
      kind: 'outcome',
      tenant: 'acme',
      issuer,
      requestId: 'later',
      server: 'bench',
      method: 'tools/call',
      tool: 'read',
    },
    ...{ principal: { issuer, user: 'ada', clientId: 'bench' }, outcome: 'ok', status: 200 },
    decision: { allow: true, reason: 'ok', policy: '1' },
  });
  await log.close();
  const { findings, breaches, records } = await verified(dir);
  assert.is(breaches, 0, JSON.stringify(findings));
  assert.ok(records > before.length, `${records}`);
  assert.equal(linesOf(join(dir, 'acme', '2026-11-28.r1.jsonl')).slice(0, before.length), before);
});

test('tools that a followed registry had switched off stay off', async () => {
  const off: string[][] = [];
  const follower = await follow({
    registry: 'http://localhost:9',
    url: 'http://localhost:43117/mcp',
    file: copyOf('switches-readonly.json'),
    apply: (switches) => void off.push([...switches.off]),
    onError: () => {},
    clock: now,
  });
  follower.close();
  assert.equal(off, [['write']]);
});

test.run();
