/** With --step the output is the same, but each line of an exchange waits for the reader. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { plain } from '../../src/walkthrough/columns.js';
import { walk } from '../../src/walkthrough/walk.js';

const test = suite('walkthrough/step');
const theatre = createTheatre();
test.after(() => theatre.close());

test('an exchange waits before it is sent, and at each of its lines', async () => {
  const happened: string[] = [];
  const task = { kind: 'walk', chapter: '1', only: 'answers-a-ping', step: true, curl: false } as const;
  const done = await walk(task, theatre, {
    print: (line) => happened.push(`print ${line}`),
    look: { width: 100, paint: plain },
    takeServerOutput: () => [],
    pause: async () => void happened.push('pause'),
    slowly: async (line) => void happened.push(`slowly ${line}`),
  });
  assert.ok(done);
  const slow = happened.filter((one) => one.startsWith('slowly ') && one.trim() !== 'slowly');
  assert.ok(slow.includes('slowly > {"jsonrpc":"2.0","id":1,"method":"ping"}'), happened.join('\n'));
  assert.ok(slow.includes('slowly < HTTP/1.1 200 OK'));
  assert.ok(happened.indexOf('pause') < happened.indexOf(slow[0] ?? ''));
  assert.equal(
    happened.filter((one) => /^print [<>]/.test(one)),
    [],
  );
});

test.run();
