/** Filters, pause and clear of the trace's pages: what the address says, what is counted, and who may clear. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Choice,
  NO_CHOICE,
  queryOf,
  readChoice,
  select,
  statusOf,
} from '../../src/lesson/trace/choice.js';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { Store } from '../../src/lesson/trace/store.js';
import { call, closeGuarded } from '../endpoint/guarded.js';
import { legacy, raw, statusOf as statusLine } from '../http/wire.js';
import { TRACE, type Watched, watched } from './watched.js';

const test = suite('trace/filters');
test.after(closeGuarded);

const read = (query: string): Choice => {
  const choice = readChoice(new URLSearchParams(query));
  if (typeof choice === 'string') throw new Error(choice);
  return choice;
};

/** A small exchange; its body decides its method. */
const made = (number: number, more: Partial<TracedExchange> = {}, status = 200): TracedExchange => ({
  ...{
    number,
    time: '',
    server: 'readonly',
    client: '',
    line: 'POST /mcp HTTP/1.1',
    verb: 'POST',
    path: '/mcp',
  },
  ...{ headers: [], token: undefined, stages: [], verdicts: [], state: 'done' },
  body: { text: '', bytes: 0, cut: false },
  answer: {
    ...{ line: `HTTP/1.1 ${status} OK`, status, headers: [], stream: false },
    body: { text: '', bytes: 0, cut: false },
  },
  ...more,
});

const calling = (method: string): TracedExchange['body'] => {
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method });
  return { text, bytes: text.length, cut: false };
};

const ask = (door: Watched, path: string) =>
  raw(door.port, `GET ${path} HTTP/1.1\r\nhost: localhost:${door.port}\r\nconnection: close\r\n\r\n`);

test('the address says the whole choice, and says nothing of what is not chosen', () => {
  const query = '?server=authserver&method=tools%2Fcall&status=4xx&paused=12&view=hex';
  assert.equal(read(query), {
    filter: { server: 'authserver', method: 'tools/call', status: '4xx' },
    paused: 12,
    view: 'hex',
  });
  assert.is(queryOf(read(query)), query);
  assert.equal(read('server=&method=&status=&view='), NO_CHOICE, 'a form sends its empty fields, too');
  assert.is(queryOf(NO_CHOICE), '');
});

test('a bad address is refused with the field, what was expected and what came', async () => {
  for (const [query, problem] of [
    [
      'status=9xx',
      'status: expected one of 1xx, 2xx, 3xx, 4xx, 5xx, lost, open, result, error, sent, received "9xx"',
    ],
    ['view=octal', 'view: expected one of notes, raw, hex, received "octal"'],
    ['paused=-1', 'paused: expected the number of an exchange, received "-1"'],
    [`server=${'x'.repeat(201)}`, 'server: expected at most 200 characters, received 201'],
    [`method=${'x'.repeat(201)}`, 'method: expected at most 200 characters, received 201'],
  ])
    assert.is(readChoice(new URLSearchParams(query)), problem);
  const door = await watched();
  const answer = await ask(door, `${TRACE}?status=9xx`);
  assert.is(statusLine(answer), 400);
  assert.match(answer, 'status: expected one of 1xx');
});

test('each exchange has one status, so the counts add up', () => {
  const all = [
    ...[200, 204, 303, 401, 503].map((status, at) => made(at + 1, {}, status)),
    made(6, { state: 'lost' }),
    made(7, { state: 'open' }),
    made(8, { state: 'done', answer: undefined }),
  ];
  assert.equal(all.map(statusOf), ['2xx', '2xx', '3xx', '4xx', '5xx', 'lost', 'open', 'lost']);
  const counts = ['1xx', '2xx', '3xx', '4xx', '5xx', 'lost', 'open'].map(
    (status) => select(all, read(`status=${status}`)).shownExchanges.length,
  );
  assert.equal(counts, [0, 2, 1, 1, 1, 2, 1]);
});

