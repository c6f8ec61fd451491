/** A trace never writes or stores what it must not show. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { curlOf } from '../../src/lesson/trace/curl.js';
import { maskerFor, maskText, readToken } from '../../src/lesson/trace/mask.js';
import { tracePage } from '../../src/lesson/trace/pages/page.js';
import { wireOf } from '../../src/lesson/trace/wire.js';
import { call, closeGuarded, post } from '../endpoint/guarded.js';
import { toolOf } from '../mcp/ask.js';
import { watched } from './watched.js';

const test = suite('trace/mask');
test.after(closeGuarded);

const none = maskerFor([]);

test('the beginning of a token is shown, and less of a short one', () => {
  assert.is(
    none.header('Authorization', `Bearer ${'abcdefghij'.repeat(5)}`),
    'Bearer abcdefghij… (50 characters)',
  );
  assert.is(none.header('authorization', 'Bearer 12345678'), 'Bearer 12… (8 characters)');
  assert.is(none.header('authorization', 'Basic dXNlcjpwYXNzd29yZA=='), 'Basic … (20 characters)');
  assert.is(none.header('authorization', 'nonsense'), '[hidden]');
});

test('cookies keep their names, and secrets are recognized by theirs', () => {
  assert.is(none.header('cookie', 'a=1; b=two'), 'a=[hidden]; b=[hidden]');
  assert.is(
    none.target('GET /x?access_token=abc&y=1&code=9 HTTP/1.1'),
    'GET /x?access_token=[hidden]&y=1&code=[hidden] HTTP/1.1',
  );
  assert.is(none.body('client_secret=abc&a=b'), 'client_secret=[hidden]&a=b');
  assert.is(
    none.body('{"password":"p","n":{"api_key":7},"secret":["a"],"error":{"code":-32600}}'),
    '{"password":"[hidden]","n":{"api_key":"[hidden]"},"secret":["[hidden]"],"error":{"code":-32600}}',
  );
  assert.is(none.body('{"password":"half of it'), '{"password":"[hidden]');
  assert.is(
    none.body('{"text":"{\\"client_secret\\":\\"x\\"}"}'),
    '{"text":"{\\"client_secret\\":\\"[hidden]\\"}"}',
  );
});

test('a body without secrets stays as it was sent, to the last space', () => {
  const text = '{ "a" : [1, 2],\n  "b": "http://127.0.0.1:3000/mcp" }';
  assert.is(none.body(text), text);
});

test('personal data is hidden, and an address of this machine is not', () => {
  assert.is(
    maskText('ada@example.com at 10.1.2.3, not at 127.0.0.1 or ::1'),
    '[email] at [ip], not at 127.0.0.1 or ::1',
  );
});

test('a secret of the headers is hidden wherever else it occurs', () => {
  const mask = maskerFor([
    { name: 'authorization', value: 'Bearer opaque-and-long' },
    { name: 'cookie', value: 'sid=0123456789' },
  ]);
  assert.is(mask.body('{"x":"it is opaque-and-long, 0123456789"}'), '{"x":"it is [hidden], [hidden]"}');
  assert.is(mask.header('x-again', 'opaque-and-long'), '[hidden]');
  assert.is(mask.target('GET /opaque-and-long HTTP/1.1'), 'GET /[hidden] HTTP/1.1');
});

test('a JWT is read without its signature, and nothing else is read as one', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = readToken(`Bearer ${part({ alg: 'RS256' })}.${part({ sub: 'a', email: 'a@b.example' })}.c2ln`);
  assert.equal(said, { header: { alg: 'RS256' }, claims: { sub: 'a', email: '[email]' } });
  assert.is(readToken('Bearer opaque'), undefined);
  assert.is(readToken('Bearer a.b.c'), undefined);
  assert.is(readToken(undefined), undefined);
});

test('nothing that a trace shows of a real exchange contains its token, its cookie or its secrets', async () => {
  const echo = toolOf('echo', {
    inputSchema: { type: 'object' },
    handler: (args) => ({
      content: [{ type: 'text', text: JSON.stringify(args) }],
      structuredContent: args as { [name: string]: unknown },
    }),
  });
  const door = await watched({ tools: [echo] });
  const token = door.token();
  const opaque = 'opaque-token-that-nobody-knows';
  const secrets = [
    'sk-ant-0123456789abcdefghij',
    'bob@example.com',
    'hunter2-hunter2',
    '378282246310005',
    'cookie-crumbs',
  ];
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name: 'echo',
      arguments: {
        note: `key ${secrets[0]} of ${secrets[1]}`,
        password: secrets[2],
        card: secrets[3],
        token,
        again: `Bearer ${token}`,
      },
    },
  };
  const cookie = { cookie: `__Host-session=${secrets[4]}` };
  assert.is((await door.post(token, body, cookie)).status, 200);
  assert.is((await door.post(token, body, { ...cookie, accept: 'text/event-stream' })).status, 200);
  assert.is((await door.post(opaque, body, cookie)).status, 401);
  assert.is((await post(`${door.url}?access_token=${token}`, token, call('echo'))).status, 400);
  assert.is((await door.post(token, `{"password": "${secrets[2]}", ${token}`)).status, 400);
  for (const number of [1, 2, 3, 4, 5]) await door.over(number);
  const pages = [1, 2, 3, 4, 5].map((number) =>
    tracePage('/trace/x', door.store.all, number, door.store.get(number))({}),
  );
  const files = door.store.all.flatMap((traced) => [wireOf(traced) ?? '', curlOf(traced)]);
  const shown = [door.written(), JSON.stringify(door.store.all), ...pages, ...files].join('\n');
  const [head = '', claims = '', signature = ''] = token.split('.');
  for (const secret of [token, signature, `${head}.${claims}`, head, claims, opaque, ...secrets])
    assert.not.ok(shown.includes(secret), `${secret.slice(0, 12)} is shown`);
  assert.match(shown, 'eyJhbGciOi… (');
  assert.match(shown, 'its claims say');
  assert.equal(door.errors, []);
});

test.run();
