import { createServer } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLog, type LoggedStream, type Sink } from '../../src/wire/http/event-log.js';
import { EventStream } from '../../src/wire/http/stream.js';
import { dial, requestText, type Wire } from './wire.js';

const test = suite('http/event-log');

type Live = { stream: EventStream; wire: Wire };

/** Event streams on real connections, one a request. */
const opened: ((live: EventStream) => void)[] = [];
const server = createServer((_request, response) =>
  opened.shift()?.(new EventStream(response, undefined, 60_000)),
);
const wires: Wire[] = [];

async function live(): Promise<Live> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  const made = new Promise<EventStream>((resolve) => opened.push(resolve));
  const wire = dial(address.port).send(requestText({ method: 'GET', headers: { 'content-length': '' } }));
  wires.push(wire);
  return { stream: await made, wire };
}
test.before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
test.after(() => {
  for (const { socket } of wires) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** The ids and data of the events that came; `until` is text that the last of them holds. */
async function events({ wire }: Live, until?: string): Promise<[id: string | undefined, data: string][]> {
  if (until !== undefined) await wire.until((text) => text.includes(until));
  return wire.text
    .split('\n\n')
    .filter((frame) => /^data: /m.test(frame))
    .map((frame) => [/^id: (.*)$/m.exec(frame)?.[1], /^data: (.*)$/m.exec(frame)?.[1] ?? '']);
}
/** A connection that is always there. */
const reader: Sink = { open: true, send: () => {}, end: () => {} };
const idAfter = (stream: LoggedStream, place: number): string => `${stream.id}.${place}`;

test('a stream begins with its id and the time to reconnect after, and no data', async () => {
  const stream = new EventLog().open();
  const client = await live();
  stream.attach(client.stream);
  assert.not.ok(stream.begun);
  stream.prime(1_234);
  await client.wire.until((text) => text.includes('retry'));
  assert.match(client.wire.text, `id: ${idAfter(stream, 1)}\nretry: 1234\ndata: \n`);
  assert.ok(stream.begun);
});
test('a client that lost its stream is sent the events after the one it knows, in order and once', async () => {
  const log = new EventLog();
  const stream = log.open();
  stream.attach((await live()).stream);
  for (const word of ['"one"', '"two"', '"three"']) stream.send(word);
  assert.ok(stream.live);
  const back = await live();
  const found = log.find(idAfter(stream, 1));
  assert.is(found?.stream, stream);
  found?.stream.attach(back.stream, found.after);
  stream.send('"four"');
  assert.equal(await events(back, 'four'), [
    [idAfter(stream, 2), '"two"'],
    [idAfter(stream, 3), '"three"'],
    [idAfter(stream, 4), '"four"'],
  ]);
});
test('streams that have ended make room for the events of others', () => {
  const log = new EventLog();
  const streams = Array.from({ length: 5 }, () => log.open());
  for (const stream of streams) stream.end(['x'.repeat(256 * 1024)]);
  const kept = streams.map((stream) => log.find(idAfter(stream, 0)) !== undefined);
  assert.equal(kept, [false, true, true, true, true]);
});
test('only the stream that an event names is replayed, whatever was sent on the others', async () => {
  const log = new EventLog();
  const [one, other] = [log.open(), log.open()];
  for (const stream of [one, other]) {
    stream.send(`"first of ${stream.id}"`);
    stream.send(`"last of ${stream.id}"`);
  }
  const back = await live();
  const found = log.find(idAfter(one, 1));
  found?.stream.attach(back.stream, found.after);
  one.end([]);
  await back.wire.until((text) => text.includes('last of'));
  assert.equal(await events(back), [[idAfter(one, 2), `"last of ${one.id}"`]]);
  assert.is.not(one.id, other.id);
});
test('event ids are unique within a session', async () => {
  const log = new EventLog();
  const streams = Array.from({ length: 10 }, () => log.open());
  const clients = await Promise.all(streams.map(() => live()));
  for (const [index, stream] of streams.entries()) {
    const client = clients[index];
    if (client !== undefined) stream.attach(client.stream);
    for (let count = 0; count < 20; count += 1) stream.send(`${count}`);
    stream.end(['"last"']);
  }
  const ids = (await Promise.all(clients.map((client) => events(client, '"last"')))).flat().map(([id]) => id);
  assert.equal([ids.length, new Set(ids).size], [210, 210]);
});
test('a stream that has ended is replayed to its end, and then the connection ends too', async () => {
  const log = new EventLog();
  const stream = log.open();
  stream.attach((await live()).stream);
  stream.prime(1);
  stream.release();
  stream.end(['"result"']);
  const back = await live();
  const found = log.find(idAfter(stream, 1));
  found?.stream.attach(back.stream, found.after);
  await back.wire.until((text) => text.includes('result') && text.endsWith('0\r\n\r\n'));
  assert.equal(await events(back), [[idAfter(stream, 2), '"result"']]);
});
test('the newest connection gets the events, and the one before it ends', async () => {
  const stream = new EventLog().open();
  const [first, second] = [await live(), await live()];
  stream.attach(first.stream);
  stream.send('"for the first"');
  await events(first, 'for the first');
  stream.attach(second.stream);
  stream.send('"for the second"');
  await events(second, 'for the second');
  await first.wire.until((text) => text.endsWith('0\r\n\r\n'));
  assert.equal(
    (await events(first)).map(([, data]) => data),
    ['"for the first"'],
  );
  assert.equal(
    (await events(second)).map(([, data]) => data),
    ['"for the second"'],
  );
});
test('an id that is not one of ours finds nothing', () => {
  const log = new EventLog();
  const stream = log.open();
  const { id } = stream;
  stream.send('"one"');
  stream.send('"two"');
  for (const odd of [
    '',
    id,
    `${id}.`,
    `.1`,
    `${id}.-1`,
    `${id}.1.1`,
    `${id}.1x`,
    ` ${id}.1`,
    `${id}.1\n`,
    `${id}.1e1`,
    '99.1',
    `${id}.${'9'.repeat(30)}`,
    '__proto__.1',
    'constructor.1',
  ])
    assert.is(log.find(odd), undefined, odd);
  assert.is(log.find(`${id}.1`)?.after, 1);
  assert.is(new EventLog().find(`${id}.1`), undefined);
  const empty = log.open();
  assert.equal([log.find(idAfter(empty, 0))?.after, log.find(idAfter(empty, 1))], [0, undefined]);
});
test('a place in the future, or one whose successors are lost, finds nothing', () => {
  const log = new EventLog();
  const stream = log.open();
  stream.send('"now"');
  assert.is(log.find(idAfter(stream, 2)), undefined);
  for (let count = 2; count <= 300; count += 1) stream.send(String(count));
  assert.is(log.find(idAfter(stream, 43)), undefined, 'event 44 is lost');
  assert.is(log.find(idAfter(stream, 44))?.after, 44);
  assert.is(log.find(idAfter(stream, 300))?.after, 300);
});
test('the last 256 events of one stream are kept', async () => {
  const log = new EventLog();
  const stream = log.open();
  for (let count = 1; count <= 1_000; count += 1) stream.send(String(count));
  const back = await live();
  stream.attach(back.stream, 0);
  const kept = (await events(back, 'data: 1000\n')).map(([, data]) => data);
  assert.equal([kept.length, kept[0], kept.at(-1)], [256, '745', '1000']);
});
test('long events are dropped sooner, so that no stream keeps more than 256 KiB, but the newest stays', async () => {
  const stream = new EventLog().open();
  for (let count = 1; count <= 40; count += 1) stream.send(`"${count}${'x'.repeat(32_000)}"`);
  const back = await live();
  stream.attach(back.stream, 0);
  await back.wire.until((text) => text.includes(`id: ${idAfter(stream, 40)}\n`) && text.endsWith('\n\n\r\n'));
  assert.equal(
    [...back.wire.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id),
    Array.from({ length: 8 }, (_, index) => idAfter(stream, 33 + index)),
  );
  const huge = new EventLog().open();
  huge.send('"before"');
  huge.send(`"${'y'.repeat(1_100_000)}"`);
  const other = await live();
  huge.attach(other.stream, 0);
  await other.wire.until((text) => text.includes('y"'));
  assert.equal(
    [...other.wire.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id),
    [idAfter(huge, 2)],
  );
});
test('exactly 256 KiB of one stream are kept, and not one character more', () => {
  const log = new EventLog();
  const stream = log.open();
  stream.send('x'.repeat(128 * 1024));
  stream.send('y'.repeat(128 * 1024));
  assert.is(log.find(idAfter(stream, 0))?.stream, stream);
  stream.send('z');
  assert.is(log.find(idAfter(stream, 0)), undefined);
  assert.is(stream.characters, 128 * 1024 + 1);
});
test('exactly 1 MiB of one session is kept, and not one character more', () => {
  const log = new EventLog();
  const streams = Array.from({ length: 4 }, () => log.open());
  for (const stream of streams) stream.send('x'.repeat(256 * 1024));
  const kept = () => streams.map((stream) => log.find(idAfter(stream, 1)) !== undefined);
  assert.equal(kept(), [true, true, true, true]);
  streams.push(log.open());
  streams[4]?.send('z');
  assert.equal(kept(), [false, true, true, true, true]);
});
test('one who resumes the stream of a call needs the scopes of all that follows, and of the calls that it still answers', () => {
  let scopes = ['read'];
  const stream = new EventLog().open(() => scopes);
  stream.send('"one"');
  scopes = ['write'];
  stream.send('"two"');
  stream.send('"three"', ['admin', 'write']);
  assert.equal(
    [0, 1, 2, 3].map((place) => stream.boundAfter(place)),
    [['read', 'write', 'admin'], ['write', 'admin'], ['admin', 'write'], ['write']],
  );
  stream.end(['"last"']);
  scopes = ['other'];
  assert.equal([stream.boundAfter(3), stream.boundAfter(4)], [['write'], []]);
});
test('a stream that answers no call is resumed by anybody, and each reader gets what it may read', () => {
  const stream = new EventLog().open();
  stream.prime(1);
  stream.send('"for all"');
  stream.send('"for some"', ['secret']);
  assert.equal(stream.boundAfter(0), []);
  const frames: string[] = [];
  const sink = { ...reader, send: (frame: string) => void frames.push(frame) };
  stream.attach(sink, 0, (bound) => bound.length === 0);
  stream.send('"later, for all"');
  stream.send('"later, for some"', ['secret']);
  assert.equal(frames, [
    `id: ${idAfter(stream, 2)}\ndata: "for all"\n\n`,
    `id: ${idAfter(stream, 4)}\ndata: "later, for all"\n\n`,
  ]);
  stream.end([]);
  assert.equal(stream.boundAfter(0), []);
});
test('64 streams are kept: those that ended are dropped first, and the open ones stay', async () => {
  const log = new EventLog();
  const standalone = log.open();
  standalone.attach((await live()).stream);
  standalone.prime(1);
  const released = log.open();
  released.prime(1);
  released.release();
  const calls = Array.from({ length: 500 }, () => {
    const call = log.open();
    call.end(['"result"']);
    return call;
  });
  const kept = calls.filter(({ id }) => log.find(`${id}.1`) !== undefined);
  assert.is(kept.length, 62);
  assert.is(kept.at(-1), calls.at(-1));
  for (const stream of [standalone, released]) assert.is(log.find(idAfter(stream, 1))?.stream, stream);
});
test('many streams that never end are dropped all the same, the oldest first', () => {
  const log = new EventLog();
  const streams = Array.from({ length: 500 }, () => log.open());
  const kept = streams.filter(({ id }) => log.find(`${id}.0`) !== undefined);
  assert.equal(kept, streams.slice(-64));
});
test('a stream that somebody reads outlives those that nobody reads, unless all are read', () => {
  const log = new EventLog();
  const streams = Array.from({ length: 64 }, () => log.open());
  const kept = (stream: LoggedStream | undefined) => log.find(`${stream?.id}.0`) !== undefined;
  const [first, second, third] = streams;
  first?.attach(reader);
  second?.attach({ ...reader, open: false });
  streams.push(log.open());
  assert.equal([kept(first), kept(second), kept(third)], [true, false, true]);
  for (const stream of streams) stream.attach(reader);
  const newest = log.open();
  assert.equal([kept(first), kept(third), kept(newest)], [false, true, true]);
});

test('all streams of a session together keep a bounded number of characters, and those that ended are dropped first', () => {
  const log = new EventLog();
  const quarter = 'x'.repeat(250 * 1024);
  const streams = Array.from({ length: 6 }, () => log.open());
  const [first, second] = streams;
  second?.end([quarter]);
  for (const stream of streams) if (stream !== second) stream.send(quarter);
  const kept = streams.filter((stream) => log.find(`${stream.id}.1`) !== undefined);
  assert.is(kept.length, 4);
  assert.not.ok(kept.includes(second ?? log.open()));
  assert.ok(
    streams.at(-1) !== undefined && kept.includes(streams.at(-1) ?? log.open()),
    'the newest is kept',
  );
  assert.ok(first !== undefined);
});

test.run();