test('the filters go together: server, method of the message or verb, status', () => {
  const all = [
    made(1, { body: calling('tools/call') }),
    made(2, { body: calling('tools/call') }, 403),
    made(3, { body: calling('ping'), server: 'destructive' }),
    made(4, { server: 'authserver', verb: 'GET' }),
  ];
  const shown = (query: string) => select(all, read(query)).shownExchanges.map(({ number }) => number);
  assert.equal(shown('method=tools/call'), [1, 2]);
  assert.equal(shown('method=tools/call&status=4xx'), [2]);
  assert.equal(shown('server=destructive'), [3]);
  assert.equal(shown('method=GET'), [4]);
  assert.equal(shown('server=readonly&method=ping'), []);
  const { exchanges, waitingCount } = select(all, read('paused=3'));
  assert.equal([exchanges.length, waitingCount], [3, 1]);
});

test('the page counts what it shows, keeps the filter in each link, and offers wider ones if nothing is left', async () => {
  const door = await watched();
  for (const body of [legacy('ping'), legacy('tools/list'), call('t')]) await door.post(door.token(), body);
  await door.post('', legacy('ping'));
  await door.over(4);
  const refused = await ask(door, `${TRACE}?status=4xx`);
  assert.match(refused, '1 of 4 shown.');
  assert.match(refused, `href="${TRACE}/4?status=4xx"`);
  assert.not.match(refused, `href="${TRACE}/3`);
  assert.match(refused, '<option value="4xx" selected>4xx</option>');
  assert.match(refused, '<option value="tools/list">tools/list</option>');

  const none = await ask(door, `${TRACE}?status=4xx&method=tools%2Flist`);
  assert.match(none, '0 of 4 shown.');
  assert.match(none, 'None of the 4 stored has method tools/list and status 4xx.');
  assert.match(none, `<a data-go href="${TRACE}?status=4xx">Show any method</a> (1)`);
  assert.match(none, `<a data-go href="${TRACE}?method=tools%2Flist">Show any status</a> (1)`);
  assert.match(none, `<a data-go href="${TRACE}">Show all</a> (4)`);
});

test('a pause hides what comes later and counts it, until it ends', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('ping'));
  await door.over(1);
  assert.match(await ask(door, TRACE), `href="${TRACE}?paused=1">Pause</a>`);
  await door.post(door.token(), legacy('tools/list'));
  await door.post(door.token(), legacy('ping'));
  await door.over(3);
  const page = await ask(door, `${TRACE}?paused=1`);
  assert.match(page, '1 stored. Paused: 2 new since then.');
  assert.match(page, `href="${TRACE}">Resume (2 new)</a>`);
  assert.not.match(page, '#2');
  assert.match(await ask(door, TRACE), '3 stored.');
});

test('clearing empties the store; a form of another page, or of nobody, does not', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('ping'));
  await door.over(1);
  const post = (headers: { [name: string]: string }, path = `${TRACE}/clear`) =>
    fetch(`http://localhost:${door.port}${path}`, { method: 'POST', headers, redirect: 'manual' });
  const own = `http://localhost:${door.port}`;
  for (const headers of [
    {},
    { origin: 'http://localhost:1' },
    { origin: 'https://evil.example' },
    { origin: own, 'sec-fetch-site': 'same-site' },
  ])
    assert.is((await post(headers)).status, 403, JSON.stringify(headers));
  assert.is((await post({ origin: own }, '/trace/a-guess/clear')).status, 404);
  assert.is((await fetch(`${own}${TRACE}/clear`)).status, 405, 'a link clears nothing');
  assert.is(door.store.all.length, 1);

  const cleared = await post({ origin: own }, `${TRACE}/clear?status=2xx`);
  assert.equal([cleared.status, cleared.headers.get('location')], [303, `${TRACE}?status=2xx`]);
  assert.equal(door.store.all, []);
  await door.post(door.token(), legacy('ping'));
  assert.is((await door.over(2)).number, 2, 'numbers go on');
});

test('a cleared store forgets its size, and tells those who watch', () => {
  const store = new Store(10, 2_000);
  const news: unknown[] = [];
  store.watch(
    ({ number }) => news.push(number),
    () => news.push('cleared'),
  );
  const body = { text: 'x'.repeat(1_500), bytes: 1_500, cut: false };
  store.put(made(1, { body }));
  store.clear();
  store.put(made(2, { body }));
  assert.equal([news, store.all.length], [[1, 'cleared', 2], 1]);
});

test.run();
