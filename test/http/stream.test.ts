import { EventEmitter } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventStream, HeldBytes, KEEP_ALIVE, sseFrame } from '../../src/wire/http/stream.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { type Revision, SUPPORTED } from '../../src/wire/revisions.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { turn, until } from '../support/until.js';
import {
  closeAll,
  dial,
  hasRead,
  headerOf,
  held,
  legacy,
  modernCall,
  raw,
  requestText,
  stand,
  statusOf,
} from './wire.js';

const test = suite('http/stream');
test.after(closeAll);
const SSE = { accept: 'text/event-stream' };
const BOTH = { accept: 'application/json, text/event-stream' };

/** The stream as its client reads it: without chunk framing, with comments and events separated. */
function read(text: string): { events: string[]; comments: number } {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4).replace(/(^|\r\n)[0-9a-f]+\r\n/g, '');
  const blocks = body.split('\n\n').filter((block) => block.trim() !== '');
  const events = blocks.filter((block) => block.startsWith('data: ')).map((block) => block.slice(6));
  return { events, comments: blocks.filter((block) => block.startsWith(':')).length };
}
const legacyCall = { headers: {}, body: legacy('tools/call', { name: 't' }) };
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a frame has a data line for each line of its data, and ends with an empty one', () => {
  assert.is(sseFrame({ data: '{}' }), 'data: {}\n\n');
  assert.is(sseFrame({ data: 'a\nb\r\nc\rd' }), 'data: a\ndata: b\ndata: c\ndata: d\n\n');
  assert.is(sseFrame({ data: '', event: 'e', id: '7' }), 'event: e\nid: 7\ndata: \n\n');
  assert.is(sseFrame({ data: '\n' }), 'data: \ndata: \n\n');
  assert.is(KEEP_ALIVE, ': keep-alive\n\n');
});
test('event data has no U+0085, U+2028 or U+2029 that splits a line for some readers, and means the same', async () => {
  const words = 'a\u0085b\u2028c\u2029d';
  const frame = sseFrame({ data: JSON.stringify({ words }) });
  assert.is(frame, 'data: {"words":"a\\u0085b\\u2028c\\u2029d"}\n\n');
  const tool = toolOf('says', { handler: () => ({ content: [{ type: 'text', text: words }] }) });
  const { port } = await stand({ tools: [tool] });
  const body = legacy('tools/call', { name: 'says' });
  const text = await raw(port, requestText({ headers: { ...SSE, connection: 'close' }, body }));
  assert.not.match(text, /[\u0085\u2028\u2029]/);
  assert.is(JSON.parse(read(text).events[0] ?? '').result.content[0].text, words);
});
test('a field that does not fit on one line is refused', () => {
  for (const value of ['a\nb', 'a\rb', 'a\0b']) {
    assert.throws(() => sseFrame({ data: '', event: value }), /one line/);
    assert.throws(() => sseFrame({ data: '', id: value }), /one line/);
  }
});
test('a refusal keeps its status however long its decision takes and whatever the client accepts', () =>
  inHeldTime(async (time) => {
    let decideMs = 0;
    const policy: Policy = {
      needs: ({ scope }) => [scope],
      access: ({ scope }) => ({ scopes: [scope] }),
      call: async () => {
        await time.pass(decideMs);
        return { allow: false, reason: 'not today' };
      },
      use: () => ({ allow: true, reason: 'ok' }),
    };
    const { port } = await stand({ policy, bounds: { keepAliveMs: 20 } });
    const refusal = async (revision: Revision, accept: string): Promise<string> => {
      const { headers, body } = revision === '2026-07-28' ? modernCall('t') : legacyCall;
      const always = { connection: 'close', 'mcp-protocol-version': revision, accept };
      const text = await raw(port, requestText({ headers: { ...headers, ...always }, body }));
      assert.match(text, 'Forbidden: not today');
      return text;
    };
    for (const revision of SUPPORTED) {
      decideMs = 0;
      const status = statusOf(await refusal(revision, 'application/json'));
      decideMs = 120;
      for (const accept of [SSE.accept, BOTH.accept, 'application/json']) {
        const text = await refusal(revision, accept);
        assert.is(statusOf(text), status, `${revision} ${accept}`);
        if (revision === '2026-07-28')
          assert.equal([status, headerOf(text, 'content-type')], [403, 'application/json']);
      }
    }
  }));
