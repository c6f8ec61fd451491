import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseFailed, DatabaseUnreachable, SqlFailed } from '../../src/demo/database/database.js';
import { causeOf, toDatabaseError } from '../../src/demo/database/sql-states.js';

const test = suite('store/sql-states');

test('tells what a statement can cause from a database that is away, and from one in trouble', () => {
  const states = {
    caller: '08P01 0A000 21000 22012 22P02 23505 25006 34000 3F000 40001 40P01 42501 42601 42P01 53200 53400',
    away: '08000 08006 25P02 25P03 28000 28P01 3D000 53300 57P01 57P02 57P03 57P05',
    server: '53100 58000 58030 58P01 F0000 XX001 XX002',
  };
  for (const [cause, list] of Object.entries(states))
    for (const state of list.split(' ')) assert.is(causeOf(state), cause, state);
  for (const state of ['54001', '54011', '55P03', '57014', 'P0001', 'XX000', 'ZZ999', undefined])
    assert.is(causeOf(state), 'caller', state);
});

test('keeps the message of PostgreSQL from the caller unless the statement caused it', () => {
  const message = 'could not read file "/secret/base/5/1259"';
  const failed = toDatabaseError({ message, code: '58030' });
  assert.instance(failed, DatabaseFailed);
  assert.not.match(failed.message, 'secret');
  assert.match(String(failed.cause), 'secret');
  const away = toDatabaseError({ message, code: '57P01' });
  assert.instance(away, DatabaseUnreachable);
  assert.not.match(away.message, 'secret');
  const own = toDatabaseError({ message: 'division by zero', code: '22012', position: '8' });
  assert.ok(own instanceof SqlFailed);
  assert.equal([own.message, own.sqlState, own.position], ['division by zero', '22012', 8]);
});

test.run();
