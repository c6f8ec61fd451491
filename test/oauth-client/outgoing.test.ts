/** Which addresses the client asks, how, and how much of an answer it reads. */
import * as oauth from 'oauth4webapi';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AuthorizationError } from '../../src/oauth/client/errors.js';
import { settle, type TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createOutgoing, type Outgoing } from '../../src/oauth/client/outgoing.js';
import { within } from '../support/until.js';
import { browser } from './site.js';

const test = suite('oauth-client/outgoing');
const LOCAL = new URL('http://localhost:3000/mcp');
const REMOTE = new URL('https://mcp.example.com/mcp');

type Sent = { url: string; init: RequestInit };

/** What was sent, and a client that answers every request with `response`. */
function outgoingOf(endpoint: URL, options: Partial<TokenSourceOptions> = {}, response = new Response('{}')) {
  const sent: Sent[] = [];
  const settings = settle({
    interaction: browser(),
    fetch: async (url, init = {}) => {
      sent.push({ url: String(url), init });
      return response;
    },
    ...options,
  });
  return { outgoing: createOutgoing(endpoint, settings), sent };
}

const post = ({ request }: Outgoing, url: string, init: object = {}): Promise<Response> =>
  request[oauth.customFetch](url, init);

const refusalOf = (work: () => unknown): Promise<Error> =>
  Promise.resolve()
    .then(work)
    .then(
      (value) => new Error(`it was not refused: ${value}`),
      (error: Error) => error,
    );

const ALWAYS = ['https://auth.example.com/token', 'https://localhost/token'];
const HERE = ['http://localhost:1/token', 'http://127.0.0.1:1/token', 'http://[::1]:1/token'];
const ELSEWHERE = ['http://auth.example.com/token', 'http://10.0.0.1/token'];
const NEVER = [
  'https://user@auth.example.com/',
  'https://:pass@auth.example.com/',
  'https://auth.example.com/#a',
  'http://user@auth.example.com/',
  'http://:pass@auth.example.com/',
  'http://user:pass@auth.example.com/',
  'http://user@localhost/',
  'http://auth.example.com/#a',
  'http://localhost/#a',
  'ftp://auth.example.com/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  '//auth.example.com/',
  '/token',
  '',
  undefined,
  null,
  7,
  ['http://auth.example.com/token'],
  new URL('http://auth.example.com/token'),
];

for (const [what, endpoint, allowHttp, safe] of [
  ['on this machine', LOCAL, false, [...ALWAYS, ...HERE]],
  ['on this machine, with plain http permitted', LOCAL, true, [...ALWAYS, ...HERE, ...ELSEWHERE]],
  ['elsewhere', REMOTE, undefined, ALWAYS],
  ['elsewhere, with plain http permitted', REMOTE, true, [...ALWAYS, ...ELSEWHERE]],
] as const) {
  test(`the addresses that a server ${what} may name`, async () => {
    const { outgoing } = outgoingOf(endpoint, { allowHttp });
    for (const address of safe) assert.is(outgoing.safeUrl(address, 'it').href, address);
    const refused = [...NEVER, ...ELSEWHERE].filter((address) => !(safe as unknown[]).includes(address));
    for (const address of refused)
      assert.throws(
        () => outgoing.safeUrl(address, 'it'),
        (error: Error) => error instanceof AuthorizationError,
        String(address),
      );
  });
}

