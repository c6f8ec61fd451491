/** Shared state on a real PostgreSQL server, by several replicas. */
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';
import { serverStateTests, stateTests } from './state.js';

const test = suite('store/postgres-state');

const clock = { now: new Date() };
const opened: SharedState[] = [];
const errors: string[] = [];
const onError = (error: unknown): void => void errors.push(String(error));
const server = await startPostgres();

if (server === undefined) reportSkip('store/postgres-state', 'PostgreSQL is not installed here');
else {
  const open = (): SharedState => {
    const state = createPostgresState({ url: server.url, clock: () => clock.now, onError });
    opened.push(state);
    return state;
  };
  test.after(async () => {
    await Promise.all(opened.map((state) => state.close()));
    await server.stop();
  });
  test('replicas that start at the same time on an empty server agree on its tables', async () => {
    const states = Array.from({ length: 5 }, open);
    await Promise.all(states.map((state) => state.ready()));
    assert.is(await states[0]?.get('any', 'key'), undefined);
  });
  stateTests(test, () => ({ clock, open }));

  const admin = async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const put = (state: SharedState, key: string) =>
    state.update('again', key, () => ({
      result: undefined,
      put: { value: {}, expiresAt: clock.now.getTime() + 60_000, tell: true },
    }));

  test('a key that is too long for a message is sent as "look for yourself"', async () => {
    const state = open();
    const keys: (string | undefined)[] = [];
    state.watch('again', (key) => void keys.push(key));
    await until(() => keys.length > 0, 'listening');
    keys.length = 0;
    await put(state, 'x'.repeat(2_600) + 'é'.repeat(2_400));
    await until(() => keys.length > 0, 'the key');
    assert.equal(keys, [undefined]);
  });
  test('the table of an earlier version gets its groups, loses no row, and its rows are in every group', async () => {
    await admin('CREATE DATABASE earlier');
    const url = server.url.replace(/postgres$/, 'earlier');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE SCHEMA barewire; CREATE TABLE barewire.state (
      space text NOT NULL, key text NOT NULL, value text NOT NULL, expires_at bigint NOT NULL,
      put_order bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (space, key))`);
    const end = clock.now.getTime() + 60_000;
    const insert = 'INSERT INTO barewire.state (space, key, value, expires_at) VALUES ($1, $2, $3, $4)';
    for (const key of ['a', 'b']) await client.query(insert, ['upgrade', key, `{"key":"${key}"}`, end]);
    const [one, two] = [1, 2].map(() => createPostgresState({ url, clock: () => clock.now, onError }));
    if (one === undefined || two === undefined) throw new Error('there are two');
    opened.push(one, two);
    await Promise.all([one.ready(), two.ready()]);
    assert.equal(await one.get('upgrade', 'a'), { key: 'a' });
    await two.update('upgrade', 'c', () => ({
      result: undefined,
      put: { value: { key: 'c' }, expiresAt: end, group: 'g' },
    }));
    const keys = async (group: string) => (await one.page('upgrade', group, 10)).values.map(({ key }) => key);
    assert.equal(
      [await keys('g'), await keys('h')],
      [
        ['c', 'b', 'a'],
        ['b', 'a'],
      ],
    );
    // A replica of the earlier version goes on writing as it did.
    await client.query(insert, ['upgrade', 'd', '{"key":"d"}', end]);
    assert.equal(await keys('h'), ['d', 'b', 'a']);
    await client.end();
  });
  test('rows whose time has passed are swept away', async () => {
    const state = open();
    await put(state, 'old');
    clock.now = new Date(clock.now.getTime() + 200_000);
    await put(state, 'new');
    const rows = async () =>
      (await admin(`SELECT key FROM barewire.state WHERE space = 'again' AND key = 'old'`)).length;
    await until(async () => (await rows()) === 0);
  });
  serverStateTests(test, {
    ...{ clock, errors, open, server },
    nowhere: () =>
      createPostgresState({ url: 'postgres://nobody@127.0.0.1:9/nothing', clock: () => clock.now, onError }),
    disconnect: () =>
      admin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'barewire' AND pid <> pg_backend_pid()`,
      ),
    send: (message) => admin(`SELECT pg_notify('barewire_state', '${message}')`),
  });
}

test.run();
