/** A server that stops behind a proxy: requests on connections that the proxy still has open are answered. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint } from '../../src/index.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { turn, within } from '../support/until.js';
import { dial, hasRead, headerOf, held, legacy, refuses, requestText, type Wire } from './wire.js';

const test = suite('http/linger');
const ping = requestText({ body: legacy('ping') });

async function opened(tools = [toolOf('t')], drainMs = 5_000) {
  const endpoint = createEndpoint({ name: 'l', version: '1', tools, bounds: { drainMs } });
  return { endpoint, port: Number(new URL(await endpoint.listen(0)).port) };
}
async function pinged(port: number): Promise<Wire> {
  const wire = dial(port).send(ping);
  await wire.until((text) => text.endsWith('}'));
  return wire;
}
/** Long enough to end only because there is nothing left to wait for. */
const LINGER_MS = 3_600_000;

test('a request on a connection that was used recently is answered after the stop, as its last', async () => {
  const { endpoint, port } = await opened();
  const wires = await Promise.all(Array.from({ length: 5 }, () => pinged(port)));
  const closed = endpoint.close(LINGER_MS);
  await refuses(port);
  for (const wire of wires) {
    assert.not.ok(wire.ended);
    wire.text = '';
    wire.send(ping);
    const text = await wire.toEnd();
    assert.match(text, /^HTTP\/1.1 200 .*"result":/s);
    assert.is(headerOf(text, 'connection')?.toLowerCase(), 'close');
  }
  await within(closed, 'nothing is left to wait for');
});
test('a new connection is refused meanwhile, so that a proxy asks another replica', async () => {
  const { endpoint, port } = await opened();
  const wire = await pinged(port);
  const closed = endpoint.close(LINGER_MS);
  await refuses(port);
  assert.not.ok(wire.ended, 'the connection that is open stays open');
  wire.socket.destroy();
  await within(closed, 'the close');
});
test('a connection that was opened and not used yet may still be used', async () => {
  const { endpoint, port } = await opened();
  const wire = dial(port);
  await hasRead(port);
  const closed = endpoint.close(LINGER_MS);
  await refuses(port);
  assert.match(await wire.send(ping).toEnd(), /^HTTP\/1.1 200 /);
  await within(closed, 'the close');
});
test('the answer that was in flight is the last one of its connection', async () => {
  const { tool, started, letGo } = held();
  const { endpoint, port } = await opened([tool]);
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  await started;
  const closed = endpoint.close(LINGER_MS);
  letGo();
  const text = await wire.toEnd();
  assert.is(headerOf(text, 'connection')?.toLowerCase(), 'close');
  assert.match(text, 'let go');
  await within(closed, 'the close');
});
test('a call that arrives after the stop has the time that the others have, and no more', () =>
  inHeldTime(async (time) => {
    const { tool, started } = held();
    const { endpoint, port } = await opened([tool], 400);
    const wire = await pinged(port);
    const closed = endpoint.close(2_000);
    await refuses(port);
    wire.text = '';
    wire.send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
    const signal = await started;
    await time.pass(399);
    assert.not.ok(signal.aborted);
    await time.pass(1);
    assert.ok(signal.aborted);
    assert.match(await wire.toEnd(), '"code":503');
    await within(closed, 'the close');
  }));
test('a connection unused for that long does not hold the server, and without a time none does', () =>
  inHeldTime(async (time) => {
    const { endpoint, port } = await opened();
    await pinged(port);
    await time.pass(150);
    await within(endpoint.close(100), 'the close, without any time passing');
    const second = await opened();
    await pinged(second.port);
    await within(second.endpoint.close(), 'the close, without any time passing');
  }));
test('a call that takes long keeps its own connection open, and not the others', () =>
  inHeldTime(async (time) => {
    const { tool, started, letGo } = held();
    const { endpoint, port } = await opened([tool]);
    const idle = await pinged(port);
    await time.pass(150);
    const busy = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
    await started;
    const closed = endpoint.close(100);
    assert.match(await idle.toEnd(), '"result"');
    letGo();
    assert.match(await busy.toEnd(), 'let go');
    await within(closed, 'the close');
  }));
test('a client that neither uses its connection nor ends it is waited for that long', () =>
  inHeldTime(async (time) => {
    const { endpoint, port } = await opened();
    const wire = await pinged(port);
    const closed = endpoint.close(300);
    await refuses(port);
    await time.pass(280);
    await turn();
    assert.not.ok(wire.ended);
    await time.pass(40);
    await wire.toEnd();
    await within(closed, 'the close');
  }));

test.run();
