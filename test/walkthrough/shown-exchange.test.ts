/** An exchange on the screen: with the notes of the trace, in the parts in which it happens. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coloured, plain } from '../../src/lesson/look.js';
import { ShownExchange } from '../../src/walkthrough/shown-exchange.js';

const test = suite('walkthrough/shown-exchange');

const sent = Buffer.from(
  `POST /mcp HTTP/1.1\r\nHost: localhost:3000\r\nAuthorization: Bearer ${'secret'.repeat(9)}\r\n` +
    'Content-Type: application/json\r\nContent-Length: 40\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"ping"}',
);
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: ';
const show = (width: number, paint = plain) => new ShownExchange(sent, 'readonly', 'http', { width, paint });

test('a note stands beside its part on a wide terminal, and below it on a narrow one', () => {
  const wide = show(100).request();
  assert.match(wide[0] ?? '', /^> POST \/mcp HTTP\/1\.1 {10,}one message to the server/);
  assert.ok(wide.some((line) => /^> {3}"method": "ping" {10,}what the client wants/.test(line)));
  const narrow = show(80).request();
  assert.equal([narrow[0], narrow[1]?.slice(0, 20)], ['> POST /mcp HTTP/1.1', '      one message to']);
  assert.not.match([...wide, ...narrow].join('\n'), /secretsecret/);
});

test('no note is wider than the terminal', () => {
  for (const width of [40, 80, 99, 100, 140]) {
    const shown = show(width);
    const lines = [...shown.request(), ...shown.answer(Buffer.from(`${OK}text/plain\r\n\r\nhello`))];
    const notes = lines.filter((line) => !/^[<>]/.test(line));
    assert.ok(notes.length > 0);
    assert.equal(
      notes.filter((line) => line.length > width),
      [],
    );
  }
  assert.ok(show(80, coloured).request()[1]?.includes('\x1b[2mone message'));
});

test('the claims of a token are printed once, and long messages end early', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const bearer = `${part({ alg: 'RS256' })}.${part({ sub: 'demo' })}.${'s'.repeat(40)}`;
  const request = Buffer.from(`GET /mcp HTTP/1.1\r\nAuthorization: Bearer ${bearer}\r\n\r\n`);
  const tokens = new Set<string>();
  const lines = () =>
    new ShownExchange(request, 'readonly', 'http', { width: 80, paint: plain }, tokens).request();
  assert.equal(
    [lines(), lines()].map((one) => one.join('\n').includes('its claims say {"sub": "demo"}')),
    [true, false],
  );
  const short = new ShownExchange(sent, 'readonly', 'http', { width: 80, paint: plain, maxLines: 3 });
  assert.match(short.request().at(-1) ?? '', /^\* \d+ more lines$/);
});

test('of a stream, each part shows what is new, wherever a chunk ends', () => {
  const shown = show(80);
  const first = shown.answer(
    Buffer.from(`${OK}text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\nda`),
  );
  assert.ok(first.includes('< data: 1'));
  const second = shown.answer(Buffer.from('ta: 2\n\n\r\n'));
  assert.match(second.join('\n'), /ta: 2/);
  assert.not.match(second.join('\n'), /HTTP|data: 1/);
  assert.equal(shown.answer(Buffer.alloc(0)), ['< (nothing)']);
});

test('a line of stdio is a message without a head', () => {
  const line = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  const shown = new ShownExchange(line, 'readonly', 'stdio', { width: 200, paint: plain });
  assert.equal(
    shown.request().map((one) => one.replace(/ {4,}.*/, '')),
    ['> {', '>   "jsonrpc": "2.0",', '>   "id": 1,', '>   "method": "ping"', '> }'],
  );
  assert.match(
    shown.answer(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}')).join('\n'),
    /\n< {3}"result": \{\} {4,}the request succeeded/,
  );
  assert.equal(shown.answer(Buffer.from('no JSON')), ['< no JSON']);
});

test('bytes that are no HTTP are shown, and cannot move the cursor', () => {
  const shown = new ShownExchange(Buffer.from('\x1b[2JHELLO\r\n\r\n'), 'readonly', 'http', {
    width: 80,
    paint: plain,
  });
  assert.match(shown.request()[0] ?? '', /^> \[U\+001B\]\[2JHELLO/);
  assert.match(shown.answer(Buffer.from('what?\x07')).join('\n'), /^< what\?\[U\+0007\]/);
});

test('a note is printed once, and a long line is broken between words, behind the place where it began', () => {
  const text = `POST /mcp HTTP/1.1\r\nAccept: text/html\r\n\r\n{"id":"${'word '.repeat(20).trim()}"}`;
  const look = { width: 60, paint: plain, shownNotes: new Set<string>() };
  const lines = () => new ShownExchange(Buffer.from(text), 'readonly', 'http', look).request();
  const [first, second] = [lines(), lines()];
  assert.ok(first.some((line) => /^ +what the client can read/.test(line)));
  assert.equal(second.slice(0, 4), ['> POST /mcp HTTP/1.1', '> Accept: text/html', '>', '> {']);
  assert.match(second[4] ?? '', /^> {3}"id": "word .* word$/);
  assert.match(second[5] ?? '', /^> {5}word/);
  assert.ok(second.every((line) => line.length <= 60));
});

test.run();
