import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeAll, headerOf, legacy, raw, requestText, stand, statusOf } from './wire.js';

const test = suite('http/cors');
test.after(closeAll);
const ORIGIN = 'http://localhost:5173';

async function preflight(port: number, requested = ''): Promise<string> {
  const headers = {
    origin: ORIGIN,
    'access-control-request-method': 'POST',
    'access-control-request-headers': requested,
    'content-type': '',
    'content-length': '',
    connection: 'close',
  };
  return raw(port, requestText({ method: 'OPTIONS', headers }));
}

test('a preflight is answered with what a browser needs, and without a body', async () => {
  const { port } = await stand();
  const text = await preflight(port, 'content-type, mcp-protocol-version');
  assert.is(statusOf(text), 204);
  assert.is(headerOf(text, 'access-control-allow-origin'), ORIGIN);
  assert.match(headerOf(text, 'access-control-allow-methods') ?? '', /\bPOST\b/);
  const allowed = (headerOf(text, 'access-control-allow-headers') ?? '').toLowerCase().split(', ');
  for (const name of [
    'accept',
    'authorization',
    'content-type',
    'last-event-id',
    'mcp-method',
    'mcp-name',
    'mcp-protocol-version',
    'mcp-session-id',
  ])
    assert.ok(allowed.includes(name), name);
  assert.is(headerOf(text, 'access-control-max-age'), '600');
  assert.is(headerOf(text, 'vary'), 'Origin, Access-Control-Request-Headers');
  assert.is(text.split('\r\n\r\n')[1], '');
});
test('the headers of mirrored arguments are allowed on request, and no others', async () => {
  const { port } = await stand();
  const allowed =
    headerOf(
      await preflight(
        port,
        'x-evil, mcp-param-region, Mcp-Param-X_1, mcp-param-, mcp-param-a b, x-mcp-param-a',
      ),
      'access-control-allow-headers',
    ) ?? '';
  assert.match(allowed, 'mcp-param-region, Mcp-Param-X_1');
  assert.not.match(allowed, 'evil');
  assert.ok(allowed.endsWith('Mcp-Param-X_1'));
});
test('a page may read every answer, refusals too', async () => {
  const { port } = await stand();
  const ask = (body: string, headers: Record<string, string> = {}, target = '/mcp'): Promise<string> =>
    raw(port, requestText({ headers: { origin: ORIGIN, connection: 'close', ...headers }, body }, target));
  const answers: [status: number, text: string][] = [
    [200, await ask(legacy('ping'))],
    [202, await ask('{"jsonrpc":"2.0","method":"notifications/initialized"}')],
    [400, await ask('{')],
    [404, await ask('', {}, '/other')],
    [406, await ask('', { accept: 'text/html' })],
    [413, await ask('', { 'content-length': '9999999' })],
    [415, await ask('', { 'content-type': 'text/plain' })],
    [200, await ask(legacy('ping'), { accept: 'text/event-stream' })],
  ];
  for (const [status, text] of answers) {
    assert.is(statusOf(text), status);
    assert.is(headerOf(text, 'access-control-allow-origin'), ORIGIN, String(status));
    assert.match(headerOf(text, 'access-control-expose-headers') ?? '', 'WWW-Authenticate');
    assert.is(headerOf(text, 'vary'), 'Origin');
  }
});
test('a request without an origin gets no CORS headers', async () => {
  const { port } = await stand();
  const text = await raw(port, requestText({ headers: { connection: 'close' }, body: legacy('ping') }));
  assert.not.match(text.toLowerCase(), 'access-control');
});
test('an OPTIONS request that is not a preflight is told what the endpoint accepts', async () => {
  const { port } = await stand();
  const text = await raw(port, requestText({ method: 'OPTIONS', headers: { connection: 'close' } }));
  assert.equal([statusOf(text), headerOf(text, 'allow')], [204, 'POST, OPTIONS']);
});

test.run();
