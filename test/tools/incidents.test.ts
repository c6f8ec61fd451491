import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { incidentsAck } from '../../src/demo/tools/incidents-ack.js';
import { incidentsGet } from '../../src/demo/tools/incidents-get.js';
import { incidentsList } from '../../src/demo/tools/incidents-list.js';
import type { Tool } from '../../src/wire/mcp/definitions.js';
import { call, misfit, refusal } from './call.js';
import { openDemo } from './demo.js';

type Incident = { id: string; status: string; severity: string; service: string; openedAt: string };
type List = { incidents: Incident[]; total: number };
type Whole = {
  incident: Incident;
  onCallNow: { email: string; until: string } | null;
  onCallWhenOpened: { email: string } | null;
  events: { at: string; kind: string; detail: string }[];
};

const test = suite('tools/incidents');
const NOW = new Date('2026-02-15T12:00:00Z');
const clock = (): Date => NOW;
let db: Database;
let close: () => Promise<void>;

test.before(async () => {
  ({ db, close } = await openDemo());
  await db.run(
    `insert into demo.employees (id, name, email, title, team) values
    (9001, 'Zoë Quill', 'zoe@example.com', 'Engineer', 'Tests'), (9002, 'Yan', 'yan@example.com', 'Engineer', 'Tests')`,
    [],
  );
  await db.run(`insert into demo.services (id, name, team, tier) values (9001, 'zed-api', 'Tests', 1)`, []);
  await db.run(
    `insert into demo.on_call (id, service_id, employee_id, starts_at, ends_at) values
    (9001, 9001, 9001, '2026-02-08T00:00Z', '2026-02-15T00:00Z'),
    (9002, 9001, 9002, '2026-02-15T00:00Z', '2026-02-22T00:00Z')`,
    [],
  );
  await db.run(
    `insert into demo.incidents (id, service_id, title, summary, severity, status, opened_at,
      acknowledged_at, acknowledged_by, resolved_at) values
    ('INC-9001', 9001, 'Old', 'Was slow', 'SEV3', 'resolved', '2026-02-09T00:00Z', '2026-02-09T00:05Z', 'ana', '2026-02-09T01:00Z'),
    ('INC-9002', 9001, 'Taken', 'Is slow', 'SEV2', 'acknowledged', '2026-02-14T00:00Z', '2026-02-14T00:05Z', 'ben', null),
    ('INC-9003', 9001, 'New', 'Is down', 'SEV1', 'open', '2026-02-15T11:00Z', null, null, null),
    ('INC-9004', 9001, 'Newer', 'Is down too', 'SEV1', 'open', '2026-02-15T11:30Z', null, null, null),
    ('INC-9005', 9001, 'By itself', 'Went away', 'SEV4', 'resolved', '2026-01-01T00:00Z', null, null, '2026-01-01T00:01Z')`,
    [],
  );
  await db.run(
    `insert into demo.incident_events (incident_id, at, kind, detail) values
    ('INC-9001', '2026-02-09T01:00Z', 'resolved', 'Cache warmed'),
    ('INC-9001', '2026-02-09T00:00Z', 'opened', 'Alert fired')`,
    [],
  );
});
test.after(() => close());

test('statements take their turns for the tenant of an issuer, and not for its name, which two issuers may use', async () => {
  let isAsked = false;
  const tool = incidentsList({ db });
  const handler: Tool['handler'] = async (args, context) =>
    tool.handler(
      args,
      Object.defineProperties(context, {
        tenant: {
          get(): never {
            throw new Error('the name of a tenant is for people');
          },
        },
        tenantKey: {
          get() {
            isAsked = true;
            return 'acme of one issuer';
          },
        },
      }),
    );
  await call({ ...tool, handler }, {});
  assert.ok(isAsked);
});

async function list(args: { [key: string]: unknown } = {}): Promise<List> {
  return (await call(incidentsList({ db }), args)) as List;
}

async function get(id: string): Promise<Whole> {
  return (await call(incidentsGet({ db, clock }), { id })) as Whole;
}

const ids = ({ incidents }: List): string => incidents.map(({ id }) => id.slice(-1)).join(' ');

test('lists the newest first', async () => {
  assert.is(ids(await list({ service: 'zed-api' })), '4 3 2 1 5');
  const times = (await list()).incidents.map(({ openedAt }) => openedAt);
  assert.equal(times, [...times].sort().reverse());
});
test('filters narrow the list together', async () => {
  assert.is(ids(await list({ service: 'zed-api', status: 'open' })), '4 3');
  assert.is(ids(await list({ service: 'zed-api', status: 'resolved', severity: 'SEV4' })), '5');
  assert.equal(await list({ service: 'zed-api', status: 'open', severity: 'SEV2' }), {
    incidents: [],
    total: 0,
  });
  for (const { status, severity } of (await list({ status: 'resolved', severity: 'SEV2' })).incidents) {
    assert.equal([status, severity], ['resolved', 'SEV2']);
  }
});
test('the limit shortens the list and leaves the total', async () => {
  const page = await list({ service: 'zed-api', limit: 2 });
  assert.is(ids(page), '4 3');
  assert.is(page.total, 5);
});
test('the list counts all there are', async () => {
  const { rows } = await db.run('select count(*)::int from demo.incidents', []);
  assert.is((await list()).total, rows[0]?.[0]);
});
test('an unknown service is answered with those there are', async () => {
  const message = await refusal(incidentsList({ db }), { service: `x' or true --` });
  assert.match(message, /^there is no service "x' or true --"; use one of .*zed-api/);
});

