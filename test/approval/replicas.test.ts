/** One approval, two replicas, a real PostgreSQL between them. */
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { BOB, bench, CALL, NOON, YES } from './bench.js';
import { forgedRowTests } from './forged-rows.js';
import { fourEyesTests } from './four-eyes.js';
import { limitTests } from './limits.js';
import { recordedStepTests } from './recorded-steps.js';
import { groupOf, sqlWriter } from './rows.js';
import { waiterTests } from './waiters.js';

const test = suite('approval/replicas');

const server = await startPostgres();
if (server === undefined) reportSkip('approval/replicas', 'PostgreSQL is not installed here');
else {
  const states = [1, 2].map(() =>
    createPostgresState({ url: server.url, clock: () => new Date(NOON), onError: () => {}, connections: 8 }),
  );
  test.after(async () => {
    await Promise.all([...states.map((state) => state.close()), pool.end()]);
    await server.stop();
  });
  const replicas = states.map((state, at) => {
    let ids = 0;
    return bench({ state, newId: () => `replica-${at}-${++ids}` });
  });
  const [one, two] = replicas;
  if (one === undefined || two === undefined) throw new Error('there are two replicas');

  let opened = 0;
  const open = (): SharedState => {
    const state = states[opened % states.length];
    opened += 1;
    if (state === undefined) throw new Error('there are two replicas');
    return state;
  };
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  const writer = sqlWriter(async (sql, params) => (await pool.query(sql, params)).rows);
  recordedStepTests(test, open);
  forgedRowTests(test, () => ({ state: open(), writer }));
  fourEyesTests(test, open);
  limitTests(test, open);
  waiterTests(test, open);

  test('a row that is not JSON hides no request of its tenant', async () => {
    const made = await one.ask({ ...CALL, args: { beside: 'a broken row' } });
    if (made.kind === 'too-many') throw new Error('there are too many');
    const { approval } = made;
    await writer.write('approval', 'broken', {
      value: '{"no JSON',
      expiresAt: approval.expiresAt,
      group: groupOf(approval),
    });
    assert.equal(
      (await two.pending(approval)).map(({ id }) => id),
      [approval.id],
    );
  });
  test('fifty calls at the same time create one request', async () => {
    const asked = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : two).ask(CALL)),
    );
    assert.is(asked.filter(({ kind }) => kind === 'asked').length, 1);
    const ids = new Set(asked.map((one) => (one.kind === 'too-many' ? '' : one.approval.id)));
    assert.is(ids.size, 1);
  });
  test('fifty uses at the same time, over both replicas, use the approval once; the other replica is notified of the decision', async () => {
    const asked = await one.ask(CALL);
    if (asked.kind === 'too-many') throw new Error('there are too many');
    const { approval } = asked;
    const heard = two.waitForDecision(approval.id, AbortSignal.timeout(10_000));
    await one.decide(approval.id, BOB, YES);
    assert.is((await heard)?.state, 'approved');
    const used = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : two).consume(approval)),
    );
    assert.is(used.filter(Boolean).length, 1);
    const steps = [...one.steps, ...two.steps];
    assert.is(steps.filter((step) => step.startsWith('consumed')).length, 1);
    assert.is(steps.filter((step) => step.startsWith('replay-refused')).length, 49);
  });
}

test.run();