test('a client that accepts only streams gets the head at once', async () => {
  const { tool, started, letGo } = held();
  const { port } = await stand({ tools: [tool] });
  const wire = dial(port).send(
    requestText({ headers: { ...SSE, connection: 'close' }, body: legacy('tools/call', { name: 'held' }) }),
  );
  const head = await wire.until((text) => text.includes('\r\n\r\n'));
  assert.equal(
    [
      statusOf(head),
      headerOf(head, 'content-type'),
      headerOf(head, 'x-accel-buffering'),
      headerOf(head, 'cache-control'),
    ],
    [200, 'text/event-stream', 'no', 'no-cache, no-transform'],
  );
  await started;
  letGo();
  assert.match(await wire.toEnd(), 'let go');
});
test('a silent call to a client that accepts both turns into a stream, and a quick one does not', async () => {
  const { tool, letGo } = held();
  const { port } = await stand({ tools: [tool, toolOf('t')], bounds: { keepAliveMs: 60 } });
  const headers = { ...BOTH, connection: 'close' };
  const wire = dial(port).send(requestText({ headers, body: legacy('tools/call', { name: 'held' }) }));
  await wire.until((text) => read(text).comments >= 3);
  letGo();
  const { events } = read(await wire.toEnd());
  assert.is(events.length, 1);
  assert.match(events[0] ?? '', 'let go');
  const quick = await raw(port, requestText({ headers, body: legacy('tools/call', { name: 't' }) }));
  assert.is(headerOf(quick, 'content-type'), 'application/json');
});
test('a client that accepts only JSON gets no stream, however long the call takes', () =>
  inHeldTime(async (time) => {
    const { tool, started, letGo } = held();
    const { port } = await stand({ tools: [tool], bounds: { keepAliveMs: 20 } });
    const headers = { accept: 'application/json', connection: 'close' };
    const wire = dial(port).send(
      requestText({ headers, body: legacy('tools/call', { name: 'held', _meta: { progressToken: 1 } }) }),
    );
    await started;
    await time.pass(100);
    await hasRead(port);
    assert.is(wire.text, '');
    letGo();
    assert.is(headerOf(await wire.toEnd(), 'content-type'), 'application/json');
  }));
