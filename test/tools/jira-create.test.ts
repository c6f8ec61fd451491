import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { jiraCreate } from '../../src/demo/tools/jira-create.js';
import { jiraSearch } from '../../src/demo/tools/jira-search.js';
import { call, misfit, refusal } from './call.js';
import { openDemo } from './demo.js';

type Issue = { key: string; assignee: { email: string } | null; reporter: { email: string } };

const test = suite('tools/jira-create');
const clock = (): Date => new Date('2026-02-15T12:34:56.789Z');
let db: Database;
let close: () => Promise<void>;
test.before(async () => {
  ({ db, close } = await openDemo());
});
test.after(() => close());

const BUG = { project: 'PAY', type: 'Bug', summary: 'It fails' };

async function create(more: { [key: string]: unknown } = {}): Promise<Issue> {
  return ((await call(jiraCreate({ db, clock }), { ...BUG, ...more })) as { issue: Issue }).issue;
}

async function text(sql: string): Promise<string> {
  return String((await db.run(sql, [])).rows[0]?.[0]);
}

const numberOf = (key: string): number => Number(key.split('-')[1]);

test('creates an issue with defaults and shows it as jira.search does', async () => {
  const next = Number(await text(`select next_number from demo.projects where key = 'PAY'`));
  const lead = await text(
    `select e.email from demo.projects p join demo.employees e on e.id = p.lead_id where p.key = 'PAY'`,
  );
  const issue = await create();
  assert.equal(
    { ...issue, reporter: issue.reporter.email },
    {
      key: `PAY-${next}`,
      project: 'PAY',
      type: 'Bug',
      summary: 'It fails',
      status: 'To Do',
      priority: 'Medium',
      assignee: null,
      reporter: lead,
      labels: [],
      createdAt: '2026-02-15T12:34:56Z',
      updatedAt: '2026-02-15T12:34:56Z',
    },
  );
  const found = await call(jiraSearch({ db, clock }), { jql: `key = ${issue.key}` });
  assert.equal(found, { issues: [issue], total: 1, startAt: 0 });
});
test('stores everything it is given, quotes and all', async () => {
  const email = await text('select email from demo.employees order by id limit 1');
  const summary = `O'Brien's "100%" \\ $1 {a,b} 😀`;
  const made = await create({
    type: 'Story',
    summary,
    description: `two\nlines'); drop table demo.issues; --`,
    priority: 'Highest',
    labels: ['b.c', 'a-1'],
    assignee: email.toUpperCase(),
  });
  assert.is(made.assignee?.email, email);
  const { rows } = await db.run(
    `select type, summary, description, priority, array_to_json(labels) from demo.issues where key = $1`,
    [made.key],
  );
  assert.equal(rows, [
    ['Story', summary, `two\nlines'); drop table demo.issues; --`, 'Highest', ['b.c', 'a-1']],
  ]);
});
test('an unknown reporter of the set-up leaves the lead in place', async () => {
  const tool = jiraCreate({ db, clock, reporter: 'operator' });
  const { issue } = (await call(tool, BUG)) as { issue: Issue };
  assert.is(issue.reporter.email, (await create()).reporter.email);
});
test('the reporter is the one the server was set up with', async () => {
  const email = await text('select email from demo.employees order by id limit 1');
  const tool = jiraCreate({ db, clock, reporter: email });
  const { issue } = (await call(tool, BUG)) as { issue: { reporter: { email: string } } };
  assert.is(issue.reporter.email, email);
});
test('20 callers at once get 20 consecutive keys', async () => {
  const before = numberOf((await create()).key);
  const made = await Promise.all(Array.from({ length: 20 }, (_, n) => create({ summary: `At once ${n}` })));
  const numbers = made.map(({ key }) => numberOf(key)).sort((a, b) => a - b);
  assert.equal(
    numbers,
    Array.from({ length: 20 }, (_, n) => before + 1 + n),
  );
});
test('an unknown project is answered with those there are', async () => {
  assert.is(
    await refusal(jiraCreate({ db, clock }), { ...BUG, project: 'NOPE' }),
    'there is no project "NOPE"; use one of CORE, DATA, OPS, PAY, WEB',
  );
});
test('an unknown assignee is answered with how to find one, no address but its own, and spends no key', async () => {
  const before = numberOf((await create()).key);
  const message = await refusal(jiraCreate({ db, clock }), { ...BUG, assignee: 'nobody@example.com' });
  assert.is(
    message,
    'no employee has the e-mail address "nobody@example.com"; postgres.readonly can look one up by name in demo.employees',
  );
  assert.is(numberOf((await create()).key), before + 1);
});
test('the schema refuses invalid issues', () => {
  const tool = jiraCreate({ db, clock });
  assert.is(misfit(tool, BUG), undefined);
  assert.is(misfit(tool, { ...BUG, summary: 'x'.repeat(255) }), undefined);
  const wrong: [pointer: string, args: { [key: string]: unknown }][] = [
    ['/summary', { summary: '' }],
    ['/summary', { summary: '   ' }],
    ['/summary', { summary: 'two\nlines' }],
    ['/summary', { summary: 'a\0b' }],
    ['/summary', { summary: 'x'.repeat(256) }],
    ['/type', { type: 'bug' }],
    ['/project', { project: 'pay' }],
    ['/project', { project: `PAY'--` }],
    ['/priority', { priority: 'P1' }],
    ['/description', { description: 'a\0b' }],
    ['/labels', { labels: ['a', 'a'] }],
    ['/labels/0', { labels: ['with space'] }],
    ['/assignee', { assignee: 'ana' }],
    ['/assignee', { assignee: 'a@b\0' }],
  ];
  for (const [pointer, args] of wrong) {
    assert.is(misfit(tool, { ...BUG, ...args }), pointer, JSON.stringify(args));
  }
  assert.type(misfit(tool, { ...BUG, status: 'Done' }), 'string');
});
test('the hints say: it adds, and twice adds twice', () => {
  const { destructive, annotations } = jiraCreate({ db, clock });
  assert.is(destructive, true);
  assert.equal(
    [annotations?.readOnlyHint, annotations?.destructiveHint, annotations?.idempotentHint],
    [false, false, false],
  );
});

test.run();
