/** What --show and --curl print: every exchange once, streams as they come, secrets hidden or as variables. */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printCurl } from '../../src/cli/call/curl-lines.js';
import { type ExchangeListener, ExchangeReader } from '../../src/cli/call/exchange-reader.js';
import { showExchanges, showLines } from '../../src/cli/call/show.js';
import type { WireEvent } from '../../src/client/index.js';
import { plain } from '../../src/lesson/look.js';

const test = suite('call/wire-log');
const LOOK = { width: 100, paint: plain };
const URL_ = new URL('http://localhost:4000/mcp');
const TOKEN = `eyJ${'x'.repeat(80)}.a.b`;

const sent = (text: string, connection = 1): WireEvent => ({
  kind: 'sent',
  connection,
  bytes: Buffer.from(text),
});
const received = (text: string, connection = 1): WireEvent => ({
  kind: 'received',
  connection,
  bytes: Buffer.from(text),
});
const ended = (connection = 1): WireEvent => ({ kind: 'ended', connection });

function post(method: string, headers: readonly string[] = []): string {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method });
  const lines = ['POST /mcp HTTP/1.1', 'Host: localhost:4000', ...headers, `content-length: ${body.length}`];
  return `${lines.join('\r\n')}\r\nConnection: keep-alive\r\n\r\n${body}`;
}

function json(result: object): string {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Everything that was printed after each event. */
function shown(
  events: readonly WireEvent[],
  listener: (print: (text: string) => void) => ExchangeListener,
): string[] {
  let text = '';
  const reader = new ExchangeReader(
    'localhost:4000',
    () => new Date(0),
    listener((more) => {
      text += more;
    }),
  );
  const after = events.map((event) => {
    reader.take(event);
    const now = text;
    text = '';
    return now;
  });
  reader.close();
  return [...after, text];
}

const show = (events: readonly WireEvent[]): string[] => shown(events, (print) => showExchanges(LOOK, print));
const curl = (events: readonly WireEvent[], given: readonly (readonly [string, string])[] = []): string =>
  shown(events, (print) => printCurl(URL_, given, print)).join('');

test('an exchange is shown when its answer is whole, with notes and without the token', () => {
  const answer = json({ ok: true });
  const [first, head, rest, last] = show([
    sent(post('tools/list', [`Authorization: Bearer ${TOKEN}`])),
    received(answer.slice(0, 30)),
    received(answer.slice(30)),
  ]);
  assert.equal([first, head, last], ['', '', '']);
  assert.match(rest ?? '', /^\n── 1 · tools\/list · localhost:4000 ─+\n> POST \/mcp HTTP\/1\.1 {10,}\S/);
  assert.match(rest ?? '', /\n< HTTP\/1\.1 200 OK[\s\S]*\n< {3}"result": /);
  assert.match(rest ?? '', /\n> Authorization: Bearer eyJxxxxxxx… \(87 characters\)/);
  assert.not.match((rest ?? '').replaceAll('\n', ''), new RegExp(TOKEN));
});

test('one connection carries several exchanges, and two connections do not mix', () => {
  const texts = show([
    sent(post('one')),
    sent(post('two'), 2),
    received(json({}), 2),
    received(json({})),
    sent(post('three')),
    received(json({})),
  ]);
  const titles = texts.join('').match(/── \d · \w+/g);
  assert.equal(titles, ['── 2 · two', '── 1 · one', '── 3 · three']);
});

test('a stream is shown as it comes, each event once it is whole', () => {
  const event = (text: string): string => `data: {"jsonrpc":"2.0","method":"${text}"}\n\n`;
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
  const [, opened, half, whole, second, end] = show([
    sent(post('tools/call')),
    received(head),
    received(chunk(event('first').slice(0, 20))),
    received(chunk(event('first').slice(20))),
    received(chunk(event('second').replaceAll('\n', '\r\n'))),
    received('0\r\n\r\n'),
  ]);
  assert.match(opened ?? '', /\n< HTTP\/1\.1 200 OK[\s\S]*\n< Transfer-Encoding: chunked/);
  assert.is(half, '');
  assert.match(whole ?? '', /^< data: \{[\s\S]*"method": "first"/);
  assert.match(second ?? '', /^< data: \{[\s\S]*"method": "second"/);
  assert.not.match(second ?? '', /first/);
  assert.is(end, '');
});

test('an exchange without an end, or without an answer, is shown at the end, and says so', () => {
  const [, , cut] = show([sent(post('one')), received(json({}).slice(0, 60)), ended()]);
  assert.match(cut ?? '', /\n\* the connection ended before the answer did\n$/);
  const silent = show([sent(post('two'))]);
  assert.match(silent.at(-1) ?? '', /── 1 · two[\s\S]*\* the connection ended before the answer did\n$/);
  assert.equal(show([ended()]), ['', ''], 'a connection that was never used');
});

test('bytes that are not HTTP are shown as they came', () => {
  const texts = show([sent(post('one')), received('SSH-2.0-OpenSSH_9.2\r\n'), ended()]);
  assert.match(texts.join(''), /\n< SSH-2\.0-OpenSSH_9\.2/);
});

test('an answer without an end takes bounded memory', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
  const many = Array.from({ length: 300 }, () => received(`: ${'x'.repeat(8_000)}\n\n`));
  const texts = show([sent(post('one')), received(head), ...many]);
  assert.match(texts.join(''), /\n\* the rest of this answer is too long to be shown\n/);
  assert.is(texts.slice(200).join(''), '');
});

test('lines of stdio are shown with their direction', () => {
  let text = '';
  const watch = showLines(LOOK, (more) => {
    text += more;
  });
  watch(sent('{"jsonrpc":"2.0","id":1,"method":"pi'));
  assert.is(text, '');
  watch(sent('ng"}\n'));
  watch(received('{"jsonrpc":"2.0","id":1,"result":{}}\nnot JSON\n'));
  assert.match(text, /^\n> \{\n> {3}"jsonrpc": "2\.0",[\s\S]*"method": "ping"/);
  assert.match(text, /\n< \{\n[\s\S]*\n< not JSON\n$/);
});

test('curl gets the request as it was, and variables for what is secret', () => {
  const line = curl(
    [
      sent(
        post('tools/list', [
          `Authorization: Bearer ${TOKEN}`,
          'Mcp-Session-Id: abc-123',
          'X-Api-Key: hunter22',
        ]),
      ),
      received(json({})),
    ],
    [['X-Api-Key', 'hunter22']],
  );
  assert.match(
    line,
    /^# TOKEN: the access token\n# SESSION: .*\n# X_API_KEY: the value of your header X-Api-Key\ncurl -si /,
  );
  assert.match(
    line,
    / -H "Authorization: Bearer \$TOKEN" -H "Mcp-Session-Id: \$SESSION" -H "X-Api-Key: \$X_API_KEY" /,
  );
  assert.not.match(line, /hunter22|abc-123|eyJx|keep-alive|ontent-.ength: \d/);
});

test('the variables are explained once', () => {
  const one = [sent(post('a', [`Authorization: Bearer ${TOKEN}`])), received(json({}))];
  assert.is(curl([...one, ...one]).match(/# TOKEN/g)?.length, 1);
});

test('a shell reads the line as one command', () => {
  const line = curl([sent(post("it's")), received(json({}))]);
  const words = execFileSync('sh', ['-c', line.replace(/^curl/, `printf '%s\\n'`)], { encoding: 'utf8' });
  assert.ok(words.includes('{"jsonrpc":"2.0","id":1,"method":"it\'s"}'), words);
});

test.run();
