/** The page to which the browser comes back: where it is, whom it answers, and with what. */
import { getEventListeners } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AuthorizationError } from '../../src/oauth/client/errors.js';
import { type Settings, settle } from '../../src/oauth/client/options.js';
import { openRedirectListener, type RedirectListener } from '../../src/oauth/client/redirect-listener.js';
import { raw, statusOf } from '../http/wire.js';
import { freePort } from '../support/free-port.js';
import { within } from '../support/until.js';
import { browser } from './site.js';

const test = suite('oauth-client/redirect-listener');
const open: RedirectListener[] = [];
test.after.each(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function listenAt(fixed?: string, preferred?: string): Promise<RedirectListener> {
  const listener = await openRedirectListener(fixed, preferred);
  open.push(listener);
  return listener;
}

const settingsOf = (more: Partial<Settings> = {}): Settings => settle({ interaction: browser(), ...more });

const refusalOf = (work: Promise<unknown>): Promise<Error> =>
  within(
    work.then(
      (value) => new Error(`it was not refused: ${value}`),
      (error: Error) => error,
    ),
    'a refusal',
  );

async function visit(url: string): Promise<[status: number, text: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

const NOTHING = [404, 'There is nothing to see here.\n'];
const DONE = [200, 'You may close this window, and go back to the terminal.\n'];

test('by default it is at a free port of this machine', async () => {
  const [one, other] = [await listenAt(), await listenAt()];
  for (const { redirectUri } of [one, other])
    assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:[1-9]\d*\/callback$/);
  assert.is.not(one.redirectUri, other.redirectUri);
  assert.equal(await visit(one.redirectUri), NOTHING);
});

test('it is where the caller says, and nowhere else', async () => {
  const address = `http://localhost:${await freePort()}/back?a=b`;
  const first = await listenAt(address, `http://127.0.0.1:${await freePort()}/other`);
  assert.is(first.redirectUri, address);
  const error = await refusalOf(listenAt(address));
  assert.instance(error, AuthorizationError);
  assert.is(error.message, `the redirect URI ${address} cannot be used`);
  assert.is((error.cause as NodeJS.ErrnoException).code, 'EADDRINUSE');
});

test('it is where the registration says, and at another port when that one is taken', async () => {
  const address = `http://127.0.0.1:${await freePort()}/callback`;
  assert.is((await listenAt(undefined, address)).redirectUri, address);
  const { redirectUri } = await listenAt(undefined, address);
  assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  assert.is.not(redirectUri, address);
});

test('an address that is not on this machine is not listened on', async () => {
  for (const address of [
    'http://example.com:1/callback',
    'http://0.0.0.0:0/callback',
    'https://localhost/callback',
    'app:callback',
    '/callback',
  ]) {
    const error = await refusalOf(listenAt(address));
    assert.instance(error, AuthorizationError);
    assert.is(
      error.message,
      `the redirect URI: expected an http address on this machine, received ${address}`,
    );
    assert.match((await listenAt(undefined, address)).redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  }
});

test('IPv6 has its brackets in the address only', async () => {
  const { redirectUri } = await listenAt('http://[::1]:0/callback');
  assert.match(redirectUri, /^http:\/\/\[::1\]:\d+\/callback$/);
  assert.equal(await visit(redirectUri), NOTHING);
});

test('nobody sees, keeps or embeds an answer', async () => {
  const { redirectUri } = await listenAt();
  const { headers } = await fetch(redirectUri);
  const names = [
    'content-type',
    'content-security-policy',
    'x-content-type-options',
    'referrer-policy',
    'cache-control',
    'connection',
  ];
  assert.equal(
    names.map((name) => headers.get(name)),
    ['text/plain; charset=utf-8', "default-src 'none'", 'nosniff', 'no-referrer', 'no-store', 'close'],
  );
});

test('it takes one answer, the one with the state', async () => {
  const listener = await listenAt();
  const { redirectUri } = listener;
  assert.equal(await visit(`${redirectUri}?code=a&state=s`), NOTHING, 'nobody waits yet');
  const answer = listener.answer('s', settingsOf());
  for (const query of ['', '?state=t&code=a', '?state=s&state=s&code=a', '?state=s&state=&code=a'])
    assert.equal(await visit(`${redirectUri}${query}`), NOTHING, query);
  assert.equal(await visit(`${redirectUri}?code=a&state=s`), DONE);
  assert.equal([...(await answer)], Object.entries({ code: 'a', state: 's' }));
  assert.equal(await visit(`${redirectUri}?code=b&state=s`), NOTHING, 'it has come already');
});

test('a person who was refused reads where to look', async () => {
  const listener = await listenAt();
  const answer = listener.answer('s', settingsOf());
  assert.equal(await visit(`${listener.redirectUri}?error=access_denied&state=s`), [
    200,
    'You were not signed in. You may close this window; the terminal says why.\n',
  ]);
  assert.is((await answer).get('error'), 'access_denied');
});

test('a visit under another name, or with what is no address, is no answer', async () => {
  const listener = await listenAt();
  const { port, host } = new URL(listener.redirectUri);
  const answer = listener.answer('s', settingsOf());
  const right = '/callback?code=a&state=s';
  const send = async (line: string, name: string): Promise<number> =>
    statusOf(await raw(Number(port), `${line} HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`));
  for (const [line, name] of [
    [`GET ${right}`, 'rebound.example'],
    [`GET ${right}`, `127.0.0.1.example:${port}`],
    [`GET ${right}`, '['],
    [`GET ${right}`, ''],
    [`GET http://rebound.example${right}`, host],
    [`GET http://127.0.0.1:1${right}`, host],
    ['GET //', host],
    [`GET //rebound.example${right}`, host],
    [`GET /other${right}`, host],
    [`POST ${right}`, host],
    [`HEAD ${right}`, host],
  ] as const)
    assert.is(await send(line, name), 404, `${line} at ${name}`);
  assert.is(await send(`GET ${right}`, `localhost:${port}`), 200);
  assert.is((await answer).get('code'), 'a');
});

test('a person who does not come in time is not waited for', async () => {
  const listener = await listenAt();
  const due: (() => void)[] = [];
  const waits: number[] = [];
  const cancelled: number[] = [];
  const after: Settings['after'] = (ms, run) => {
    due.push(run);
    waits.push(ms);
    return () => void cancelled.push(ms);
  };
  const late = listener.answer('s', settingsOf({ after, signInMs: 89_700 }));
  due[0]?.();
  const error = await refusalOf(late);
  assert.instance(error, AuthorizationError);
  assert.is(error.message, 'nobody signed in within 90 s');
  assert.equal(await visit(`${listener.redirectUri}?code=a&state=s`), NOTHING, 'it is too late');

  const timely = listener.answer('t', settingsOf({ after, signInMs: 1_000 }));
  assert.equal(await visit(`${listener.redirectUri}?code=a&state=t`), DONE);
  await timely;
  assert.equal([waits, cancelled.at(-1)], [[89_700, 1_000], 1_000]);
});

test('the caller ends the wait, before it begins or later', async () => {
  const listener = await listenAt();
  const caller = new AbortController();
  let cancelled = 0;
  const settings = settingsOf({
    signal: caller.signal,
    after: () => () => {
      cancelled += 1;
    },
  });
  const answer = listener.answer('s', settings);
  const reason = new Error('interrupted');
  caller.abort(reason);
  assert.is(await refusalOf(answer), reason);
  assert.is(cancelled, 1);
  assert.equal(await visit(`${listener.redirectUri}?code=a&state=s`), NOTHING);
  assert.is(await refusalOf(listener.answer('s', settings)), reason);
  assert.is(cancelled, 1, 'it does not wait at all');
});

test('an answer that came leaves nothing at the signal of the caller', async () => {
  const listener = await listenAt();
  const { signal } = new AbortController();
  const answer = listener.answer('s', settingsOf({ signal }));
  assert.is(getEventListeners(signal, 'abort').length, 1);
  await visit(`${listener.redirectUri}?code=a&state=s`);
  await answer;
  assert.is(getEventListeners(signal, 'abort').length, 0);
});

test('once it is closed, nobody is answered', async () => {
  const listener = await openRedirectListener(undefined, undefined);
  await visit(listener.redirectUri);
  await within(listener.close(), 'the end');
  const error = await refusalOf(fetch(listener.redirectUri));
  assert.match(String((error.cause as NodeJS.ErrnoException).code), /ECONNREFUSED/);
});

test.run();
