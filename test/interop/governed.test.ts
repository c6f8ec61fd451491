/** Every tool of both governed servers, called by the official clients over HTTP. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { refusal, schemaProblems, textOf } from './expectations.js';
import { type Open, type Session, v1, v2 } from './sessions.js';

const test = suite('interop/governed');

const READONLY = ['postgres.readonly', 's3.list', 'jira.search', 'incidents.list', 'incidents.get'];
const DESTRUCTIVE = ['jira.create', 'incidents.ack'];

let running: Governed;
test.before(async () => {
  // A statement that is not stopped when it should be would hold up the next one for longer than a test waits.
  running = await startGoverned({ pageSize: 2, sqlDeadlineMs: 20_000 });
});
test.after(() => running.close());

const CLIENTS: { name: string; open: Open }[] = [
  { name: 'version 1', open: v1() },
  { name: 'version 2, legacy', open: v2('legacy') },
  { name: 'version 2, pinned', open: v2({ pin: '2026-07-28' }) },
  { name: 'version 2, automatic', open: v2('auto') },
];

for (const { name, open } of CLIENTS) {
  let reading: Session;
  let changing: Session;
  const check = (fact: string, run: () => Promise<void>): void => {
    test(`${name}: ${fact}`, run);
  };
  const read = async (tool: string, args: JsonObject): Promise<JsonObject> =>
    structured(await reading.call(tool, args));

  check('finds the tools of each server, and only those', async () => {
    reading = await open(running.readonly);
    changing = await open(running.destructive);
    const names = async ({ tools }: Session) => (await tools()).map((tool) => tool.name);
    assert.equal(await names(reading), READONLY);
    assert.equal(await names(changing), DESTRUCTIVE);
    assert.is(reading.traffic.results('tools/list').length, 3);
    assert.is(reading.serverName(), 'internal-readonly-mcp');
    assert.is(changing.serverName(), 'internal-destructive-mcp');
    assert.match((await refusal(reading.call('jira.create', {}))).message, /no such tool: jira\.create/);
    assert.match((await refusal(changing.call('s3.list', {}))).message, /no such tool: s3\.list/);
  });

  check('reads rows with postgres.readonly', async () => {
    const sql = 'select id, name, plan from customers order by id limit 3';
    const { columns, rows, truncated } = await read('postgres.readonly', { sql });
    assert.equal(pick(columns, 'name'), ['id', 'name', 'plan']);
    assert.is(list(rows).length, 3);
    assert.is(truncated, false);
  });

  check('cannot write with postgres.readonly', async () => {
    const count = async () =>
      list((await read('postgres.readonly', { sql: 'select count(*)::int from customers' })).rows)[0];
    const before = await count();
    for (const sql of [
      'delete from customers',
      'with gone as (delete from customers returning id) select * from gone',
      'select 1; drop table customers',
      "copy customers to program 'true'",
      "select set_config('transaction_read_only', 'off', false), pg_terminate_backend(0)",
    ]) {
      const result = await reading.call('postgres.readonly', { sql });
      assert.is(result.isError, true, sql);
      assert.is.not(textOf(result), '');
    }
    assert.equal(await count(), before);
    const typo = await reading.call('postgres.readonly', { sql: 'select nam from customers' });
    assert.is(typo.isError, true);
    assert.match(textOf(typo), /"nam" does not exist/);
  });

  check('pages through a bucket with s3.list', async () => {
    const level = await read('s3.list', { bucket: 'reports', delimiter: '/' });
    assert.equal(level.commonPrefixes, ['finance/', 'growth/', 'operations/']);
    const keys: unknown[] = [];
    let more: JsonObject = {};
    do {
      const page = await read('s3.list', { bucket: 'reports', maxKeys: 40, ...more });
      keys.push(...pick(page.objects, 'key'));
      more = page.isTruncated === true ? { continuationToken: page.nextContinuationToken } : {};
    } while (more.continuationToken !== undefined);
    assert.equal([keys.length, new Set(keys).size], [75, 75]);
  });

  check('searches issues with jira.search', async () => {
    const page = await read('jira.search', { jql: 'project = PAY ORDER BY created ASC', limit: 2 });
    assert.equal(pick(page.issues, 'project'), ['PAY', 'PAY']);
    assert.is(page.nextStartAt, 2);
    const wrong = await reading.call('jira.search', { jql: 'project = = PAY' });
    assert.is(wrong.isError, true);
    assert.match(textOf(wrong), /character \d+/);
  });

  check('lists incidents and gets one', async () => {
    const { incidents, total } = await read('incidents.list', { limit: 2 });
    const ids = pick(incidents, 'id');
    assert.is(ids.length, 2);
    assert.ok(Number(total) > 2);
    const { incident, events } = await read('incidents.get', { id: ids[0] });
    assert.is(isRecord(incident) && incident.id, ids[0]);
    assert.ok(list(events).length > 0);
  });

  check('creates an issue that the other server then finds', async () => {
    const summary = `Read the wire, ${name}: größer 🦀`;
    const args = { project: 'OPS', type: 'Task', summary, labels: ['interop'] };
    const { issue } = structured(await changing.call('jira.create', args));
    assert.ok(isRecord(issue));
    assert.equal([issue.summary, issue.status], [summary, 'To Do']);
    const { issues } = await read('jira.search', { jql: 'project = OPS AND labels = interop', limit: 100 });
    assert.ok(pick(issues, 'key').includes(issue.key));
  });

  check('acknowledges an incident once', async () => {
    const { incidents } = await read('incidents.list', { status: 'open', limit: 1 });
    const [id] = pick(incidents, 'id');
    const { incident } = structured(await changing.call('incidents.ack', { id, note: 'on it' }));
    assert.is(isRecord(incident) && incident.status, 'acknowledged');
    const again = await changing.call('incidents.ack', { id });
    assert.is(again.isError, true);
    assert.match(textOf(again), /already acknowledged/);
  });

  check('learns what is wrong with the arguments of each tool', async () => {
    for (const tool of READONLY) await misused(reading, tool);
    for (const tool of DESTRUCTIVE) await misused(changing, tool);
  });

  check('finds nothing to complain about, nor does the schema of its revision', async () => {
    for (const { traffic, errors, revision, close } of [reading, changing]) {
      const spoken = revision() ?? '';
      await close();
      assert.equal(errors, []);
      assert.ok(traffic.received.length > 5);
      assert.equal(schemaProblems(traffic, spoken), []);
    }
  });
}

// Each costs a new database process, so one client of each era has to do.
for (const [name, open] of [
  ['version 1', v1()],
  ['version 2, automatic', v2('auto')],
] as const) {
  test(`${name}: stops a long statement, after which others run and nothing written is lost`, async () => {
    const reading = await open(running.readonly);
    const leaving = new AbortController();
    const sql = 'select count(*) from generate_series(1, 10000000000)';
    const long = refusal(
      reading.call(
        'postgres.readonly',
        { sql },
        { signal: leaving.signal, onprogress: () => leaving.abort('enough') },
      ),
    );
    await long;
    const begun = performance.now();
    const { rows } = structured(
      await reading.call('postgres.readonly', { sql: 'select 6 * $1::int', params: [7] }),
    );
    assert.equal(rows, [[42]]);
    assert.ok(performance.now() - begun < 10_000);
    const { issues } = structured(await reading.call('jira.search', { jql: 'labels = interop' }));
    await reading.close();
    assert.is(list(issues).length, CLIENTS.length);
  });
}

async function misused({ call }: Session, tool: string): Promise<void> {
  const result = await call(tool, { nonsense: true });
  assert.is(result.isError, true, tool);
  assert.match(textOf(result), `the schema of ${tool}`);
}

function structured({ structuredContent, isError, content }: JsonObject): JsonObject {
  assert.not.ok(isError, JSON.stringify(content));
  assert.ok(isRecord(structuredContent));
  return structuredContent;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One member of each object of a list. */
function pick(items: unknown, key: string): unknown[] {
  return list(items).map((item) => (isRecord(item) ? item[key] : undefined));
}

test.run();
