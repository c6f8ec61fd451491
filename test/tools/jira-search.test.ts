import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { jiraSearch } from '../../src/demo/tools/jira-search.js';
import { call, misfit, refusal } from './call.js';
import { openDemo } from './demo.js';

type Issue = { key: string; createdAt: string; priority: string; assignee: unknown };
type Page = { issues: Issue[]; total: number; startAt: number; nextStartAt?: number };

const test = suite('tools/jira-search');
const NOW = new Date('2026-02-15T12:00:00Z');
const clock = (): Date => NOW;
let db: Database;
let close: () => Promise<void>;

// A project of our own, so that each answer is known to the last key.
const ISSUES = `insert into demo.issues (key, project_key, number, type, summary, description, status, priority,
    assignee_id, reporter_id, labels, created_at, updated_at) values
  ('ZED-1', 'ZED', 1, 'Bug', 'Refund is booked twice', 'Bank answers LATE', 'To Do', 'Highest', 9001, 9002, '{refunds,bank}', '2026-01-01T00:00Z', '2026-02-15T11:00Z'),
  ('ZED-2', 'ZED', 2, 'Task', '100% of refunds_total', '', 'In Progress', 'High', 9002, 9002, '{refunds}', '2026-02-01T00:00Z', '2026-02-14T11:00Z'),
  ('ZED-3', 'ZED', 3, 'Story', '1000 of refundsXtotal', 'back\\slash', 'In Review', 'Medium', null, 9001, '{}', '2026-02-08T12:00Z', '2026-02-13T11:00Z'),
  ('ZED-4', 'ZED', 4, 'Epic', 'Quarter''s plan', 'plain', 'Done', 'Low', null, 9001, '{plan}', '2026-02-10T00:00Z', '2026-02-12T11:00Z'),
  ('ZED-10', 'ZED', 10, 'Bug', 'Zebra stripes', 'plain', 'Done', 'Lowest', 9001, 9001, '{bank,ui}', '2026-02-15T10:00Z', '2026-02-15T10:00Z')`;

test.before(async () => {
  ({ db, close } = await openDemo());
  await db.run(
    `insert into demo.employees (id, name, email, title, team) values
      (9001, 'Zoë Quill', 'zoe.quill@example.com', 'Engineer', 'Tests'),
      (9002, 'Yan O''Neil', 'yan@example.com', 'Engineer', 'Tests')`,
    [],
  );
  await db.run(
    `insert into demo.projects (key, name, lead_id, next_number) values ('ZED', 'Zed Works', 9001, 11)`,
    [],
  );
  await db.run(ISSUES, []);
  await db.run(
    `insert into demo.issue_comments (id, issue_key, author_id, body, created_at)
      select coalesce(max(id), 0) + 1, 'ZED-4', 9001, 'the walrus agrees', '2026-02-11T00:00Z'::timestamptz from demo.issue_comments`,
    [],
  );
});
test.after(() => close());

async function search(jql: string, more: { [key: string]: unknown } = {}): Promise<Page> {
  return (await call(jiraSearch({ db, clock }), { jql, ...more })) as Page;
}

/** The numbers of the issues of ZED that match, in key order unless the query has its own. */
async function zed(condition: string, order = 'key'): Promise<string> {
  const page = await search(`project = ZED AND (${condition}) ORDER BY ${order}`);
  return page.issues.map(({ key }) => key.replace('ZED-', '')).join(' ');
}

