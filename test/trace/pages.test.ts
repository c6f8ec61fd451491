/** The pages of the trace: who may see them, what they show, and how much is stored. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { Store } from '../../src/lesson/trace/store.js';
import { call, closeGuarded } from '../endpoint/guarded.js';
import { legacy, modernCall, raw, statusOf } from '../http/wire.js';
import { SECRET, TRACE, type Watched, watched } from './watched.js';

const test = suite('trace/pages');
test.after(closeGuarded);

const ask = (door: Watched, path: string, headers = '', method = 'GET', host = `localhost:${door.port}`) =>
  raw(door.port, `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${headers}\r\n`);

test('the secret opens the pages, with a policy that allows nothing else', async () => {
  const door = await watched();
  const page = await ask(door, `${TRACE}`);
  assert.is(statusOf(page), 200);
  assert.match(page, "default-src 'none'");
  assert.match(page, 'cross-origin-resource-policy: same-origin');
  assert.match(page, 'cache-control: no-store');
  assert.not.match(page, 'access-control-allow-origin');
  for (const path of [`${TRACE}/style.css`, `${TRACE}/script.js`])
    assert.is(statusOf(await ask(door, path)), 200);
  assert.is(statusOf(await ask(door, `${TRACE}`, '', 'HEAD')), 200);
  assert.is(statusOf(await ask(door, `${TRACE}`, 'content-length: 0\r\n', 'POST')), 405);
  for (const path of [`${TRACE}/7`, `${TRACE}/0`, `${TRACE}/x`, `${TRACE}/7.wire`, '/tracer'])
    assert.is(statusOf(await ask(door, path)), 404, path);
});

test("without the secret there is nothing, whatever the request's origin; with it nothing else is needed", async () => {
  const door = await watched({ allowHosts: ['mcp.example.com'] });
  const guesses = [SECRET.slice(0, -1), `${SECRET}x`, SECRET.toUpperCase(), `x/${SECRET}`, '', '%00'];
  for (const path of ['/trace', '/trace/events', ...guesses.map((guess) => `/trace/${guess}`)])
    assert.is(statusOf(await ask(door, path)), 404, path);
  for (const header of [
    '',
    'x-forwarded-for: 127.0.0.1\r\n',
    'via: 1.1 a\r\n',
    'forwarded: for=127.0.0.1\r\n',
  ])
    assert.is(statusOf(await ask(door, TRACE, header, 'GET', 'mcp.example.com')), 200, header);
  assert.is(statusOf(await ask(door, TRACE, '', 'GET', 'evil.example')), 403);
  assert.is(statusOf(await ask(door, TRACE, 'origin: https://evil.example\r\n')), 403);
});

test('every link on the page keeps the secret, and none reveals it to others', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('ping'));
  await door.over(1);
  for (const path of [TRACE, `${TRACE}/1`]) {
    const page = await ask(door, path);
    // A browser then names the origin of the form that clears, and other origins learn nothing.
    assert.match(page, 'referrer-policy: same-origin');
    const own = [...page.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, target = '']) => target);
    assert.ok(own.length >= 4);
    for (const target of own)
      assert.ok(target === TRACE || target.startsWith(`${TRACE}/`) || target.startsWith(`${TRACE}?`), target);
  }
});

test('an exchange is shown with its bytes, its notes, its decision, its stages and its place in the conversation', async () => {
  const door = await watched();
  await door.post('', legacy('ping'));
  const { headers, body } = modernCall('t');
  await door.post(door.token(), body, headers);
  await door.over(2);
  const page = await ask(door, `${TRACE}/2`);
  assert.match(page, '<h2>#2 tools/call t</h2>');
  assert.match(page, /<a data-note href="#note-\d+">mcp-method<\/a>/);
  assert.match(
    page,
    'href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#',
  );
  assert.match(page, /<code>src\/wire\/mcp\/request-headers\.ts:\d+<\/code>/);
  assert.match(page, 'tools/call t: allowed (policy 1)');
  assert.match(page, /<th scope="row">decided<\/th>/);
  assert.match(page, `a token for bench:read`);
  assert.match(page, '>401 Unauthorized</text>');
  const file = await ask(door, `${TRACE}/2.wire`);
  assert.match(file, 'content-disposition: attachment; filename="exchange-2.wire"');
  assert.match(file, '\r\n\r\n# tools/call t');
});

test("a client's text is only text on the page", async () => {
  const door = await watched();
  const evil = '<img src=x onerror=alert(1)>';
  await door.post(door.token(), legacy('tools/call', { name: evil }), { 'x-evil': evil });
  await door.over(1);
  const page = await ask(door, `${TRACE}/1`);
  assert.not.match(page, '<img');
  assert.match(page, '&lt;img src=x onerror');
});

test('an open page hears about each exchange', async () => {
  const door = await watched();
  const events = await fetch(`http://localhost:${door.port}${TRACE}/events`);
  const reader = events.body?.getReader();
  await door.post(door.token(), call('t'));
  const { value } = (await reader?.read()) ?? {};
  assert.match(Buffer.from(value ?? []).toString(), 'event: exchange\ndata: {"number":1,"state":"done"}');
  await reader?.cancel();
  assert.is(door.store.all.length, 1, 'the pages themselves are not traced');
});

test('the store has the newest exchanges, limited by number and size, each once', () => {
  const made = (number: number, text = ''): TracedExchange => ({
    ...{
      number,
      time: '',
      server: 'readonly',
      client: '',
      line: '',
      verb: 'POST',
      path: '/mcp',
      headers: [],
    },
    ...{ body: { text, bytes: text.length, cut: false }, token: undefined, answer: undefined },
    ...{ stages: [], verdicts: [], state: 'done' },
  });
  const numbers = (store: Store) => store.all.map(({ number }) => number);
  const few = new Store(3, 1e6);
  for (const number of [2, 1, 3, 3, 4]) few.put(made(number));
  assert.equal(numbers(few), [2, 3, 4]);
  few.put(made(1));
  assert.equal(numbers(few), [2, 3, 4], 'a dropped exchange stays dropped');
  const small = new Store(100, 1_000);
  for (const number of [1, 2, 3]) small.put(made(number, 'x'.repeat(400)));
  assert.equal(numbers(small), [2, 3]);
  small.put(made(2, 'x'));
  small.put(made(4, 'x'.repeat(400)));
  assert.equal(numbers(small), [2, 3, 4]);
  // A stream is put again with each event, and its body grows.
  const unwritten = Object.assign(made(5, 'x'.repeat(400)).body, { toJSON: () => assert.unreachable() });
  const answer = { ...{ line: '', status: 200, headers: [], stream: true }, body: unwritten };
  small.put({ ...made(5), answer });
  assert.equal(numbers(small), [4, 5]);
});

test.run();
