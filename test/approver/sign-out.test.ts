/** Signing out of the approval pages or the registry's ends every copy of the session. */
import { request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import type { EndedSessionsState } from '../../src/pages/signin/session.js';
import { SESSION_HEADER } from '../../src/pages/signin/session.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { isRecord } from '../../src/wire/value.js';
import { RunningRegistry } from '../registry/running.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { NOW } from '../support/tokens.js';
import { until } from '../support/until.js';
import { csrfOf, openBench, signedIn, Visitor, wordsOf } from './bench.js';

const test = suite('approver/sign-out');
const now = (): Date => new Date(NOW * 1000);
const key = Buffer.alloc(32, 7);
const opened: SharedState[] = [];
const server = await startPostgres();
if (server === undefined) reportSkip('approver/sign-out', 'PostgreSQL is not installed here');
test.after(async () => {
  await Promise.all(opened.map((state) => state.close()));
  await server?.stop();
});

const postgres = (clock: () => Date): SharedState => {
  const state = createPostgresState({ url: server?.url ?? '', clock, onError: () => {} });
  opened.push(state);
  return state;
};
/** Two replicas with one state: the second must know what the first recorded. */
const STATES: [where: string, open: (clock: () => Date) => SharedState[]][] = [
  [
    'in memory',
    (clock) => {
      const state = createMemoryState(clock);
      return [state, state];
    },
  ],
];
if (server !== undefined)
  STATES.push(['in PostgreSQL, at another replica', (clock) => [postgres(clock), postgres(clock)]]);

/** Writes at one replica and reads at the other. */
function overTwo([writing, reading]: readonly SharedState[]): EndedSessionsState {
  if (writing === undefined || reading === undefined) throw new Error('two states are needed');
  return {
    get: (space, name) => reading.get(space, name),
    update: (space, name, step) => writing.update(space, name, step),
    watch: (space, listener) => reading.watch(space, listener),
  };
}

for (const [where, open] of STATES) {
  test(`a copied approver session decides nothing after its person has signed out (${where})`, async () => {
    const bench = await openBench({ state: overTwo(open(now)) });
    try {
      const { id } = bench.service.ask();
      const person = await signedIn(bench);
      const thief = new Visitor(bench);
      thief.session = person.session;
      const csrf = csrfOf(await thief.get(`/approvals/${id}`));
      assert.match(csrf, /./, 'the copy works as long as the session lasts');

      const signingOut = { csrf: csrfOf(await person.get('/approvals')) };
      assert.match(wordsOf(await person.post('/approvals/sign-out', signingOut)), /Signed out/);

      const page = await thief.get(`/approvals/${id}`);
      assert.equal([page.status, page.headers[SESSION_HEADER]], [403, 'none']);
      assert.not.match(page.text, /Read the wire/);
      const decision = await thief.post(`/approvals/${id}`, { csrf, verdict: 'approve', comment: '' });
      assert.equal([decision.status, decision.headers[SESSION_HEADER]], [403, 'none']);
      assert.is(bench.service.approvals.get(id)?.state, 'pending');
      assert.is((await thief.get('/approvals/events')).status, 403);

      const again = await signedIn(bench);
      assert.is((await again.get('/approvals')).status, 200, 'the person may sign in again');
    } finally {
      await bench.close();
    }
  });

  test(`the open page of a copied session is told nothing more after the sign-out (${where})`, async () => {
    const bench = await openBench({ state: overTwo(open(now)) });
    try {
      const person = await signedIn(bench);
      const headers = { [SESSION_HEADER]: person.session ?? '' };
      const stream = await fetch(`${bench.origin}/approvals/events`, { headers });
      assert.is(stream.status, 200);
      await person.post('/approvals/sign-out', { csrf: csrfOf(await person.get('/approvals')) });
      await stream.text(); // settles when the server ends the stream
    } finally {
      await bench.close();
    }
  });

  test(`a copied session changes nothing in the registry after its person has signed out (${where})`, async () => {
    const [writing, reading] = open(() => new Date());
    if (writing === undefined || reading === undefined) throw new Error('two states are needed');
    const state: SharedState = { ...writing, ...overTwo([writing, reading]), close: async () => {} };
    const registry = await RunningRegistry.open({ state });
    try {
      const session = await signInToRegistry(registry);
      const csrf = csrfIn(await (await ask(registry, '/', session)).text());
      assert.match(csrf, /./);
      assert.is((await post(registry, '/sign-out', { csrf }, session)).status, 200);
      const added = await post(registry, '/servers', { csrf, url: 'https://a.example' }, session);
      assert.equal([added.status, added.headers.get(SESSION_HEADER)], [403, 'none']);
      assert.is(csrfIn(await (await ask(registry, '/', session)).text()), '');
    } finally {
      await registry.close();
    }
  });
}

/** Sends all but the body of a form, and the body once `meanwhile` is done. Returns the status. */
function sendSlowly(url: string, session: string, fields: object, meanwhile: () => Promise<void>) {
  const body = new URLSearchParams({ ...fields }).toString();
  const headers = {
    [SESSION_HEADER]: session,
    origin: new URL(url).origin,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  };
  return new Promise<number | undefined>((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sending.on('error', reject);
    sending.flushHeaders();
    meanwhile().then(() => sending.end(body), reject);
  });
}

/** The sessions whose end it was asked about. */
function watched(state: SharedState) {
  const seen = { looks: 0 };
  const watching: SharedState = {
    ...state,
    get(space, name) {
      if (space === 'signed-out') seen.looks += 1;
      return state.get(space, name);
    },
  };
  return { watching, seen };
}

test('a form that a copied session began to send before the sign-out decides nothing when it ends', async () => {
  const { watching, seen } = watched(createMemoryState(now));
  const bench = await openBench({ state: watching });
  try {
    const { id } = bench.service.ask();
    const person = await signedIn(bench);
    const fields = { csrf: csrfOf(await person.get('/approvals')), verdict: 'approve', comment: '' };
    seen.looks = 0;
    const url = `${bench.origin}/approvals/${id}`;
    const status = await sendSlowly(url, person.session ?? '', fields, async () => {
      await until(async () => seen.looks > 0);
      await person.post('/approvals/sign-out', { csrf: fields.csrf });
    });
    assert.equal([status, bench.service.approvals.get(id)?.state], [403, 'pending']);
  } finally {
    await bench.close();
  }
});

test('a form that a copied session began to send to the registry before the sign-out changes nothing', async () => {
  const { watching, seen } = watched(createMemoryState(() => new Date()));
  const registry = await RunningRegistry.open({ state: watching });
  try {
    const session = await signInToRegistry(registry);
    const fields = {
      csrf: csrfIn(await (await ask(registry, '/', session)).text()),
      url: 'http://localhost:9',
    };
    seen.looks = 0;
    const status = await sendSlowly(`${registry.origin}/servers`, session, fields, async () => {
      await until(async () => seen.looks > 0);
      await post(registry, '/sign-out', { csrf: fields.csrf }, session);
    });
    const { body } = await registry.ask('GET', '/api/servers');
    assert.equal([status, body.total], [403, 0]);
  } finally {
    await registry.close();
  }
});

test('without the list of ended sessions nobody is signed in, and nothing is decided', async () => {
  let away = false;
  const state = createMemoryState(now);
  const failing: EndedSessionsState = {
    ...state,
    get: (space, name) => (away ? Promise.reject(new StateUnavailable('away')) : state.get(space, name)),
  };
  const bench = await openBench({ state: failing });
  try {
    const { id } = bench.service.ask();
    const person = await signedIn(bench);
    const csrf = csrfOf(await person.get('/approvals'));
    away = true;
    const decision = await person.post(`/approvals/${id}`, { csrf, verdict: 'approve', comment: '' });
    assert.is(decision.status, 503);
    assert.match(wordsOf(decision), /cannot reach its stored data, so nothing was done/);
    assert.is((await person.get(`/approvals/${id}`)).status, 503);
    assert.is(bench.service.approvals.get(id)?.state, 'pending');
    away = false;
    assert.is((await person.get(`/approvals/${id}`)).status, 200, 'the session is not lost by that');
  } finally {
    await bench.close();
  }
});

test('a sign-out that cannot be listed warns that a copy of the session still works', async () => {
  let away = false;
  const state = createMemoryState(now);
  const failing: EndedSessionsState = {
    ...state,
    update: (space, name, step) =>
      away ? Promise.reject(new StateUnavailable('away')) : state.update(space, name, step),
  };
  const bench = await openBench({ state: failing });
  try {
    const person = await signedIn(bench);
    const csrf = csrfOf(await person.get('/approvals'));
    away = true;
    const page = await person.post('/approvals/sign-out', { csrf });
    assert.is(page.status, 503);
    assert.match(wordsOf(page), /Signed out in this browser only .* a copy of it works until/);
  } finally {
    await bench.close();
  }
});

test('a session whose list was lost counts for nothing, although its keys are the same', async () => {
  let state = createMemoryState(now);
  const changing: EndedSessionsState = {
    get: (space, name) => state.get(space, name),
    update: (space, name, step) => state.update(space, name, step),
    watch: (space, listener) => state.watch(space, listener),
  };
  const bench = await openBench({ state: changing, sealer: createSealer([key], now) });
  try {
    const person = await signedIn(bench);
    assert.is((await person.get('/approvals')).status, 200);
    state = createMemoryState(now); // as after a restart
    assert.is((await person.get('/approvals')).status, 403);
    assert.is((await (await signedIn(bench)).get('/approvals')).status, 200);
  } finally {
    await bench.close();
  }
});

const csrfIn = (text: string): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';

const ask = ({ origin }: RunningRegistry, path: string, session: string): Promise<Response> =>
  fetch(`${origin}${path}`, { headers: { [SESSION_HEADER]: session } });

const post = (
  { origin }: RunningRegistry,
  path: string,
  fields: { [name: string]: string },
  session?: string,
): Promise<Response> =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { origin, ...(session === undefined ? {} : { [SESSION_HEADER]: session }) },
    body: new URLSearchParams(fields),
  });

async function signInToRegistry(registry: RunningRegistry): Promise<string> {
  const { issuer } = registry;
  issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
    body: {
      ...issuer.metadata,
      authorization_endpoint: `${issuer.origin}/authorize`,
      token_endpoint: `${issuer.origin}/token`,
    },
  }));
  issuer.routes.set('/token', () => ({ body: { token_type: 'Bearer', access_token: registry.token() } }));
  const leaving: unknown = await (await post(registry, '/sign-in', { to: '/' })).json();
  if (!isRecord(leaving)) throw new Error('expected an address to go to');
  const state = new URL(String(leaving.url)).searchParams.get('state') ?? '';
  const answer = String(new URLSearchParams({ code: 'code', state }));
  const back: unknown = await (
    await post(registry, '/callback', { answer, begun: String(leaving.begun) })
  ).json();
  return isRecord(back) ? String(back.session) : '';
}

test.run();