const ANSWERS: [condition: string, numbers: string][] = [
  ['project = zed', '1 2 3 4 10'],
  ['project = "zed works"', '1 2 3 4 10'],
  ['project != ZED', ''],
  ['project NOT IN (PAY, CORE)', '1 2 3 4 10'],
  ['key = zed-10', '10'],
  ['key != ZED-10', '1 2 3 4'],
  ['key IN (ZED-1, ZED-4, ZED-999)', '1 4'],
  ['type = bug', '1 10'],
  ['issuetype IN (Task, Story)', '2 3'],
  ['type NOT IN (Bug, Epic)', '2 3'],
  ['status = "in review"', '3'],
  ['status != Done', '1 2 3'],
  ['priority = highest', '1'],
  ['priority > Medium', '1 2'],
  ['priority >= Medium', '1 2 3'],
  ['priority < Medium', '4 10'],
  ['priority <= Medium', '3 4 10'],
  ['assignee = zoe.quill@EXAMPLE.com', '1 10'],
  ['assignee = "Zoë Quill"', '1 10'],
  ['assignee = "yan o\'neil"', '2'],
  ['assignee IN (yan@example.com, "zoë quill")', '1 2 10'],
  ['assignee IS EMPTY', '3 4'],
  ['assignee IS NOT EMPTY', '1 2 10'],
  ['reporter = yan@example.com', '1 2'],
  ['reporter NOT IN (yan@example.com)', '3 4 10'],
  ['labels = refunds', '1 2'],
  ['labels IN (ui, plan)', '4 10'],
  ['labels IS EMPTY', '3'],
  ['labels IS NOT EMPTY', '1 2 4 10'],
  ['summary ~ REFUND', '1 2 3'],
  ['summary ~ "twice refund"', '1'],
  ['summary !~ refund', '4 10'],
  ['summary ~ "quarter\'s"', '4'],
  ['description ~ late', '1'],
  ['description IS EMPTY', '2'],
  ['description IS NOT EMPTY', '1 3 4 10'],
  ['text ~ walrus', '4'],
  ['text ~ "plan walrus"', '4'],
  ['text !~ plain', '1 2 3'],
  ['created >= -7d', '3 4 10'],
  ['created > -7d', '4 10'],
  ['created < 2026-02-01', '1'],
  ['created <= "2026-02-01 00:00"', '1 2'],
  ['updated >= -4h', '1 10'],
  ['type = Bug AND status = Done OR type = Epic', '4 10'],
  ['type = Bug AND (status = Done OR type = Epic)', '10'],
  ['NOT type = Bug', '2 3 4'],
  ['NOT (type = Bug OR status = Done)', '2 3'],
];
for (const [condition, numbers] of ANSWERS) {
  test(`finds ${condition}`, async () => assert.is(await zed(condition), numbers));
}
test('like Jira, a comparison leaves out issues whose field is empty', async () => {
  assert.is(await zed('assignee != yan@example.com'), '1 10');
  assert.is(await zed('NOT assignee = yan@example.com'), '1 10');
  assert.is(await zed('labels != refunds'), '4 10');
  assert.is(await zed('labels NOT IN (refunds, ui)'), '4');
  assert.is(await zed('description !~ plain'), '1 3');
});

const ORDERS: [order: string, numbers: string][] = [
  ['key DESC', '10 4 3 2 1'],
  ['priority', '10 4 3 2 1'],
  ['priority DESC', '1 2 3 4 10'],
  ['status DESC, key DESC', '10 4 3 2 1'],
  ['type, key', '1 10 4 3 2'],
  ['summary', '2 3 4 1 10'],
  ['assignee, key', '2 1 10 3 4'],
  ['reporter DESC, created DESC', '10 4 3 2 1'],
  ['updated', '4 3 2 10 1'],
  ['project, created', '1 2 3 4 10'],
];
for (const [order, numbers] of ORDERS) {
  test(`orders by ${order}`, async () => assert.is(await zed('project = ZED', order), numbers));
}

test('shows a complete issue', async () => {
  const { issues, total, startAt } = await search('key = ZED-1');
  assert.equal([total, startAt], [1, 0]);
  assert.equal(issues, [
    {
      key: 'ZED-1',
      project: 'ZED',
      type: 'Bug',
      summary: 'Refund is booked twice',
      status: 'To Do',
      priority: 'Highest',
      assignee: { name: 'Zoë Quill', email: 'zoe.quill@example.com' },
      reporter: { name: "Yan O'Neil", email: 'yan@example.com' },
      labels: ['refunds', 'bank'],
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-02-15T11:00:00Z',
    },
  ]);
});
test('a wildcard of LIKE is an ordinary character', async () => {
  assert.is(await zed('summary ~ "100%"'), '2');
  assert.is(await zed('summary ~ "refunds_total"'), '2');
  assert.is(await zed('summary ~ "%"'), '2');
  assert.is(await zed('description ~ "back\\\\slash"'), '3');
});