test('progress is sent ahead of the answer, and the stream ends with it', async () => {
  const tool = toolOf('steps', {
    handler: async (_args, { progress }) => {
      for (const step of [1, 2, 3]) progress(step, 3, 'line\nbreak');
      return { content: [] };
    },
  });
  const { port } = await stand({ tools: [tool] });
  const { headers, body } = modernCall('steps', { progressToken: 'p' });
  const text = await raw(port, requestText({ headers: { ...headers, ...BOTH, connection: 'close' }, body }));
  const messages = read(text).events.map((event) => JSON.parse(event));
  assert.equal(
    messages.map(({ method, params, id }) => [method, params?.progress, id]),
    [
      ['notifications/progress', 1, undefined],
      ['notifications/progress', 2, undefined],
      ['notifications/progress', 3, undefined],
      [undefined, undefined, 1],
    ],
  );
  assert.is(messages[0].params.message, 'line\nbreak');
});
test('progress to a client that does not read is dropped: memory stays bounded and the answer arrives', async () => {
  let grown = 0;
  let steps = (): void => {};
  const stepping = new Promise<void>((resolve) => {
    steps = resolve;
  });
  const tool = toolOf('flood', {
    handler: async (_args, { progress }) => {
      const before = process.memoryUsage();
      for (let step = 0; step < 200_000; step += 1) {
        progress(step, 200_000, 'x'.repeat(100));
        if (step % 1_000 === 0) await turn();
      }
      const after = process.memoryUsage();
      grown = after.external + after.arrayBuffers - before.external - before.arrayBuffers;
      steps();
      return { content: [{ type: 'text', text: 'the last word' }] };
    },
  });
  const { port } = await stand({ tools: [tool] });
  const { headers, body } = modernCall('flood', { progressToken: 0 });
  const wire = dial(port);
  wire.socket.pause();
  wire.send(requestText({ headers: { ...headers, ...BOTH, connection: 'close' }, body }));
  await stepping;
  assert.ok(grown < 8 * 1024 * 1024, `${grown} bytes more`);
  wire.socket.resume();
  const { events } = read(await wire.toEnd(10_000));
  assert.match(events.at(-1) ?? '', 'the last word');
  const values = events.slice(0, -1).map((event) => JSON.parse(event.replaceAll('\r\n', '')).params.progress);
  assert.is(values.at(-1), 199_999, 'the newest is kept');
  assert.ok(values.length < 200_000);
  assert.equal(
    values,
    [...values].sort((a, b) => a - b),
  );
});
test('a client that reads nothing is cut off once 4 MiB are waiting for it, and not before', async () => {
  const frame = sseFrame({ data: 'x'.repeat(64 * 1024) });
  const limit = 4 * 1024 * 1024;
  const waiting: number[] = [];
  let isCut = false;
  const server = createServer((_request, response) => {
    const stream = new EventStream(response, undefined, 60_000);
    response.once('close', () => {
      isCut = true;
    });
    for (let frames = 0; stream.open && frames < 1_000; frames += 1) {
      waiting.push(response.writableLength);
      stream.send(frame);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = dial((server.address() as AddressInfo).port);
  wire.socket.pause();
  wire.send(requestText({}));
  await until(() => isCut, 'the cut').finally(() => {
    wire.socket.destroy();
    server.close();
  });
  const most = waiting.at(-1) ?? 0;
  assert.ok(most > limit && most <= limit + frame.length + 100, `${most} bytes waited`);
});
/** A share that has so much room, and what is taken of it. */
function share(room: number) {
  const counts = { taken: 0, calls: 0 };
  const take = (bytes: number): boolean => {
    counts.calls += 1;
    const fits = counts.taken + bytes <= room;
    if (fits) counts.taken += bytes;
    return fits;
  };
  const give = (bytes: number): void => {
    counts.calls += 1;
    counts.taken -= bytes;
  };
  return { counts, share: { take, give } };
}
function fakeResponse(state: { destroyed?: boolean; closed?: boolean } = {}): ServerResponse {
  return Object.assign(new EventEmitter(), { destroyed: false, closed: false }, state) as ServerResponse;
}
test('the bytes of an answer count against a share, which gets all of them back when the answer is out', () => {
  const { counts, share: limited } = share(100);
  const response = fakeResponse();
  const held = new HeldBytes(response, limited);
  assert.is(held.add(60), true);
  assert.is(held.wait(30), true);
  assert.is(counts.taken, 90);
  assert.is(held.wait(10), true, 'fewer wait now');
  assert.is(held.add(-20), true);
  assert.is(counts.taken, 50);
  assert.equal([held.add(51), held.wait(61)], [false, false]);
  assert.is(counts.taken, 50, 'what does not fit is not counted');
  assert.is(held.wait(60), true);
  assert.is(counts.taken, 100);
  const { calls } = counts;
  assert.equal([held.add(0), held.wait(60)], [true, true]);
  assert.is(counts.calls, calls, 'nothing changes, and nobody is asked');
  response.emit('close');
  assert.is(counts.taken, 0);
});
test('an answer whose client has left holds nothing', () => {
  for (const state of [{ destroyed: true }, { closed: true }]) {
    const { counts, share: limited } = share(10);
    assert.is(new HeldBytes(fakeResponse(state), limited).add(20), true);
    assert.is(counts.calls, 0);
  }
});

/** A stream to a client that reads on command. */
async function streamed(room = Number.POSITIVE_INFINITY, keepAliveMs = 60_000) {
  const { counts, share: limited } = share(room);
  const opened = new Promise<{ response: ServerResponse; stream: EventStream }>((resolve) => {
    const server = createServer((_request, response) => {
      server.close();
      const held = new HeldBytes(response, limited);
      resolve({ response, stream: new EventStream(response, undefined, keepAliveMs, held) });
    }).listen(0, '127.0.0.1', () => {
      const wire = dial((server.address() as AddressInfo).port).send(
        requestText({ headers: { connection: 'close' } }),
      );
      wires.push(wire);
    });
  });
  const made = await opened;
  return { ...made, counts, wire: wires.pop() ?? dial(0) };
}
const wires: ReturnType<typeof dial>[] = [];

test('what waits for a slow client counts once it is worth waiting for, until the client has read it', async () => {
  const { stream, counts, wire, response } = await streamed();
  await wire.until((text) => text.includes('\r\n\r\n'));
  response.socket?.cork();
  stream.send('x'.repeat(1_000));
  assert.equal([response.writableNeedDrain, counts.taken], [false, 0]);
  stream.send('x'.repeat(99_000));
  assert.equal([response.writableNeedDrain, counts.taken], [true, response.writableLength]);
  assert.ok(counts.taken > 100_000, `${counts.taken}`);
  response.socket?.uncork();
  await until(() => counts.taken === 0, 'it is read');
  stream.end();
  await wire.toEnd();
});
test('a stream is cut when more waits than its share has room for', async () => {
  const { stream, counts, wire, response } = await streamed(150_000);
  response.socket?.cork();
  stream.send('x'.repeat(100_000));
  assert.ok(stream.open);
  stream.send('x'.repeat(51_000));
  assert.not.ok(stream.open);
  stream.send('dropped');
  stream.end('dropped');
  await wire.toEnd();
  await until(() => counts.taken === 0, 'its bytes are given back');
  assert.not.match(wire.text, 'dropped');
});
test('a frame that a later one may replace is sent once the client reads again, and at the end at the latest', async () => {
  const { stream, wire, response } = await streamed();
  response.socket?.cork();
  stream.send('x'.repeat(100_000));
  stream.sendLatest('old');
  stream.sendLatest('newer');
  assert.ok(response.writableNeedDrain);
  response.socket?.uncork();
  await wire.until((text) => text.includes('newer'));
  response.socket?.cork();
  stream.send('y'.repeat(100_000));
  stream.sendLatest('last but one, ');
  stream.end('last');
  response.socket?.uncork();
  const text = await wire.toEnd();
  assert.match(text, /y\r\n[0-9a-f]+\r\nlast but one, last\r\n0\r\n\r\n$/);
  assert.not.match(text, 'old');
  stream.send('nothing');
  stream.end('nothing');
  assert.not.ok(stream.open);
});
test('an end without a last frame adds nothing', async () => {
  const { stream, wire } = await streamed();
  stream.send('all');
  stream.end();
  stream.send('nothing');
  stream.end('nothing');
  assert.match(await wire.toEnd(), /\r\n\r\n3\r\nall\r\n0\r\n\r\n$/);
});
test('a stream has no keep-alive while frames wait for its client, nor after it', () =>
  inHeldTime(async (time) => {
    const { stream, wire, response } = await streamed(Number.POSITIVE_INFINITY, 10);
    await time.pass(10);
    await wire.until((text) => text.includes(KEEP_ALIVE));
    response.socket?.cork();
    stream.send('x'.repeat(100_000));
    const { writableLength } = response;
    await time.pass(50);
    assert.is(response.writableLength, writableLength);
    response.socket?.uncork();
    wire.socket.destroy();
    await until(() => response.closed, 'the server sees that its client has left');
    assert.is(time.timers, 0);
  }));
test('a finished stream leaves no timer behind, no matter who ended it', async () => {
  const { tool, started, letGo } = held();
  const { port } = await stand({
    tools: [tool, toolOf('t')],
    bounds: { keepAliveMs: 30_000, toolDeadlineMs: 31_000 },
  });
  await hasRead(port);
  const before = timers();
  for (const accept of ['text/event-stream', 'application/json, text/event-stream', 'application/json'])
    await raw(
      port,
      requestText({ headers: { accept, connection: 'close' }, body: legacy('tools/call', { name: 't' }) }),
    );
  const { headers, body } = modernCall('held');
  const wire = dial(port).send(requestText({ headers: { ...headers, ...SSE }, body }));
  await started;
  await wire.until((text) => text.includes('\r\n\r\n'));
  wire.socket.destroy();
  await hasRead(port);
  letGo();
  await until(
    () => timers() <= before,
    () => `${timers()} timers, ${before} before`,
  );
});

test.run();