test('a refusal says what the address is for, what would be right, and what came', () => {
  const bad = 'http://auth.example.com/';
  const message = (endpoint: URL): string => {
    try {
      return outgoingOf(endpoint).outgoing.safeUrl(bad, '"token_endpoint"').href;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.is(
    message(LOCAL),
    '"token_endpoint": expected an https URL, or http on this machine, received "http://auth.example.com/"',
  );
  assert.is(message(REMOTE), '"token_endpoint": expected an https URL, received "http://auth.example.com/"');
});

test('a remote server cannot send the client to plain http on this machine', () => {
  const { outgoing } = outgoingOf(REMOTE);
  for (const address of HERE)
    assert.throws(() => outgoing.safeUrl(address, 'it'), /expected an https URL, r/);
});

test('every request is checked once more when it is sent', async () => {
  const { outgoing, sent } = outgoingOf(REMOTE);
  const error = await refusalOf(() => post(outgoing, 'http://localhost:1/token'));
  assert.instance(error, AuthorizationError);
  assert.is(
    error.message,
    'a request for a token: expected an https URL, received "http://localhost:1/token"',
  );
  const metadata = await refusalOf(() => outgoing.fetchJson(new URL('http://localhost:1/')));
  assert.match(String(metadata.cause), /a request for a token: expected an https URL/);
  assert.equal(sent, []);
});

test('a request keeps its method, headers and body, and follows no redirect', async () => {
  const { outgoing, sent } = outgoingOf(REMOTE);
  await post(outgoing, 'https://auth.example.com/token', {
    method: 'POST',
    headers: { a: 'b' },
    body: 'c',
    redirect: 'follow',
  });
  await outgoing.fetchJson(new URL('https://auth.example.com/metadata'));
  const seen = sent.map(({ url, init: { method, body, redirect } }) => [url, method, body, redirect]);
  assert.equal(seen, [
    ['https://auth.example.com/token', 'POST', 'c', 'manual'],
    ['https://auth.example.com/metadata', undefined, undefined, 'manual'],
  ]);
  assert.equal(sent[0]?.init.headers, { a: 'b' });
});

test('its deadline ends a request, and so does the caller', async () => {
  const caller = new AbortController();
  const { outgoing, sent } = outgoingOf(REMOTE, { signal: caller.signal });
  const deadline = new AbortController();
  await post(outgoing, 'https://auth.example.com/token', { signal: deadline.signal });
  await post(outgoing, 'https://auth.example.com/token', {});
  const aborted = (): unknown[] => sent.map(({ init }) => init.signal?.aborted);
  assert.equal(aborted(), [false, false]);
  deadline.abort();
  assert.equal(aborted(), [true, false]);
  caller.abort();
  assert.equal(aborted(), [true, true]);

  const alone = outgoingOf(REMOTE);
  await post(alone.outgoing, 'https://auth.example.com/token', {});
  assert.is(alone.sent[0]?.init.signal?.aborted, false);
});

test('the deadline of a request is the one that the caller chose', async () => {
  const signal = outgoingOf(REMOTE, { requestMs: 1 }).outgoing.request.signal();
  await within(
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    }),
    'the deadline',
  );
  assert.is(signal.reason.name, 'TimeoutError');
  assert.is(outgoingOf(REMOTE, { requestMs: 60_000 }).outgoing.request.signal().aborted, false);
});

test('plain http that is safe is not refused by the library either', () => {
  assert.is(outgoingOf(LOCAL).outgoing.request[oauth.allowInsecureRequests], true);
});

test('an answer is read up to its limit', async () => {
  const answer = (length: number): Promise<Response> =>
    post(outgoingOf(REMOTE, {}, new Response('x'.repeat(length))).outgoing, 'https://auth.example.com/token');
  assert.is((await (await answer(1_048_576)).text()).length, 1_048_576);
  const error = await refusalOf(() => answer(1_048_577));
  assert.instance(error, AuthorizationError);
  assert.is(error.message, 'https://auth.example.com/token answered with more than 1048576 bytes');
});

test('an answer keeps its status, its headers and its body, except the header that would hide the error', async () => {
  const headers = { 'www-authenticate': 'Basic', 'content-type': 'application/json' };
  const response = new Response('{"error":"invalid_client"}', { status: 401, headers });
  const answer = await post(outgoingOf(REMOTE, {}, response).outgoing, 'https://auth.example.com/token');
  assert.is(answer.status, 401);
  assert.equal([...answer.headers], [['content-type', 'application/json']]);
  assert.equal(await answer.json(), { error: 'invalid_client' });
});

for (const status of [204, 205, 304]) {
  test(`an answer with status ${status} has no body, and is no error of its own`, async () => {
    const response = new Response(null, { status });
    const answer = await post(outgoingOf(REMOTE, {}, response).outgoing, 'https://auth.example.com/token');
    assert.equal([answer.status, answer.body], [status, null]);
  });
}

test.run();