test('shows an incident with its events in order', async () => {
  const { incident, events } = await get('INC-9001');
  assert.equal(incident, {
    id: 'INC-9001',
    service: 'zed-api',
    title: 'Old',
    summary: 'Was slow',
    severity: 'SEV3',
    status: 'resolved',
    openedAt: '2026-02-09T00:00:00Z',
    acknowledgedAt: '2026-02-09T00:05:00Z',
    acknowledgedBy: 'ana',
    resolvedAt: '2026-02-09T01:00:00Z',
  });
  assert.equal(events, [
    { at: '2026-02-09T00:00:00Z', kind: 'opened', detail: 'Alert fired' },
    { at: '2026-02-09T01:00:00Z', kind: 'resolved', detail: 'Cache warmed' },
  ]);
});
test('tells who is on call now and who was when it was opened', async () => {
  const { onCallNow, onCallWhenOpened } = await get('INC-9001');
  assert.equal(onCallNow, { name: 'Yan', email: 'yan@example.com', until: '2026-02-22T00:00:00Z' });
  assert.is(onCallWhenOpened?.email, 'zoe@example.com');
  assert.is((await get('INC-9005')).onCallWhenOpened, null);
});
test('a shift ends the moment the next begins', async () => {
  const at = (time: string) => call(incidentsGet({ db, clock: () => new Date(time) }), { id: 'INC-9001' });
  assert.is(((await at('2026-02-15T00:00:00Z')) as Whole).onCallNow?.email, 'yan@example.com');
  assert.is(((await at('2026-02-14T23:59:59Z')) as Whole).onCallNow?.email, 'zoe@example.com');
  assert.is(((await at('2026-02-22T00:00:00Z')) as Whole).onCallNow, null);
});
test('shows every incident of the demonstration', async () => {
  for (const { id } of (await list({ limit: 100 })).incidents) assert.is((await get(id)).incident.id, id);
});
test('an unknown incident is refused by both tools that take one', async () => {
  const message = 'there is no incident "INC-1"; incidents.list shows those there are';
  assert.is(await refusal(incidentsGet({ db, clock }), { id: 'INC-1' }), message);
  assert.is(await refusal(incidentsAck({ db, clock }), { id: 'INC-1' }), message);
});

test('acknowledges an open incident and records who, when and why', async () => {
  const answer = (await call(incidentsAck({ db, clock, by: 'ana' }), {
    id: 'INC-9003',
    note: 'On it.',
  })) as Whole;
  assert.equal(answer.incident, {
    ...(await get('INC-9003')).incident,
    status: 'acknowledged',
    acknowledgedAt: '2026-02-15T12:00:00Z',
    acknowledgedBy: 'ana',
    resolvedAt: null,
  });
  assert.equal((await get('INC-9003')).events, [
    { at: '2026-02-15T12:00:00Z', kind: 'acknowledged', detail: 'Taken by ana. On it.' },
  ]);
});
test('of 10 callers at once exactly one acknowledges, and one event is recorded', async () => {
  const attempts = Array.from({ length: 10 }, (_, n) =>
    call(incidentsAck({ db, clock, by: `caller-${n}` }), { id: 'INC-9004' }).then(
      () => `caller-${n}`,
      (error: Error) => error.message,
    ),
  );
  const outcomes = await Promise.all(attempts);
  const winners = outcomes.filter((outcome) => outcome.startsWith('caller-'));
  assert.is(winners.length, 1);
  const told = `INC-9004 is already acknowledged by ${winners[0]} at 2026-02-15T12:00:00Z`;
  assert.equal(outcomes.filter((outcome) => outcome === told).length, 9);
  assert.equal(
    (await get('INC-9004')).events.map(({ detail }) => detail),
    [`Taken by ${winners[0]}.`],
  );
});
test('says who was first, and when', async () => {
  const tool = incidentsAck({ db, clock });
  assert.is(
    await refusal(tool, { id: 'INC-9002' }),
    'INC-9002 is already acknowledged by ben at 2026-02-14T00:05:00Z',
  );
  assert.is(
    await refusal(tool, { id: 'INC-9001' }),
    'INC-9001 was resolved at 2026-02-09T01:00:00Z, after it was acknowledged by ana at 2026-02-09T00:05:00Z',
  );
  assert.is(await refusal(tool, { id: 'INC-9005' }), 'INC-9005 was resolved at 2026-01-01T00:01:00Z');
});
test('a refused acknowledgement changes nothing', async () => {
  const before = await get('INC-9002');
  await refusal(incidentsAck({ db, clock }), { id: 'INC-9002', note: 'me too' });
  assert.equal(await get('INC-9002'), before);
});

test('the schemas keep arguments in bounds', () => {
  for (const tool of [incidentsGet({ db, clock }), incidentsAck({ db, clock })]) {
    assert.is(misfit(tool, { id: 'INC-1001' }), undefined);
    for (const id of ['inc-1', 'INC-', 'INC-1 ', "INC-1'", 'INC-1\n']) assert.is(misfit(tool, { id }), '/id');
  }
  assert.is(misfit(incidentsList({ db }), {}), undefined);
  assert.is(misfit(incidentsList({ db }), { status: 'closed' }), '/status');
  assert.is(misfit(incidentsList({ db }), { severity: 'SEV5' }), '/severity');
  assert.is(misfit(incidentsList({ db }), { limit: 0 }), '/limit');
  assert.is(misfit(incidentsAck({ db, clock }), { id: 'INC-1', note: '' }), '/note');
  assert.is(misfit(incidentsAck({ db, clock }), { id: 'INC-1', note: 'a\0' }), '/note');
});
test('the hints say: acknowledging overwrites, and once more changes nothing', () => {
  const { destructive, annotations } = incidentsAck({ db, clock });
  assert.equal(
    [destructive, annotations?.destructiveHint, annotations?.idempotentHint, annotations?.readOnlyHint],
    [true, true, true, false],
  );
});

test.run();
