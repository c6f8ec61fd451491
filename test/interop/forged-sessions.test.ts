/**
 * A readonly replica with the keys for requestState forges sessions of any person and presents them to the approval pages and the
 * registry's. In one process, and over a real PostgreSQL.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../src/app/settings/config.js';
import { deriveKeys } from '../../src/oauth/derived-keys.js';
import {
  createSealedValue,
  NO_SESSION,
  newSession,
  SESSION_HEADER,
  type Session,
} from '../../src/pages/signin/session.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { modernCall } from '../http/wire.js';
import { ApproverPerson } from '../support/approver.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { tokenFor } from '../support/person.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';

const test = suite('interop/forged-sessions');

const STATE_KEY = randomBytes(32);
const stateKeys = [STATE_KEY.toString('base64url')];

/**
 * The name of the list of ended sessions, which each session carries. Anybody who can write to the database can choose it. In one
 * process nobody else knows it, so there it protects as well as the keys do.
 */
async function chooseList(resource: string, connectionString?: string): Promise<string> {
  const list = { name: 'forged', until: Date.now() + 3_600_000 };
  if (connectionString === undefined) return list.name;
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO barewire.state (space, key, value, expires_at) VALUES ('signed-out-list', $1, $2, $3)`,
      [resource, JSON.stringify(list), list.until],
    );
  } finally {
    await client.end();
  }
  return list.name;
}

/** A session of the-ceo, sealed with each key that can be derived from the state keys. */
async function forgeries(
  issuer: string,
  resource: string,
  list: string,
): Promise<{ sealed: string[]; csrf: string }> {
  const now = new Date();
  const ceo = { issuer, user: 'the-ceo', tenant: 'demo', clientId: 'barewire-approvals', scopes: [] };
  const principal = { ...ceo, approvedAt: undefined, expiresAt: undefined };
  const session = newSession(principal, now.getTime() + 60_000, list);
  const purposes = [
    'request-state',
    'approver-sessions',
    'approval-records',
    'approval-arguments',
    'registry-sessions',
  ] as const;
  const keys = [STATE_KEY, ...purposes.flatMap((purpose) => deriveKeys([STATE_KEY], purpose, resource))];
  const sealed = keys.map((key) => {
    const sealer = createSealer([key], () => now);
    return createSealedValue<Session>('session', { resource, sealer }).seal(session, 60_000);
  });
  return { sealed: await Promise.all(sealed), csrf: session.csrf };
}

type Waiting = { page: string; call: () => Promise<Response> };

/** A call of a program that waits for somebody's approval. */
async function waitingCall({ addresses }: Governed, summary: string): Promise<Waiting> {
  const { authserver: issuer = '', destructive: resource = '' } = addresses;
  const token = await tokenFor({ issuer, resource, scope: 'jira:write' });
  const { body, headers } = modernCall('jira.create', {}, 1, { project: 'OPS', type: 'Task', summary });
  const sent = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call = () => fetch(resource, { method: 'POST', headers: sent, body });
  const refused = (await (await call()).json()) as { error: { data: { approval: { url: string } } } };
  return { page: refused.error.data.approval.url, call };
}

function post(url: string, session: string, fields: { [name: string]: string }): Promise<Response> {
  const headers = { [SESSION_HEADER]: session, origin: new URL(url).origin };
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });
}

async function approvesNothing(running: Governed, database?: string): Promise<void> {
  const { authserver: issuer = '', destructive = '' } = running.addresses;
  const { page, call } = await waitingCall(running, `Forged ${running.addresses.destructive}`);
  const { sealed, csrf } = await forgeries(issuer, destructive, await chooseList(destructive, database));
  for (const session of sealed) {
    const opened = await fetch(page, { headers: { [SESSION_HEADER]: session } });
    assert.is(opened.headers.get(SESSION_HEADER), NO_SESSION, 'the script of the page signs the person in');
    assert.not.match(await opened.text(), /the-ceo|Forged/);
    const decided = await post(page, session, { csrf, verdict: 'approve' });
    assert.is(decided.status, 403);
  }
  assert.is((await call()).status, 403);
  const steps = (await running.records('destructive')).filter(({ kind }) => kind === 'approval');
  assert.equal(new Set(steps.map(({ outcome }) => outcome)), new Set(['asked']));
  // The same page and button work for a person who has signed in.
  await new ApproverPerson(new URL(destructive).origin, issuer).decide(page);
  assert.is((await call()).status, 200);
}

async function switchesNothing({ addresses }: Governed, database?: string): Promise<void> {
  const { authserver: issuer = '', registry = '' } = addresses;
  const name = 'internal-destructive-mcp';
  const entry = `${registry}/servers/${name}`;
  await until(async () => (await fetch(entry)).status === 200);
  const { sealed, csrf } = await forgeries(issuer, registry, await chooseList(registry, database));
  for (const session of sealed) {
    const opened = await fetch(entry, { headers: { [SESSION_HEADER]: session } });
    assert.not.match(await opened.text(), /the-ceo/);
    const switched = await post(`${entry}/switch`, session, { csrf, enabled: 'false', reason: 'forged' });
    assert.is(switched.status, 403);
  }
  assert.not.match(await (await fetch(entry)).text(), /forged|the-ceo/);
}

const place = new Map<string, Partial<Config>>([['in one process', {}]]);
const postgres: PostgresServer | undefined = await startPostgres();
if (postgres === undefined) reportSkip('interop/forged-sessions', 'PostgreSQL is not installed here');
else place.set('over PostgreSQL', { databaseUrl: postgres.url });
test.after(() => postgres?.stop());

for (const [where, config] of place) {
  test(`${where}, the state keys make no approver: they open no approval page and approve no call`, async () => {
    const running = await startGoverned({ ...config, stateKeys });
    try {
      await approvesNothing(running, config.databaseUrl);
    } finally {
      await running.close();
    }
  });
  test(`${where}, the state keys sign nobody in to the registry: they switch nothing off there`, async () => {
    const running = await startGoverned({ ...config, stateKeys });
    try {
      await switchesNothing(running, config.databaseUrl);
    } finally {
      await running.close();
    }
  });
}

test.run();
