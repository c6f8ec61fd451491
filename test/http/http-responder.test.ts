/** One answer at a time, on a real connection: what is sent as JSON, what as a stream, and what to a client that has left. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventLog, type LoggedStream } from '../../src/wire/http/event-log.js';
import { readAccept } from '../../src/wire/http/head.js';
import { HttpResponder } from '../../src/wire/http/http-responder.js';
import { until } from '../support/until.js';
import { dial, headerOf, requestText, type Wire } from './wire.js';

const test = suite('http/http-responder');
const SSE = 'text/event-stream';
const JSON_ONLY = 'application/json';
const BOTH = `${JSON_ONLY}, ${SSE}`;
const ANYTHING = { take: () => true, give: () => {} };

const arrived: ((responder: HttpResponder) => void)[] = [];
const server = createServer(({ headers }, response) =>
  arrived.shift()?.(new HttpResponder(response, readAccept(headers.accept), undefined, 60_000, ANYTHING)),
);
test.before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
test.after(() => {
  server.closeAllConnections();
  server.close();
});

/** The answer to a new request, and its client. */
async function asked(accept: string): Promise<{ responder: HttpResponder; wire: Wire }> {
  const next = new Promise<HttpResponder>((resolve) => arrived.push(resolve));
  const wire = dial((server.address() as AddressInfo).port);
  wire.send(requestText({ headers: { accept, connection: 'close' } }));
  return { responder: await next, wire };
}
/** Keeps the stream of this answer, and tells which one it is. */
function keep(responder: HttpResponder, prime: boolean): { log: EventLog; opened: LoggedStream[] } {
  const log = new EventLog();
  const opened: LoggedStream[] = [];
  const open = (bound: () => readonly string[]): LoggedStream => {
    const stream = log.open(bound);
    opened.push(stream);
    return stream;
  };
  responder.keepIn({ open, bound: () => [], prime, retryMs: 1_000 });
  return { log, opened };
}
/** The events that came, without chunk framing. */
const eventsOf = (text: string): string[] =>
  text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .replace(/(^|\r\n)[0-9a-f]+\r\n/g, '')
    .split('\n\n')
    .filter((block) => block.trim() !== '');

test('each answer to a batch is an event of its own', async () => {
  const { responder, wire } = await asked(SSE);
  responder.finish({ status: 200, text: '[1,2]' }, ['1', '2']);
  assert.equal(eventsOf(await wire.toEnd()), ['data: 1', 'data: 2']);
});
test('a client that reads slowly gets every message that a later one does not replace', async () => {
  const { responder, wire } = await asked(BOTH);
  wire.socket.pause();
  for (let n = 1; n <= 8; n += 1) responder.notify({ n, x: 'x'.repeat(400_000) }, false);
  responder.finish({ status: 200, text: '"the answer"' });
  wire.socket.resume();
  const numbers = [...(await wire.toEnd()).matchAll(/data: \{"n":(\d)/g)].map(([, n]) => Number(n));
  assert.equal(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
});
test('whatever is sent to a client that has left goes nowhere', async () => {
  for (const accept of [SSE, JSON_ONLY, BOTH]) {
    const { responder, wire } = await asked(accept);
    const { opened } = keep(responder, true);
    wire.socket.destroy();
    await until(() => responder.response.destroyed, 'the server sees that the client has left');
    responder.notify({}, true);
    responder.notify({}, false);
    responder.release();
    responder.abandon('{}');
    responder.finish({ status: 200, text: '{}' });
    assert.not.ok(responder.response.headersSent, accept);
    assert.equal(opened, []);
  }
});
test('what comes after the answer is dropped', async () => {
  const { responder, wire } = await asked(JSON_ONLY);
  responder.abandon('"cancelled"');
  responder.finish({ status: 200, text: '"too late"' });
  responder.abandon('"cancelled again"');
  assert.match(await wire.toEnd(), /\r\n\r\n"cancelled"$/);
});
test('a cancelled request ends its stream without an event, kept or not', async () => {
  const plain = await asked(SSE);
  plain.responder.abandon('{}');
  assert.equal(eventsOf(await plain.wire.toEnd()), []);
  const kept = await asked(SSE);
  const { opened } = keep(kept.responder, true);
  kept.responder.abandon('{}');
  assert.equal(eventsOf(await kept.wire.toEnd()), ['id: 1.1\nretry: 1000\ndata: ']);
  assert.is(opened[0]?.ended, true);
});
test('only a stream that its client can come back to is ended early', async () => {
  const released = await asked(BOTH);
  const { log, opened } = keep(released.responder, true);
  released.responder.release();
  assert.equal(eventsOf(await released.wire.toEnd()), ['id: 1.1\nretry: 1000\ndata: ']);
  released.responder.finish({ status: 200, text: '"later"' });
  assert.is(log.find('1.1')?.stream, opened[0]);
  assert.is(log.find('1.2')?.stream, opened[0], 'the answer is kept');
  for (const prime of [false, undefined]) {
    const { responder, wire } = await asked(BOTH);
    if (prime !== undefined) keep(responder, prime);
    responder.release();
    responder.finish({ status: 200, text: '"now"' });
    const text = await wire.toEnd();
    assert.is(headerOf(text, 'content-type'), 'application/json');
    assert.match(text, /"now"$/);
  }
});

test.run();
