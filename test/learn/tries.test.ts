/** What readers may try: anything else is refused with the name of the field, and the expected and the received value. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Live } from '../../src/lesson/learn/perform.js';
import { Busy, createTries, Unusable } from '../../src/lesson/learn/tries.js';
import { course, PING } from './lesson.js';

const test = suite('learn/tries');
const EXERCISE = '01-one-request/exercise.wire';

/** Whether the servers were asked for. */
let started = 0;
const nothing = async (): Promise<Live> => {
  started += 1;
  throw new Error('the servers do not start');
};
const tries = createTries(() => course, nothing);
test.before.each(() => {
  started = 0;
});

async function refused(work: Promise<unknown>, expected: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, Unusable);
  assert.match((error as Error).message, expected);
  assert.is(started, 0, 'nothing was started for it');
}

const FILE = /^file: expected the path of a transcript, received /;
for (const file of [
  undefined,
  7,
  '',
  'no-such-chapter/no.wire',
  '01-one-request/no-such.wire',
  '../package.json',
  '01-one-request/../../package.json',
  '01-one-request/README.md',
  '/etc/passwd',
  `./${PING}`,
  '__proto__',
]) {
  test(`a file such as ${JSON.stringify(file)} is not read`, async () => {
    await refused(tries.send({ file, turn: 0 }), FILE);
    await refused(tries.check({ file, values: [] }), FILE);
  });
}

for (const turn of [undefined, -1, 1, 0.5, '0', null])
  test(`the ping has no turn ${JSON.stringify(turn)}`, async () => {
    const expected = `turn: expected the number of a request of ${PING}, received ${turn === undefined ? 'nothing' : JSON.stringify(turn)}`;
    await refused(tries.send({ file: PING, turn }), new RegExp(`^${expected.replaceAll('.', '\\.')}$`));
  });

test('messages on an open stream cannot be sent', async () => {
  await refused(
    tries.send({ file: '06-streams/tells-a-session-of-a-change.wire', turn: 99 }),
    /^turn: .* received 99$/,
  );
});

for (const asked of [undefined, null, 'text', 7, [], [PING]])
  test(`${JSON.stringify(asked)} is no object`, async () => {
    await refused(tries.send(asked), /^expected a JSON object, received /);
    await refused(tries.check(asked), /^expected a JSON object, received /);
  });

test('a text has a bound, and a mistake must be one that fits', async () => {
  const expected = /^text: expected a text of at most 65536 characters, received /;
  await refused(tries.send({ file: PING, turn: 0, text: 7 }), expected);
  await refused(tries.send({ file: PING, turn: 0, text: 'x'.repeat(65_537) }), expected);
  const text = '{{repeat x 4000000}}'.repeat(3);
  const repeats = /^text: expected at most 2 times {{repeat …}}, received 3/;
  await refused(tries.send({ file: PING, turn: 0, text }), repeats);
  const mistake = /^whatIf: expected a mistake that fits this request, received /;
  await refused(tries.send({ file: PING, turn: 0, whatIf: 'no-method' }), mistake);
  await refused(tries.send({ file: PING, turn: 0, whatIf: 7 }), mistake);
});

test('a text that the format cannot read is refused with its line, counted as the reader sees it', async () => {
  await refused(tries.send({ file: PING, turn: 0, text: '@x on nowhere' }), /^text, line 1: /);
});

test('values are a bounded list of bounded texts', async () => {
  const expected =
    /^values: expected at most 50 texts of at most 4096 characters, each with at most one {{name}} and no {{any}}, received /;
  for (const values of [
    undefined,
    'one',
    [1],
    ['x'.repeat(4_097)],
    Array(51).fill(''),
    ['{{any}}'],
    ['{{a}}{{b}}'],
  ])
    await refused(tries.check({ file: EXERCISE, values }), expected);
});

test('eight wait for each other, and the ninth may come back later', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let running = 0;
  let most = 0;
  const slow = createTries(
    () => course,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await gate;
      running -= 1;
      throw new Error('no servers');
    },
  );
  const all = Array.from({ length: 8 }, () => slow.send({ file: PING, turn: 0 }));
  const ninth = await slow.send({ file: PING, turn: 0 }).catch((reason: unknown) => reason);
  assert.instance(ninth, Busy);
  assert.match((ninth as Error).message, /try again in a moment/);
  open();
  const outcomes = await Promise.allSettled(all);
  assert.equal(
    outcomes.map(({ status }) => status),
    Array(8).fill('rejected'),
  );
  assert.is(most, 1, 'one after the other');
  const later = await slow.send({ file: PING, turn: 0 }).catch((reason: unknown) => reason);
  assert.match(String(later), 'no servers', 'and then there is room again');
});

test.run();
