/** Places for calls that wait for a person: who may take how many. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WaitingRoom } from '../../src/governance/approval/waiting/approving.js';
import { Fault } from '../../src/wire/fault.js';
import { principalOf } from './ask.js';

const test = suite('mcp/waiting-room');

const refusedBy = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error.name;
  }
  return 'let in';
};

test('a user has one share of the waiting calls, however many clients they register', () => {
  const room = new WaitingRoom();
  const by = (client: number) => principalOf({ user: 'ada', clientId: `client-${client}` });
  const places = Array.from({ length: 100 }, (_, client) => room.enter(by(client)));
  assert.is(
    refusedBy(() => room.enter(by(100))),
    'quotaSpent',
  );
  room.enter(principalOf({ user: 'eve' }));
  for (const leave of places) leave();
  room.enter(by(100));
});

test('one tenant takes half of all places at most, and another still finds one', () => {
  const room = new WaitingRoom();
  const of = (user: number, tenant = 'acme') => principalOf({ user: `user-${user}`, tenant });
  for (let n = 0; n < 5_000; n += 1) room.enter(of(n % 50));
  assert.is(
    refusedBy(() => room.enter(of(50))),
    'quotaSpent',
  );
  const other = room.enter(of(0, 'other'));
  other();
  other();
  for (let n = 0; n < 5_000; n += 1) room.enter(of(n % 50, 'other'));
  assert.is(
    refusedBy(() => room.enter(of(0, 'third'))),
    'busy',
  );
});

test.run();
