/**
 * The data of a previous version, which identified servers by their origins, survives an upgrade. The test writes it as that
 * version did, to a file and to a real PostgreSQL server.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change, Entry, Switch } from '../../src/services/registry/entry.js';
import { newEntry } from '../../src/services/registry/step.js';
import { createPostgresStore } from '../../src/services/registry/store/postgres-store.js';
import { bothStores, type StoreKind } from './both-stores.js';
import { AT, BY, definition, listed, MANIFEST, manifestOf, Published } from './made.js';
import { RunningRegistry } from './running.js';

const test = suite('registry/upgrade');

const stores = await bothStores('registry/upgrade');
test.after(async () => {
  for (const { remove } of stores) await remove();
});

const OFF: Switch = { enabled: false, by: BY, reason: 'It must stop', at: AT };

type Kept = { entry: Entry; changes: Change[] };

function kept(seq: number, origin: string, rest: Partial<Entry>): Kept {
  const address = `${origin}${MANIFEST}`;
  const entry: Entry = { ...newEntry(address, BY, AT), ...rest, seq: seq + 1 };
  const about = { at: AT, by: BY, address, name: entry.name };
  const changes: Change[] = [
    { seq, ...about, kind: 'added' },
    { seq: seq + 1, ...about, kind: 'switched', enabled: false, reason: OFF.reason },
  ];
  return { entry, changes };
}

async function writeAll({ what, at }: StoreKind, all: readonly Kept[]): Promise<void> {
  if (what === 'a file') {
    const lines = all.map(({ entry, changes }) => JSON.stringify({ address: entry.address, changes, entry }));
    return writeFile(join(at, 'registry.jsonl'), `${lines.join('\n')}\n`);
  }
  // The tables are those of the previous version.
  const tables = createPostgresStore(at, () => undefined);
  await tables.ready();
  await tables.close();
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  for (const { entry, changes } of all) {
    await client.query('INSERT INTO barewire.registry_entries VALUES ($1, $2, $3)', [
      entry.address,
      entry.name,
      JSON.stringify(entry),
    ]);
    for (const change of changes)
      await client.query(
        "INSERT INTO barewire.registry_changes VALUES (nextval('barewire.registry_seq'), $1, $2)",
        [change.address, JSON.stringify(change)],
      );
  }
  await client.end();
}

for (const kind of stores) {
  test(`${kind.what}: an upgrade keeps the servers, switches, held tools and history of a registry that knew origins`, async () => {
    const [plain, victim, stranger, pending] = await Promise.all(
      Array.from({ length: 4 }, () => Published.open()),
    );
    assert.ok(plain && victim && stranger && pending);
    plain.mcp(listed(plain.manifest(['a.read', 'a.find'], { name: 'plain' })));
    victim.mcp(listed(victim.manifest(['jira.create'], { name: 'victim' })));
    for (const path of [MANIFEST, `${MANIFEST}/mcp`])
      stranger.paths.set(path, (_request, response) => {
        response.writeHead(302, { location: victim.address }).end();
      });
    const accepted = manifestOf([definition('a.read', { title: 'Another' })]).tools[0];
    assert.ok(accepted);
    await writeAll(kind, [
      kept(1, plain.origin, {
        name: 'plain',
        manifest: plain.manifest(['a.read', 'a.find'], { name: 'plain' }),
        held: { 'a.read': accepted },
        toolSwitches: { 'a.find': OFF },
      }),
      // The stranger came first, and has the victim's manifest and name.
      kept(3, stranger.origin, {
        name: 'victim',
        manifest: manifestOf(['jira.create'], { name: 'victim', url: `${victim.origin}/mcp` }),
        toolSwitches: { 'jira.create': OFF },
      }),
      kept(5, victim.origin, {
        manifest: manifestOf(['jira.create'], { name: 'victim', url: `${victim.origin}/mcp` }),
      }),
      kept(7, pending.origin, { switch: OFF }),
    ]);

    const registry = await RunningRegistry.open({ store: await kind.open() });
    const get = async (path: string) => (await registry.ask('GET', path, undefined, registry.token())).body;
    const at = (name: string): string => `/api/servers/${encodeURIComponent(name)}`;
    const switches = (url: string) => get(`/api/switches?url=${encodeURIComponent(url)}`);
    try {
      // By its endpoint, with what was switched off and held back; adding it again finds it.
      assert.equal(await switches(`${plain.origin}/mcp`), {
        server: 'plain',
        enabled: true,
        tools: { 'a.find': 'off', 'a.read': 'quarantined' },
      });
      const again = await registry.ask('POST', '/api/servers', { url: `${plain.origin}/mcp` });
      assert.equal([again.status, again.body.name], [200, 'plain']);
      const checked = await registry.ask('POST', `${at('plain')}/validate`);
      const [held] = checked.body.tools as { state: string; accepted: { digest: string } }[];
      assert.equal([held?.state, held?.accepted.digest], ['quarantined', accepted.digest]);
      const history = (await get(`${at('plain')}/history`)).changes as Change[];
      assert.equal(
        history.slice(-2).map(({ kind, by, at }) => [kind, by, at]),
        [
          ['switched', BY, AT],
          ['added', BY, AT],
        ],
      );

      // The stranger's entry is there with its switch and history, and no longer speaks for anybody else.
      const led = await get(at(stranger.address));
      assert.equal([led.name, led.state, led.url], [stranger.address, 'pending', undefined]);
      assert.equal((await get(`${at(stranger.address)}/switches`)).tools, { 'jira.create': 'quarantined' });
      const kinds = ((await get(`${at(stranger.address)}/history`)).changes as Change[]).map(
        (one) => one.kind,
      );
      assert.ok(kinds.includes('manifest-set-aside') && kinds.includes('added'), kinds.join());
      assert.is((await registry.ask('POST', `${at(victim.address)}/validate`)).body.name, 'victim');
      const off = await registry.ask('PUT', `${at('victim')}/switch`, { enabled: false, reason: 'x' });
      assert.is(off.status, 200);
      assert.is((await switches(`${victim.origin}/mcp`)).enabled, false);

      // What was switched off before anybody knew its endpoint is off for every endpoint that it may be.
      assert.is((await switches(`${pending.origin}/mcp`)).enabled, false);
      await registry.ask('POST', '/api/servers', { url: `${pending.origin}/mcp` });
      assert.is((await switches(`${pending.origin}/mcp`)).enabled, false);
    } finally {
      await registry.close();
      // The upgrade was saved, so the next start finds it.
      const reopened = await RunningRegistry.open({ store: await kind.open() });
      const { body } = await reopened.ask('GET', at(stranger.address));
      assert.is(body.name, stranger.address);
      assert.is(
        (await reopened.ask('GET', `/api/switches?url=${encodeURIComponent(`${plain.origin}/mcp`)}`)).status,
        200,
      );
      await reopened.close();
      for (const server of [plain, victim, stranger, pending]) await server.close();
    }
  });

  test(`${kind.what}: an entry that waits with another server's manifest is not accepted as that server`, async () => {
    const [victim, stranger] = await Promise.all([Published.open(), Published.open()]);
    const theirs = manifestOf(['jira.create'], { name: 'taken', url: `${victim.origin}/mcp` });
    const own = { name: 'stranger', url: `${stranger.origin}/mcp`, owner: theirs.owner, issuers: [] };
    await writeAll(kind, [kept(1, stranger.origin, { name: 'turned', manifest: theirs, heldIdentity: own })]);
    // As if it still pointed there, and nothing had changed.
    for (const path of [MANIFEST, `${MANIFEST}/mcp`])
      stranger.paths.set(path, (_request, response) => void response.writeHead(304).end());
    const registry = await RunningRegistry.open({ store: await kind.open() });
    const at = `/api/servers/${encodeURIComponent(stranger.address)}`;
    try {
      const checked = await registry.ask('POST', `${at}/validate`);
      const { state, allFindings } = checked.body as { state: string; allFindings: { code: string }[] };
      assert.equal([state, allFindings[0]?.code], ['quarantined', 'manifest-unreachable']);
      assert.equal(victim.asked, []);
      const accepted = await registry.ask('POST', `${at}/accept`, { digest: theirs.digest, reason: 'x' });
      assert.is(accepted.status, 409);
      assert.match(String(accepted.body.detail), /another origin/);
      assert.is((await registry.ask('GET', '/api/servers/taken')).status, 404);
    } finally {
      await registry.close();
      for (const server of [victim, stranger]) await server.close();
    }
  });
}

test.run();
