import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseUnreachable, SqlFailed } from '../../src/demo/database/database.js';
import { readOnly, type Session } from '../../src/demo/database/read-only.js';
import { TypeNames } from '../../src/demo/database/values.js';
import { failure } from './engine.js';

const test = suite('store/read-only');

/** A session in which the named scripts fail, and that stays in a transaction once one began. */
class Failing implements Session {
  abandoned = false;
  inTransaction = false;

  constructor(
    readonly failing: readonly string[],
    readonly query: Session['query'] = async () => [],
  ) {}

  async script(sql: string): Promise<void> {
    if (this.failing.includes(sql)) throw new SqlFailed(`${sql} failed`, '53400', undefined);
    this.inTransaction = sql !== 'ROLLBACK';
  }

  abandon(): void {
    this.abandoned = true;
  }
}

const run = (session: Session) =>
  readOnly(session, { sql: 'select 1', params: [] }, { begin: 'BEGIN', maxRows: 1, types: new TypeNames() });

test('keeps a session that began and rolled back', async () => {
  const session = new Failing([]);
  assert.equal(await run(session), { columns: [], rows: [], truncated: false });
  assert.is(session.abandoned, false);
});

test('abandons a session that cannot roll back, and gives the statement its own outcome', async () => {
  const session = new Failing(['ROLLBACK']);
  assert.equal((await run(session)).rows, []);
  assert.is(session.abandoned, true);
  const own = new SqlFailed('too much', '53400', undefined);
  const failing = new Failing(['ROLLBACK'], () => Promise.reject(own));
  assert.is(await failure(run(failing)), own);
  assert.is(failing.abandoned, true);
});

test('abandons a session that cannot begin, and does not blame the statement', async () => {
  const session = new Failing(['BEGIN']);
  assert.instance(await failure(run(session)), DatabaseUnreachable);
  assert.is(session.abandoned, true);
});

test.run();
