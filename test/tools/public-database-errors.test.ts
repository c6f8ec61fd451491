import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseUnreachable, SqlFailed } from '../../src/demo/database/database.js';
import { openServer } from '../../src/demo/database/postgres.js';
import { incidentsGet } from '../../src/demo/tools/incidents-get.js';
import { postgresReadonly } from '../../src/demo/tools/postgres-readonly.js';
import { withPublicErrors } from '../../src/demo/tools/public-database-errors.js';
import { ToolError } from '../../src/wire/mcp/definitions.js';
import { failure, LIMITS, SPIN } from '../store/engine.js';
import { refusal } from './call.js';
import { openDemo } from './demo.js';

const test = suite('tools/public-database-errors');
const AWAY = 'the database cannot be reached at the moment';

test('says no more of a lost database than that it is lost, no matter who asks, and tells the log the cause', async () => {
  // Nothing listens on port 1.
  const lost = openServer({ url: 'postgres://somebody:secret@127.0.0.1:1/lost' });
  const logged: unknown[] = [];
  const db = withPublicErrors(lost, (error) => logged.push(error));
  assert.is(await refusal(postgresReadonly(db, { deadlineMs: 1, maxRows: 1 }), { sql: 'select 1' }), AWAY);
  const clock = (): Date => new Date(0);
  assert.is(await refusal(incidentsGet({ db, clock }), { id: 'INC-1001' }), AWAY);
  await lost.close();
  assert.is(logged.length, 2);
  for (const error of logged) {
    assert.ok(error instanceof DatabaseUnreachable);
    assert.match(String(error.cause), 'ECONNREFUSED');
  }
});

test('says that the database is busy or too slow, and leaves the rest as it is', async () => {
  const demo = await openDemo();
  const logged: string[] = [];
  const db = withPublicErrors(demo.db, (_, about) => logged.push(about));
  try {
    const slow = await failure(db.read(SPIN, [], { ...LIMITS, deadlineMs: 100 }));
    assert.ok(slow instanceof ToolError);
    assert.is(slow.message, 'the statement ran longer than 100 ms and was ended');
    assert.instance(await failure(db.run('select nonsense', [])), SqlFailed);
    const leaving = Array.from({ length: 33 }, () => new AbortController());
    const all = leaving.map(({ signal }) => failure(db.read(SPIN, [], { ...LIMITS, signal })));
    const busy = await failure(db.read(SPIN, [], LIMITS));
    for (const one of leaving) one.abort();
    await Promise.all(all);
    assert.ok(busy instanceof ToolError);
    assert.is(
      busy.message,
      'the database is busy: 1 statement is running and 32 waiting; try again in a moment',
    );
    assert.equal(logged, ['database.busy']);
  } finally {
    await demo.close();
  }
});

test.run();
