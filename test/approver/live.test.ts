/** The stream that tells an open page to look again, and the two files every page loads. */
import { createServer, get, type IncomingMessage } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLive } from '../../src/governance/approval/web/live.js';
import { NO_SESSION, SESSION_HEADER } from '../../src/pages/signin/session.js';
import { close, listen as listenOn } from '../../src/wire/http/listener.js';
import { until } from '../support/until.js';
import { type Bench, openBench, Visitor as Stranger, signedIn, type Visitor } from './bench.js';

const test = suite('approver/live');
let bench: Bench;
test.before.each(async () => {
  bench = await openBench();
});
test.after.each(() => bench.close());

type Stream = { answer: IncomingMessage; text: () => string; ended: Promise<void>; leave: () => void };

async function listen(visitor: Visitor): Promise<Stream> {
  const { port } = new URL(bench.origin);
  const session = visitor.session ?? '';
  return new Promise((resolve, reject) => {
    const headers = { [SESSION_HEADER]: session, host: `localhost:${port}` };
    const asked = get({ host: '127.0.0.1', port, path: '/approvals/events', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('error', () => {});
      const ended = new Promise<void>((done) => answer.once('close', done));
      resolve({ answer, text: () => text, ended, leave: () => asked.destroy() });
    });
    asked.on('error', reject);
  });
}

test('a live page is told that something changed, but not what', async () => {
  const stream = await listen(await signedIn(bench));
  assert.is(stream.answer.headers['content-type'], 'text/event-stream');
  assert.is(stream.answer.headers['cache-control'], 'no-store');
  bench.service.ask({ args: { secret: 'hush' } });
  await until(() => stream.text() !== '');
  assert.is(stream.text(), 'event: changed\ndata: the list\n\n');
  stream.leave();
});

test('somebody who is not signed in is told nothing', async () => {
  const page = await new Stranger(bench).get('/approvals/events', { 'sec-fetch-mode': 'cors' });
  assert.is(page.status, 403);
  assert.is(bench.service.watching, 0);
});

test('the stream ends with the session', async () => {
  const visitor = await signedIn(bench);
  bench.pass(100_000);
  const stream = await listen(visitor);
  const [timer] = bench.timers;
  assert.is(timer?.ms, 500_000);
  timer?.run();
  await stream.ended;
  assert.is(bench.service.watching, 0);
});

test('a page that leaves is forgotten, with its timer', async () => {
  const stream = await listen(await signedIn(bench));
  assert.is(bench.service.watching, 1);
  stream.leave();
  await until(() => bench.service.watching === 0);
  assert.is(bench.timers[0]?.cancelled, true);
});

test('when there are too many streams, no other is opened until one has ended', async () => {
  const live = createLive(bench.service, () => () => {}, 1);
  const server = createServer((_request, response) => {
    if (!live.open(response, 'ada', 1_000)) response.writeHead(503).end();
  });
  const port = await listenOn(server, 0, '127.0.0.1');
  const open = () => fetch(`http://127.0.0.1:${port}/`);
  try {
    const first = await open();
    assert.is(first.status, 200);
    assert.is((await open()).status, 503);
    await first.body?.cancel();
    await until(() => bench.service.watching === 0);
    const next = await open();
    assert.is(next.status, 200);
    live.close();
    assert.is(await next.text(), '');
  } finally {
    await close(server, 0);
  }
});

test('closing the pages ends the streams', async () => {
  const stream = await listen(await signedIn(bench));
  const closing = bench.close();
  await stream.ended;
  await closing;
  bench = await openBench();
});

test('the style and the scripts are for anybody, and the script sends the header that the server reads', async () => {
  const stranger = new Stranger(bench);
  const style = await stranger.get('/approvals/style.css');
  assert.equal([style.status, style.headers['content-type']], [200, 'text/css; charset=utf-8']);
  assert.match(style.text, /color-scheme: light dark/);
  for (const path of ['/approvals/page.js', '/approvals/live.js']) {
    const script = await stranger.get(path);
    assert.equal([script.status, script.headers['content-type']], [200, 'text/javascript; charset=utf-8']);
  }
  const { text } = await stranger.get('/approvals/page.js');
  assert.ok(text.includes(`SESSION_HEADER = '${SESSION_HEADER}'`));
  assert.ok(text.includes(`NO_SESSION = '${NO_SESSION}'`));
});

test.run();
