import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeAll, dial, held, legacy, modernCall, pause, requestText, stand } from '../http/wire.js';

const test = suite('endpoint/close');
test.after(closeAll);

async function took(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

test('a call in flight is answered before the server is closed', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 5_000 } });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  const signal = await started;
  const closed = took(close());
  await pause(50);
  assert.not.ok(signal.aborted);
  letGo();
  assert.match(await wire.toEnd(), 'let go');
  assert.ok((await closed) < 4_000);
});
test('a call that takes longer than the drain is stopped and told so', async () => {
  for (const [sent, status] of [
    [{ body: legacy('tools/call', { name: 'held' }) }, 200],
    [modernCall('held'), 503],
  ] as const) {
    const { tool, started } = held();
    const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 100 } });
    const wire = dial(port).send(requestText(sent));
    const signal = await started;
    const ms = await took(close());
    assert.ok(ms >= 95 && ms < 10_000, `${ms} ms`);
    assert.equal([signal.aborted, (signal.reason as Error).message], [true, 'the server is stopping']);
    assert.match(
      await wire.toEnd(),
      new RegExp(`^HTTP/1.1 ${status} .*"code":503,"message":"Stopping: the server is stopping"`, 's'),
    );
  }
});
test('nothing new is taken once closing began', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 5_000 } });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  await started;
  const closed = close();
  await pause(20);
  const late = dial(port);
  const refused = await new Promise((resolve) => late.socket.once('error', resolve).once('connect', resolve));
  assert.is((refused as NodeJS.ErrnoException | undefined)?.code, 'ECONNREFUSED');
  letGo();
  await wire.toEnd();
  await closed;
});
test('idle connections do not hold the server', async () => {
  const { port, close } = await stand({ bounds: { drainMs: 5_000 } });
  const kept = dial(port).send(requestText({ body: legacy('ping') }));
  await kept.until((text) => text.endsWith('}'));
  await pause(20);
  assert.ok((await took(close())) < 4_000);
  await kept.toEnd();
});
test('a client that never ends its request is cut off', async () => {
  const { port, close } = await stand({ bounds: { drainMs: 100 } });
  const slow = dial(port).send(`${requestText({ headers: { 'content-length': '50' } })}{`);
  await pause(30);
  const ms = await took(close());
  assert.ok(ms < 10_000, `${ms} ms`);
  await slow.toEnd();
});
test('a request that follows a stopped one on its connection does not hold the server', async () => {
  const first = held('first');
  const second = held('second');
  const { port, close } = await stand({
    tools: [first.tool, second.tool],
    bounds: { drainMs: 100, toolDeadlineMs: 4_000 },
  });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'first' }) }));
  await first.started;
  const closed = took(close());
  await pause(150);
  wire.send(requestText({ body: legacy('tools/call', { name: 'second' }) }));
  const ms = await closed;
  assert.ok(ms < 3_500, `${ms} ms`);
  wire.socket.destroy();
});
test('closing twice, or before listening, is no trouble', async () => {
  const { close } = await stand();
  await Promise.all([close(), close()]);
  await close();
  const { createEndpoint } = await import('../../src/index.js');
  await createEndpoint({ name: 'b', version: '1', tools: [] }).close();
});

test.run();