const INJECTIONS = [
  `' OR '1'='1`,
  `x'; drop table demo.issues; --`,
  `") OR 1=1 --`,
  `$1`,
  `$1::text) or true --`,
  `\\'; delete from demo.issues; --`,
  `{refunds}`,
  `"},{"`,
  `%`,
  `/* */`,
];
for (const evil of INJECTIONS) {
  test(`takes ${evil} for text, not for SQL`, async () => {
    const quoted = `"${evil.replace(/[\\"]/g, '\\$&')}"`;
    assert.is(await zed(`labels = ${quoted}`), '');
    assert.is(await zed(`labels != ${quoted}`), '1 2 4 10');
    assert.match(
      await refusal(jiraSearch({ db, clock }), { jql: `project = ${quoted}` }),
      `no project "${evil}"`,
    );
    assert.match(await refusal(jiraSearch({ db, clock }), { jql: `assignee = ${quoted}` }), `name "${evil}"`);
    assert.is(await zed('project = ZED'), '1 2 3 4 10');
  });
}

test('says what it does not understand, and where', async () => {
  assert.is(
    await refusal(jiraSearch({ db, clock }), { jql: 'project = ZED AND status = Closed' }),
    'JQL, character 28: expected one of "To Do", "In Progress", "In Review", Done, received "Closed"',
  );
});
test('an unknown project or person is refused rather than read as no issues', async () => {
  const tool = jiraSearch({ db, clock });
  assert.is(
    await refusal(tool, { jql: 'type = Bug AND project IN (PAY, NOPE)' }),
    'JQL, character 33: there is no project "NOPE"; use one of CORE, DATA, OPS, PAY, WEB, ZED',
  );
  assert.is(
    await refusal(tool, { jql: 'NOT (type = Bug OR assignee = nobody@example.com)' }),
    'JQL, character 31: no employee has the e-mail address or name "nobody@example.com"',
  );
});

test('pages hold each issue exactly once, whatever ties the order has', async () => {
  const seen: string[] = [];
  let pages = 0;
  let next: number | undefined = 0;
  let total = 0;
  while (next !== undefined && pages < 20) {
    const page: Page = await search('project != ZED ORDER BY status', { limit: 100, startAt: next });
    seen.push(...page.issues.map(({ key }) => key));
    ({ nextStartAt: next, total } = page);
    pages += 1;
  }
  assert.ok(pages > 1);
  assert.is(seen.length, total);
  assert.is(new Set(seen).size, total);
  const { rows } = await db.run(`select count(*)::int from demo.issues where project_key <> 'ZED'`, []);
  assert.is(rows[0]?.[0], total);
});
test('the total stays true beyond the last page', async () => {
  const page = await search('project = ZED', { startAt: 99 });
  assert.equal(page, { issues: [], total: 5, startAt: 99 });
});
test('the last page names no next one, a full page before it does', async () => {
  assert.is((await search('project = ZED', { limit: 5 })).nextStartAt, undefined);
  assert.is((await search('project = ZED', { limit: 4 })).nextStartAt, 4);
});
test('without an order the newest come first, 20 of them', async () => {
  const { issues, total } = await search('');
  const times = issues.map(({ createdAt }) => createdAt);
  assert.equal(times, [...times].sort().reverse());
  assert.is(issues.length, 20);
  const { rows } = await db.run('select count(*)::int from demo.issues', []);
  assert.is(rows[0]?.[0], total);
});
test('the largest query that is allowed answers long before the deadline of a tool', async () => {
  const jql = Array(10)
    .fill(`text !~ "${'e '.repeat(19)}zq"`)
    .join(' AND ');
  const started = performance.now();
  assert.ok((await search(jql)).total > 100);
  assert.ok(performance.now() - started < 15_000);
});
test('the schema keeps arguments in bounds', () => {
  const tool = jiraSearch({ db, clock });
  assert.is(misfit(tool, { jql: '' }), undefined);
  assert.is(misfit(tool, { jql: 'x'.repeat(4001) }), '/jql');
  assert.is(misfit(tool, { jql: '', limit: 101 }), '/limit');
  assert.is(misfit(tool, { jql: '', startAt: -1 }), '/startAt');
});

test.run();
