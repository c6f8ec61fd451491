import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  closeAll,
  dial,
  hasRead,
  held,
  legacy,
  modernCall,
  raw,
  refuses,
  requestText,
  stand,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { until, within } from '../support/until.js';

const test = suite('endpoint/close');
test.after(closeAll);

test('a call in flight is answered before the server is closed', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 3_600_000 } });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  const signal = await started;
  const closed = close();
  await refuses(port);
  assert.not.ok(signal.aborted);
  letGo();
  assert.match(await wire.toEnd(), 'let go');
  await within(closed, 'the close');
});
test('a call that takes longer than the drain is stopped, and its signal says so', () =>
  inHeldTime(async (time) => {
    for (const [sent, status] of [
      [{ body: legacy('tools/call', { name: 'held' }) }, 200],
      [modernCall('held'), 503],
    ] as const) {
      const { tool, started } = held();
      const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 100 } });
      const wire = dial(port).send(requestText(sent));
      const signal = await started;
      const closed = close();
      await refuses(port);
      await time.pass(99);
      assert.not.ok(signal.aborted);
      await time.pass(1);
      assert.equal([signal.aborted, (signal.reason as Error).message], [true, 'the server is stopping']);
      assert.match(
        await wire.toEnd(),
        new RegExp(`^HTTP/1.1 ${status} .*"code":503,"message":"Stopping: the server is stopping"`, 's'),
      );
      await within(closed, 'the close');
    }
  }));
test('no new request is accepted once closing has begun', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 3_600_000 } });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  await started;
  const closed = close();
  await refuses(port);
  letGo();
  assert.match(await wire.toEnd(), 'let go');
  await within(closed, 'the close');
});
test('idle connections do not hold the server', async () => {
  const { port, close } = await stand({ bounds: { drainMs: 3_600_000 } });
  const kept = dial(port).send(requestText({ body: legacy('ping') }));
  await kept.until((text) => text.endsWith('}'));
  await within(close(), 'the close');
  assert.match(await kept.toEnd(), '"result"');
});
test('a client that never ends its request is cut off', () =>
  inHeldTime(async (time) => {
    const { port, close } = await stand({ bounds: { drainMs: 100 } });
    const slow = dial(port).send(`${requestText({ headers: { 'content-length': '50' } })}{`);
    await hasRead(port);
    const closed = close();
    await refuses(port);
    // A second longer than the time for answers.
    await time.pass(1_099);
    assert.not.ok(slow.ended);
    await time.pass(1);
    assert.is(await slow.toEnd(), '');
    await within(closed, 'the close');
  }));
test('a request that follows a stopped one on its connection does not hold the server', () =>
  inHeldTime(async (time) => {
    const first = held('first');
    const second = held('second');
    const { port, close } = await stand({
      tools: [first.tool, second.tool],
      bounds: { drainMs: 100, toolDeadlineMs: 4_000 },
    });
    const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'first' }) }));
    await first.started;
    const closed = close();
    await refuses(port);
    await time.pass(100);
    wire.send(requestText({ body: legacy('tools/call', { name: 'second' }) }));
    assert.match(await wire.toEnd(), 'the server is stopping');
    await within(closed, 'the close');
  }));
test('closing twice, or before listening, does no harm', async () => {
  const { close } = await stand();
  await Promise.all([close(), close()]);
  await close();
  const { createEndpoint } = await import('../../src/index.js');
  await createEndpoint({ name: 'b', version: '1', tools: [] }).close();
});
test('a connection that never sent a request does not hold up the closing', async () => {
  const { port, close } = await stand({ bounds: { drainMs: 3_600_000 } });
  const wire = dial(port);
  await hasRead(port);
  await within(close(), 'the close');
  assert.match(await wire.toEnd(), /^$/);
});
test('a call that was sent with Expect: 100-continue may finish while the server stops', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 3_600_000 } });
  const headers = { expect: '100-continue', connection: 'close' };
  const answer = raw(port, requestText({ body: legacy('tools/call', { name: 'held' }), headers }));
  await started;
  const closed = close();
  await refuses(port);
  letGo();
  assert.match(await answer, 'let go');
  await closed;
});
test('closing tells the work of tasks to stop, and waits for it', async () => {
  let stopped = '';
  let stop = (): void => {};
  const stopping = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const tool = toolOf('bake', {
    handler: (_args, { task }) =>
      task(
        ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              stopped = String(signal.reason);
              void stopping.then(() => reject(signal.reason));
            });
          }),
      ),
  });
  const { url, close } = await stand({ tools: [tool], tasks: true, bounds: { drainMs: 3_600_000 } });
  const extensions = { 'io.modelcontextprotocol/tasks': {} };
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { extensions } };
  const { headers, body } = modernCall('bake', meta);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  assert.match(await answer.text(), '"resultType":"task"');
  let isClosed = false;
  const closed = close().then(() => {
    isClosed = true;
  });
  await until(() => stopped !== '', 'the work is told to stop');
  assert.match(stopped, 'the server stopped');
  assert.is(isClosed, false);
  stop();
  await within(closed, 'the close');
});

test.run();
