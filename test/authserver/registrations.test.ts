/** How many clients strangers may register, and which are dropped when there are too many. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRegistrations } from '../../src/services/authserver/registrations.js';
import { authorize } from '../support/person.js';
import {
  type Answer,
  authorizationUrl,
  pkce,
  READONLY,
  type Running,
  read,
  register,
  run,
} from './running.js';

const test = suite('authserver/registrations');

const SCOPE = 'postgres:query:readonly';
const METADATA = { redirect_uris: ['http://127.0.0.1:9/callback'], grant_types: ['authorization_code'] };

async function tryRegister({ issuer }: Running, origin?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) };
  const body = JSON.stringify(METADATA);
  return read(await fetch(`${issuer}/register`, { method: 'POST', headers, body }));
}

/** The address that a person reaches after signing in for this client. */
async function signInFor({ issuer }: Running, client: string): Promise<string> {
  return authorize(authorizationUrl(issuer, client, pkce(), { scope: SCOPE, resource: READONLY }));
}

test('5,100 registrations evict no client: not one in use, nor one whose person is about to sign in', async () => {
  const server = await run();
  try {
    const inUse = await register(server.issuer);
    assert.match(await signInFor(server, inUse), /[?&]code=/);
    const aboutTo = await register(server.issuer);
    const statuses = new Map<number, number>();
    let last: Answer | undefined;
    let left = 5_100;
    const flood = Array.from({ length: 20 }, async () => {
      while (left-- > 0) {
        last = await tryRegister(server);
        statuses.set(last.status, (statuses.get(last.status) ?? 0) + 1);
      }
    });
    await Promise.all(flood);
    assert.equal(Object.fromEntries(statuses), { 201: 199, 429: 4_901 });
    assert.equal(last?.body, {
      error: 'temporarily_unavailable',
      error_description:
        '200 unused clients of this source are registered; try again when one of them is used or 15 minutes old',
    });
    assert.is(last?.headers.get('retry-after'), '60');
    for (const client of [inUse, aboutTo]) assert.match(await signInFor(server, client), /[?&]code=/);
    const page = await tryRegister(server, 'http://localhost:6274');
    assert.is(page.status, 201, 'the pages of an origin are another source');
    assert.is(page.headers.get('access-control-allow-origin'), 'http://localhost:6274');
    assert.is((await tryRegister(server)).status, 201, 'a client that is used makes room for another');
    assert.is((await tryRegister(server)).status, 429);
  } finally {
    await server.close();
  }
});

test('a slash at the end gets around no limit, and admits no page of another machine', async () => {
  const { issuer, close } = await run();
  try {
    const body = JSON.stringify(METADATA);
    const headers = { 'content-type': 'application/json', origin: 'https://elsewhere.example' };
    for (const path of ['/register', '/register/', '/register//', '/register/?a']) {
      const response = await fetch(`${issuer}${path}`, { method: 'POST', headers, body });
      await response.body?.cancel();
      assert.is(response.status, path === '/register' ? 403 : 404, path);
    }
    const { search: query } = new URL(
      authorizationUrl(issuer, 'demo', pkce(), { response_mode: 'form_post' }),
    );
    for (const path of ['/authorize', '/authorize/']) {
      const response = await fetch(`${issuer}${path}${query}`, { redirect: 'manual' });
      assert.is(response.status, path === '/authorize' ? 400 : 404, path);
      assert.match(await response.text(), path === '/authorize' ? /response modes/ : /no such page/);
    }
  } finally {
    await close();
  }
});

test('a registration that fails takes no place', async () => {
  const server = await run();
  try {
    const odd = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"redirect_uris":[1]}',
    };
    for (let at = 0; at < 210; at += 1) {
      const response = await fetch(`${server.issuer}/register`, odd);
      assert.is(response.status, 400);
      await response.body?.cancel();
    }
    assert.is((await tryRegister(server)).status, 201);
  } finally {
    await server.close();
  }
});

function clients() {
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') };
  const dropped: string[] = [];
  const registrations = createRegistrations(
    () => new Date(clock.ms),
    (id) => void dropped.push(id),
  );
  /** The refusal, if there is one. */
  const add = (id: string, source = 'a program') => registrations.add(id, source);
  const addMany = (from: number, to: number, source?: string): void => {
    for (let at = from; at < to; at += 1) assert.is(add(`c${at}`, source), undefined);
  };
  return { ...registrations, clock, dropped, add, addMany };
}

test('an unused client is dropped once it is 15 minutes old and another needs its place, the oldest first', () => {
  const { add, addMany, clock, dropped } = clients();
  addMany(0, 200);
  clock.ms += 15 * 60_000 - 1;
  assert.match(add('early') ?? '', /^200 unused clients of this source/);
  assert.equal(dropped, []);
  clock.ms += 1;
  assert.is(add('late'), undefined);
  assert.equal(dropped, ['c0']);
});

test('a client in use is never dropped', () => {
  const { add, addMany, use, clock, dropped } = clients();
  addMany(0, 200);
  for (let at = 0; at < 200; at += 1) use(`c${at}`);
  clock.ms += 86_400_000;
  addMany(200, 400);
  clock.ms += 86_400_000;
  assert.is(add('another'), undefined);
  assert.equal(dropped, ['c200']);
});

test('at most 1,000 unused clients and 4,000 clients altogether are kept over all sources', () => {
  const { add, addMany, use, clock, dropped } = clients();
  for (let source = 0; source < 5; source += 1)
    addMany(source * 200, (source + 1) * 200, `http://localhost:${source}`);
  assert.match(add('another', 'http://localhost:9') ?? '', /^1000 unused clients are registered/);
  for (let at = 0; at < 1_000; at += 1) use(`c${at}`);
  for (let at = 1_000; at < 4_000; at += 1) {
    assert.is(add(`c${at}`), undefined);
    use(`c${at}`);
  }
  clock.ms += 86_400_000;
  assert.match(add('another') ?? '', /^4000 clients are registered, 4000 of them in use; .* started again$/);
  assert.equal(dropped, []);
});

test.run();
