import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  closeAll,
  dial,
  held,
  legacy,
  modernCall,
  pause,
  raw,
  requestText,
  stand,
  statusOf,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('endpoint/robust');
test.after(closeAll);

const ONCE = { connection: 'close', 'mcp-protocol-version': '2025-11-25' };

test('a connection that never sent a request does not hold up the closing', async () => {
  const { port, close } = await stand({ bounds: { drainMs: 5_000 } });
  const wire = dial(port);
  await pause(50);
  await close();
  assert.match(await wire.toEnd(), /^$/);
});
test('a client that leaves cancels all the modern calls in its pipeline', async () => {
  const [first, second] = [held('first'), held('second')];
  const { port } = await stand({ tools: [first.tool, second.tool] });
  const wire = dial(port).send(requestText(modernCall('first')) + requestText(modernCall('second')));
  const signals = await Promise.all([first.started, second.started]);
  wire.socket.destroy();
  await pause(100);
  assert.equal(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});
test('a result that is no JSON is told as a failure of that request', async () => {
  const bad = toolOf('bad', { handler: () => ({ content: [], structuredContent: { n: 1n } }) });
  const { port, errors } = await stand({ tools: [bad] });
  const answer = await raw(
    port,
    requestText({ body: legacy('tools/call', { name: 'bad' }, 7), headers: ONCE }),
  );
  assert.is(statusOf(answer), 200);
  assert.match(answer, /"id":7,"result":\{"content":\[[^\]]*bad failed[^\]]*\],"isError":true/);
  assert.match(errors.map(String).join(), 'bad returned a bigint at /structuredContent/n');
});
test('an onError that throws does not cost the answer', async () => {
  const crash = toolOf('crash', {
    handler: () => {
      throw new Error('inside');
    },
  });
  const said = console.error;
  const heard: unknown[] = [];
  console.error = (...words) => heard.push(words);
  try {
    const broken = (): never => {
      throw new Error('the log is full');
    };
    const { port } = await stand({ tools: [crash], onError: broken });
    const answer = await raw(
      port,
      requestText({ body: legacy('tools/call', { name: 'crash' }, 8), headers: ONCE }),
    );
    assert.match(answer, /"id":8,"result":\{.*"isError":true/);
  } finally {
    console.error = said;
  }
  assert.is(heard.length, 1);
});
test('an expectation other than 100-continue is refused in words', async () => {
  const { port } = await stand();
  const text = requestText({ body: legacy('ping'), headers: { expect: 'tea', connection: 'close' } });
  const answer = await raw(port, text);
  assert.is(statusOf(answer), 417);
  assert.match(answer, 'only 100-continue is met');
});

test.run();
