/** Answers that nobody reads, bodies that are still coming, and stalled streams: all of them count. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeAll, dial, legacy, raw, requestText, stand, statusOf, type Wire } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { turn, until } from '../support/until.js';

const test = suite('endpoint/memory');
test.after(closeAll);

const MB = 1024 * 1024;
const SECRET = 'operator';
/** More than the buffers of the system can hold. */
const ANSWER = 16 * MB;
const HEADERS = { 'mcp-protocol-version': '2025-11-25', accept: 'application/json' };
const call = (name: string, headers: { [name: string]: string } = {}) =>
  requestText({ body: legacy('tools/call', { name }), headers: { ...HEADERS, ...headers } });
const large = toolOf('large', {
  handler: () => ({ content: [{ type: 'text', text: 'x'.repeat(ANSWER) }] }),
});
const small = toolOf('small');

async function bytesInFlight(port: number): Promise<number> {
  const text = await raw(
    port,
    requestText({ method: 'GET', headers: { connection: 'close' } }, `/metrics/${SECRET}`),
  );
  return Number(/^mcp_bytes_in_flight (\d+)/m.exec(text)?.[1]);
}
const settled = (port: number, bytes: number): Promise<true> =>
  until(async () => (await bytesInFlight(port)) === bytes, `${bytes} bytes in flight`);
/** A client that asks and then reads nothing. */
function stuck(port: number, text: string): Wire {
  const wire = dial(port);
  wire.socket.pause();
  return wire.send(text);
}

test('an answer counts until its reader has read it or left, and meanwhile others are refused', async () => {
  const { port } = await stand({
    operatorSecret: SECRET,
    tools: [large, small],
    bounds: { inFlightBytes: 2 * ANSWER, inFlightBytesPerPrincipal: 1.5 * ANSWER },
  });
  const wire = stuck(port, call('large'));
  await until(async () => (await bytesInFlight(port)) >= ANSWER);
  const refused = await raw(port, call('large', { connection: 'close' }));
  assert.is(statusOf(refused), 200, 'in band, as for every legacy request that can be retried');
  assert.match(refused, /"id":1,"error":\{"code":503,"message":"Busy: the memory is full of answers that/);
  assert.match(refused, /"retryAfter":1/);
  assert.is(statusOf(await raw(port, call('small', { connection: 'close' }))), 200, 'a small one passes');
  wire.socket.destroy();
  await settled(port, 0);
  const answer = await raw(port, call('large', { connection: 'close' }));
  assert.equal([statusOf(answer), answer.length > ANSWER], [200, true]);
  await settled(port, 0);
});
test('a call that changed something says so when there is no room for its answer', async () => {
  const change = toolOf('change', { ...large, name: 'change', destructive: true });
  const { port } = await stand({
    operatorSecret: SECRET,
    tools: [change, large],
    bounds: { inFlightBytes: 2 * ANSWER, inFlightBytesPerPrincipal: 1.5 * ANSWER },
  });
  const wire = stuck(port, call('large'));
  await until(async () => (await bytesInFlight(port)) >= ANSWER);
  const refused = await raw(port, call('change', { connection: 'close' }));
  assert.match(refused, /"code":503/);
  assert.match(refused, /the call ran, but there is no room for its answer/);
  wire.socket.destroy();
  await settled(port, 0);
});
test('a body counts from its head on', async () => {
  const { port } = await stand({
    operatorSecret: SECRET,
    bounds: { inFlightBytes: 150_000, inFlightBytesPerPrincipal: 150_000 },
  });
  const head = { ...HEADERS, 'content-length': '100000' };
  const slow = dial(port).send(requestText({ headers: head, body: '{' }));
  await settled(port, 100_000);
  const refused = await raw(port, requestText({ headers: { ...head, connection: 'close' }, body: '{' }));
  assert.is(statusOf(refused), 503);
  slow.socket.destroy();
  await settled(port, 0);
});
test('a stream that nobody reads is cut when it has used up its share', async () => {
  let cut: AbortSignal | undefined;
  const flood = toolOf('flood', {
    handler: async (_args, { log, signal }) => {
      cut = signal;
      while (!signal.aborted) {
        log('emergency', 'x'.repeat(MB));
        await turn();
      }
      return {};
    },
  });
  const { port } = await stand({
    operatorSecret: SECRET,
    tools: [flood],
    logging: true,
    bounds: { inFlightBytes: 2 * MB, inFlightBytesPerPrincipal: 2 * MB },
  });
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/logLevel': 'debug',
  };
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'flood',
    accept: 'text/event-stream',
  };
  const wire = stuck(
    port,
    requestText({ headers, body: legacy('tools/call', { name: 'flood', _meta: meta }) }),
  );
  await until(() => cut?.aborted, 'a stream that is cut');
  await settled(port, 0);
  wire.socket.destroy();
});
test('no more calls run at the same time than the bounds allow', async () => {
  let letGo = (): void => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let running = 0;
  const waiting = toolOf('waiting', {
    handler: async () => {
      running += 1;
      await gone;
      return {};
    },
  });
  const { port } = await stand({
    operatorSecret: SECRET,
    tools: [waiting, small],
    bounds: { inFlightCalls: 9, inFlightCallsPerPrincipal: 2 },
  });
  const wires = [dial(port), dial(port)].map((wire) => wire.send(call('waiting')));
  await until(() => running >= 2);
  const refused = await raw(port, call('small', { connection: 'close' }));
  assert.match(refused, /"code":503,"message":"[^"]*2 of your calls are being answered/);
  letGo();
  await Promise.all(wires.map((wire) => wire.until((text) => text.includes('"result"'))));
  assert.is(statusOf(await raw(port, call('small', { connection: 'close' }))), 200);
  for (const wire of wires) wire.socket.destroy();
});
test('a process with a small heap outlives a hundred clients that ask for megabytes and read nothing', async () => {
  const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
  const script = `
    import { createEndpoint } from ${JSON.stringify(library)};
    const rows = () => Array.from({ length: 20000 }, (_, id) => ({ id, note: 'x'.repeat(80) }));
    let shared = new Promise((resolve) => setTimeout(resolve, 300));
    const handler = async () => { await shared; return { structuredContent: { rows: rows() } }; };
    const tools = [{ name: 'large', title: 'L', description: 'L.', scope: 'l', destructive: false, inputSchema: { type: 'object' }, handler }];
    console.log(await createEndpoint({ name: 'n', version: '1', tools }).listen(0));`;
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=96', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const port = Number(new URL(line.trim()).port);
    const wires = Array.from({ length: 100 }, () => dial(port).send(call('large')));
    for (const { socket } of wires) socket.once('data', () => socket.pause());
    const begun = (): Wire[] => wires.filter(({ text }) => text !== '');
    const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await until(() => begun().length === 100 || isGone(), '100 answers that begin');
    assert.not.ok(isGone(), 'the process is gone');
    const busy = new Set(wires.map(({ text }) => /"error":\{"code":503/.test(text)));
    assert.equal([...busy].sort(), [false, true]);
    const health = requestText({ method: 'GET', headers: { connection: 'close' } }, '/healthz');
    assert.is(statusOf(await raw(port, health)), 200);
    for (const { socket } of wires) socket.destroy();
  } finally {
    child.kill('SIGKILL');
  }
});

test.run();
