/** Transcripts played for a reader, against the real servers of the lesson: and the view of each turn. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre, type Theatre } from '../../src/app/theatre/theatre.js';
import { createStoredTrace } from '../../src/app/trace.js';
import { type Live, type PlayedTurn, perform } from '../../src/lesson/learn/perform.js';
import { turnView } from '../../src/lesson/learn/turn-view.js';
import { requestText, withRequest } from '../../src/lesson/learn/turns.js';
import { whatIfsFor } from '../../src/lesson/learn/what-if.js';
import { paste } from '../support/process.js';
import { needing } from '../support/programs.js';
import { PING, sourceOf, turnOf } from './lesson.js';

const test = suite('learn/perform');
let theatre: Theatre;
let live: Live;

test.before(() => {
  const { store, tracing } = createStoredTrace((error) => {
    throw error;
  });
  theatre = createTheatre(tracing);
  live = { stageFor: theatre.stageFor, store };
});
test.after(() => theatre.close());

const view = (file: string, one: PlayedTurn | undefined): string => {
  assert.ok(one);
  const place = { file, title: 'A title', isStdio: file.startsWith('17'), isLive: true };
  return turnView({ ...place, traceOf: (number) => `/trace/x/${number}` }, one.turn, one).text;
};
const first = (all: readonly PlayedTurn[]): PlayedTurn => {
  const [one] = all;
  assert.ok(one);
  return one;
};

test('a plain exchange: what was sent and what came, and what the server observed', async () => {
  const all = await perform(sourceOf(PING), live);
  const { sent, received, observed, mistakes, url } = first(all);
  assert.is(all.length, 1);
  assert.match(sent.toString(), /^POST \/mcp HTTP\/1\.1\r\n/);
  assert.match(received?.toString() ?? '', /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(mistakes, []);
  assert.is(observed?.state, 'done');
  assert.is(url?.pathname, '/mcp');
  const text = view(PING, all[0]);
  assert.match(text, 'It came back as the transcript says.');
  assert.match(text, 'data-status="200">200 OK');
  assert.match(text, 'What the server decided');
  assert.match(text, `href="/trace/x/${observed?.number}"`);
  assert.match(text, '<b class="end">CR LF</b>', 'the raw bytes have their line breaks');
});

test('the token is decoded, and on no page in full', async () => {
  const [one] = await perform(sourceOf(PING), live);
  const token = /Bearer (\S+)/.exec(one?.sent.toString() ?? '')?.[1] ?? '';
  assert.match(token, /^eyJ.+\..+\./);
  const text = view(PING, one);
  assert.match(text, 'What the access token says');
  const copied = /data-copy="[^"]*"/.exec(text)?.[0] ?? '';
  assert.not.ok(text.replace(copied, '').includes(token.slice(40)), 'no part of the token is shown');
});

needing(
  test,
  'learn/perform',
  'bash',
  'curl',
)('the copied curl command sends the same and gets the same', async () => {
  const all = await perform(sourceOf(PING), live);
  const line = /data-copy="([^"]*)"/.exec(view(PING, all[0]))?.[1] ?? '';
  const command = line
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
  const { stdout, stderr } = await paste(command);
  assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/, `${command}\n${stderr}`);
  assert.match(stdout, '{"jsonrpc":"2.0","id":1,"result":{}}');
});

test('two servers: each request goes to its own, and only the turns up to the chosen one are played', async () => {
  const file = '12-human-approval/approves-a-call.wire';
  const all = await perform(sourceOf(file), live, 1);
  assert.equal(
    all.map(({ turn }) => [turn.index, turn.server]),
    [
      [0, 'authserver'],
      [1, 'destructive'],
    ],
  );
  assert.is.not(all[0]?.url?.port, all[1]?.url?.port);
  assert.equal(
    all.flatMap(({ mistakes }) => mistakes),
    [],
  );
  assert.match(view(file, all[1]), 'data-status="403"');
});

test('a stream: the events are laid out, and the raw bytes have their chunks', async () => {
  const file = '06-streams/streams-progress.wire';
  const all = await perform(sourceOf(file), live);
  const text = view(file, all[0]);
  assert.is(text.match(/<a data-note href="[^"]+">data: <\/a>/g)?.length, 4, 'three reports and the result');
  assert.match(text, /<b class="size">[\da-f]+<\/b><b class="end">CR LF/);
  assert.equal(all[0]?.mistakes, []);
});

test('stdio: lines, without a status, an address or a trace', async () => {
  const file = '17-stdio/shakes-hands.wire';
  const all = await perform(sourceOf(file), live);
  const one = first(all);
  assert.equal([one.url, one.observed, one.mistakes], [undefined, undefined, []]);
  const text = view(file, one);
  assert.match(text, 'The client writes');
  assert.not.match(text, /data-status|data-copy|data-edit/);
});

test('a change by the reader shows how the answer differs, and nothing of it is HTML', async () => {
  const turn = turnOf(PING);
  const html = whatIfsFor(requestText(turn)).find(({ id }) => id === 'html');
  const changed = html?.change(requestText(turn)) ?? '';
  const all = await perform(withRequest(sourceOf(PING), turn, changed), live);
  const text = view(PING, all[0]);
  assert.match(text, 'data-status="406"');
  assert.match(text, '<b>status</b> <del>HTTP/1.1 200 OK</del> <ins>HTTP/1.1 406 Not Acceptable</ins>');
  const own = withRequest(sourceOf(PING), turn, 'POST /mcp HTTP/1.1\nX-Mine: <script>\n\n<b>no json</b>');
  const shown = view(PING, first(await perform(own, live)));
  assert.not.match(shown, /<script>|<b>no json/);
  assert.match(shown, '&lt;script&gt;');
});

test('a request that cannot be built from the text is not sent, and the turn says why', async () => {
  const text = 'POST /mcp HTTP/1.1\nContent-Type: application/json\n\n{{nothing}}';
  const one = first(await perform(withRequest(sourceOf(PING), turnOf(PING), text), live));
  assert.is(one.sent.length, 0);
  assert.match(view(PING, one), 'nothing was captured as {{nothing}}');
});

test('a request to the authorization server shows what it did, too', async () => {
  const file = '10-403-step-up/refuses-a-tool-without-its-scope.wire';
  const shown = view(file, first(await perform(sourceOf(file), live, 0)));
  assert.match(shown, 'What the server decided');
  assert.match(shown, 'class="track"');
});

test('a request that gets no answer says so', async () => {
  const silent = withRequest(sourceOf(PING), turnOf(PING), 'POST /mcp HTTP/1.1\nContent-Length: 9\n\n{');
  const one = first(await perform(silent, live));
  assert.is(one.mistakes.length > 0, true);
  assert.match(view(PING, one), 'It differs from what the transcript expects');
});

test.run();
