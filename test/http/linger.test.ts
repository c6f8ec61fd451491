/** A server that stops behind a proxy: what the proxy still sends over connections it has open is answered. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint } from '../../src/index.js';
import { toolOf } from '../mcp/ask.js';
import { dial, headerOf, held, legacy, pause, requestText, type Wire } from './wire.js';

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
async function took(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

test('a request over a connection that was used lately is answered after the stop, as its last', async () => {
  const { endpoint, port } = await opened();
  const wires = await Promise.all(Array.from({ length: 5 }, () => pinged(port)));
  const closed = took(endpoint.close(1_000));
  await pause(100);
  for (const wire of wires) {
    assert.not.ok(wire.ended);
    wire.text = '';
    wire.send(ping);
    const text = await wire.toEnd();
    assert.match(text, /^HTTP\/1.1 200 .*"result":/s);
    assert.is(headerOf(text, 'connection')?.toLowerCase(), 'close');
  }
  assert.ok((await closed) < 900, 'nothing is left to wait for');
});
test('a new connection is refused meanwhile, so that a proxy asks another replica', async () => {
  const { endpoint, port } = await opened();
  await pinged(port);
  const closed = endpoint.close(300);
  await pause(50);
  const late = dial(port);
  const refused = await new Promise((resolve) => late.socket.once('error', resolve).once('connect', resolve));
  assert.is((refused as NodeJS.ErrnoException | undefined)?.code, 'ECONNREFUSED');
  await closed;
});
test('a connection that was opened and not used yet may still be used', async () => {
  const { endpoint, port } = await opened();
  const wire = dial(port);
  await pause(30);
  const closed = endpoint.close(1_000);
  await pause(50);
  assert.match(await wire.send(ping).toEnd(), /^HTTP\/1.1 200 /);
  await closed;
});
test('the answer that was in flight is the last of its connection', async () => {
  const { tool, started, letGo } = held();
  const { endpoint, port } = await opened([tool]);
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  await started;
  const closed = endpoint.close(1_000);
  letGo();
  const text = await wire.toEnd();
  assert.is(headerOf(text, 'connection')?.toLowerCase(), 'close');
  assert.match(text, 'let go');
  await closed;
});
test('a call that comes after the stop has the time that the others have, and no more', async () => {
  const { tool, started } = held();
  const { endpoint, port } = await opened([tool], 400);
  const wire = await pinged(port);
  const closed = took(endpoint.close(2_000));
  await pause(50);
  wire.text = '';
  wire.send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  const signal = await started;
  await pause(100);
  assert.not.ok(signal.aborted);
  assert.match(await wire.toEnd(), '"code":503');
  assert.ok((await closed) < 1_500);
});
test('a connection unused for that long does not hold the server, and without a time none does', async () => {
  const { endpoint, port } = await opened();
  await pinged(port);
  await pause(150);
  assert.ok((await took(endpoint.close(100))) < 90);
  const second = await opened();
  await pinged(second.port);
  assert.ok((await took(second.endpoint.close())) < 90);
});
test('who neither uses its connection nor ends it is waited for so long', async () => {
  const { endpoint, port } = await opened();
  const wire = await pinged(port);
  const ms = await took(endpoint.close(300));
  assert.ok(ms > 250 && ms < 1_000, `${ms} ms`);
  await wire.toEnd();
});

test.run();
