import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompiledJql, compileJql, MAX_DEPTH, MAX_LENGTH, MAX_PARAMS } from '../../src/demo/tools/jql.js';
import { ToolError } from '../../src/wire/mcp/definitions.js';

const test = suite('tools/jql');
const NOW = new Date('2026-02-15T12:00:00Z');

const compiled = (jql: string): CompiledJql => compileJql(jql, NOW);

function refused(jql: string): string {
  try {
    compiled(jql);
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
  throw new Error(`understood: ${jql}`);
}

/** The condition in SQL, with the parameters where they stand. */
function where(jql: string): string {
  const { where: sql, params } = compiled(jql);
  return sql.replace(/\$(\d+)::text/g, (_, number) => `<${params[Number(number) - 1]}>`);
}

const FIELD_LIST =
  'project, key, type, status, priority, assignee, reporter, labels, summary, description, text, created, updated';
const SORT_LIST = 'project, key, type, status, priority, assignee, reporter, summary, created, updated';
const DATES = '"2026-01-31", "2026-01-31 14:30" (UTC), or an offset from now such as -7d, -2w, -4h or -30m';

test('a blank query asks for everything', () => {
  assert.is(where('  \n'), 'true');
});

const PRIORITY = "array_position(array['Lowest', 'Low', 'Medium', 'High', 'Highest']";
const priority = (operator: string, value: string): string =>
  `${PRIORITY}, i.priority) ${operator} ${PRIORITY}, <${value}>)`;
const project = (name: string): string => `lower(<${name}>) in (lower(p.key), lower(p.name))`;

const UNDERSTOOD: [jql: string, meaning: string][] = [
  ['project = PAY', project('PAY')],
  ['project != "pay"', `(not ${project('pay')})`],
  ['project IN (PAY, CORE)', `((${project('PAY')} or ${project('CORE')}))`],
  ["project NOT IN ('PAY')", `(not (${project('PAY')}))`],
  ['key = pay-12', 'i.key = <PAY-12>'],
  ['issuekey IN (PAY-1, core-2)', '((i.key = <PAY-1> or i.key = <CORE-2>))'],
  ['IssueType = bug', 'i.type = <Bug>'],
  ['type NOT IN (Epic, story)', '(not (i.type = <Epic> or i.type = <Story>))'],
  ['status = "in progress"', 'i.status = <In Progress>'],
  ['STATUS != Done', '(not i.status = <Done>)'],
  ['priority = LOW', 'i.priority = <Low>'],
  ['priority < HIGH', priority('<', 'High')],
  ['priority <= High', priority('<=', 'High')],
  ['priority > Medium', priority('>', 'Medium')],
  ['priority >= medium', priority('>=', 'Medium')],
  ['assignee = ana.silva@example.com', 'lower(<ana.silva@example.com>) in (lower(a.email), lower(a.name))'],
  ['assignee IS EMPTY', '(a.id is null)'],
  ['reporter is not null', '(r.id is not null)'],
  ['labels IN (a, b-c)', "((<a> = any(nullif(i.labels, '{}')) or <b-c> = any(nullif(i.labels, '{}'))))"],
  ['summary ~ refund', 'i.summary ilike <%refund%>'],
  [
    'description !~ "late bank"',
    "(not (nullif(i.description, '') ilike <%late%> and nullif(i.description, '') ilike <%bank%>))",
  ],
  ['text ~ "\\"hi\\"\\\\"', 't.whole ilike <%"hi"\\\\%>'],
  ['created >= -7d', 'i.created_at >= <2026-02-08T12:00:00.000Z>::timestamptz'],
  ['created < -2w', 'i.created_at < <2026-02-01T12:00:00.000Z>::timestamptz'],
  ['updated > -4h', 'i.updated_at > <2026-02-15T08:00:00.000Z>::timestamptz'],
  ['updated <= 30m', 'i.updated_at <= <2026-02-15T12:30:00.000Z>::timestamptz'],
  ['created >= 2026-01-31', 'i.created_at >= <2026-01-31T00:00:00.000Z>::timestamptz'],
  ['created >= "2026/01/31 14:30"', 'i.created_at >= <2026-01-31T14:30:00.000Z>::timestamptz'],
  ['"status" = Done', 'i.status = <Done>'],
];
for (const [jql, meaning] of UNDERSTOOD) test(`reads ${jql}`, () => assert.is(where(jql), meaning));

test('AND binds tighter than OR, NOT tighter than AND', () => {
  assert.is(
    where('type = Bug or not status = Done and priority = High'),
    '(i.type = <Bug> or (not i.status = <Done> and i.priority = <High>))',
  );
});
test('parentheses group', () => {
  assert.is(
    where('(type = Bug OR type = Task) AND NOT (status = Done)'),
    '((i.type = <Bug> or i.type = <Task>) and not i.status = <Done>)',
  );
});
test('a quoted keyword is a value', () =>
  assert.is(where('labels = "and"'), "<and> = any(nullif(i.labels, '{}'))"));
test('ORDER BY takes several fields, ascending unless the query says DESC', () => {
  assert.is(
    compiled('status = Done order by Priority desc, created, key ASC').orderBy,
    `${PRIORITY}, i.priority) desc nulls last, i.created_at asc nulls last, ` +
      'i.project_key collate "C" asc nulls last, i.number asc nulls last, i.project_key collate "C", i.number',
  );
  assert.is(where('ORDER BY updated DESC'), 'true');
});
test('projects and people are named with their positions', () => {
  assert.equal(compiled('NOT project IN (PAY, "no pe") OR reporter = ana').names, [
    { kind: 'project', text: 'PAY', position: 17 },
    { kind: 'project', text: 'no pe', position: 22 },
    { kind: 'person', text: 'ana', position: 45 },
  ]);
});
test('comments are joined only when a query searches all text', () => {
  assert.is(compiled('summary ~ "t.whole"').joins, '');
  assert.match(compiled('text ~ x').joins, /issue_comments/);
});

const CLOSING = `, and before it no NUL and no escapes but \\\\, \\" and \\'`;
const UNQUOTED = '; text with characters other than letters, digits and _ . @ - goes in quotes';
const REFUSED: [jql: string, message: string][] = [
  ['sprint = 12', `character 1: "sprint" is not a field this server knows; use one of ${FIELD_LIST}`],
  [
    'type = Bug AND foo ~ x',
    `character 16: "foo" is not a field this server knows; use one of ${FIELD_LIST}`,
  ],
  ['__proto__ = x', `character 1: "__proto__" is not a field this server knows; use one of ${FIELD_LIST}`],
  [
    'constructor = x',
    `character 1: "constructor" is not a field this server knows; use one of ${FIELD_LIST}`,
  ],
  [
    'assignee = currentUser()',
    'character 12: function currentUser() is not supported; write the value itself',
  ],
  [
    'created > startOfDay(-1)',
    'character 11: function startOfDay() is not supported; write the value itself',
  ],
  ['status', 'character 7: expected an operator for status, one of =, !=, IN, NOT IN, received the end'],
  ['status )', 'character 8: expected an operator for status, one of =, !=, IN, NOT IN, received ")"'],
  ['status WAS Done', 'character 8: WAS is not an operator for status; use one of =, !=, IN, NOT IN'],
  ['status ~ Done', 'character 8: ~ is not an operator for status; use one of =, !=, IN, NOT IN'],
  ['summary = refund', 'character 9: = is not an operator for summary; use one of ~, !~'],
  ['created = 2026-01-31', 'character 9: = is not an operator for created; use one of <, <=, >, >='],
  ['status IS EMPTY', 'character 8: IS EMPTY is not an operator for status; use one of =, !=, IN, NOT IN'],
  [
    'labels > a',
    'character 8: > is not an operator for labels; use one of =, !=, IN, NOT IN, IS EMPTY, IS NOT EMPTY',
  ],
  ['assignee IS ana', 'character 13: expected EMPTY, received "ana"'],
  ['assignee NOT EMPTY', 'character 14: expected IN, received "EMPTY"'],
  ['assignee = EMPTY', 'character 12: EMPTY goes with IS and IS NOT only'],
  ['assignee IN (ana, null)', 'character 19: NULL goes with IS and IS NOT only'],
  ['status =', 'character 9: expected a value for status, received the end'],
  ['status = AND', 'character 10: expected a value for status, received "AND"'],
  ['status = (Done)', 'character 10: expected a value for status, received "("'],
  ['status = In Progress', 'character 10: expected a value for status, received "In"'],
  [
    'status = To Do',
    'character 10: expected one of "To Do", "In Progress", "In Review", Done, received "To"',
  ],
  [
    'status = Closed',
    'character 10: expected one of "To Do", "In Progress", "In Review", Done, received "Closed"',
  ],
  ['type = Incident', 'character 8: expected one of Bug, Task, Story, Epic, received "Incident"'],
  ['priority > P1', 'character 12: expected one of Lowest, Low, Medium, High, Highest, received "P1"'],
  ['key = 12', 'character 7: expected an issue key such as PAY-12, received "12"'],
  ['labels = " "', 'character 10: expected a name that is not blank, received " "'],
  ['summary ~ ""', 'character 11: expected at least one word, received ""'],
  ['created > yesterday', `character 11: expected a date: ${DATES}, received "yesterday"`],
  ['created > 2026-02-30', `character 11: expected a date: ${DATES}, received "2026-02-30"`],
  ['created > 0000-01-01', `character 11: expected a date: ${DATES}, received "0000-01-01"`],
  ['created > -7y', `character 11: expected a date: ${DATES}, received "-7y"`],
  ['status IN Done', 'character 11: expected "(" and a list of values, received "Done"'],
  ['status IN ()', 'character 12: expected a value for status, received ")"'],
  ['status IN (Done', 'character 16: expected "," or ")", received the end'],
  ['status IN (Done,)', 'character 17: expected a value for status, received ")"'],
  ['status = Done type = Bug', 'character 15: expected AND, OR, ORDER BY or the end, received "type"'],
  ['status = Done)', 'character 14: expected AND, OR, ORDER BY or the end, received ")"'],
  ['(status = Done', 'character 15: expected AND, OR or ")", received the end'],
  ['()', 'character 2: expected a field, NOT or "(", received ")"'],
  ['AND status = Done', 'character 1: expected a field, NOT or "(", received "AND"'],
  ['status = Done OR', 'character 17: expected a field, NOT or "(", received the end'],
  ['status = Done ORDER created', 'character 21: expected BY, received "created"'],
  ['ORDER BY', 'character 9: expected a field to order by, received the end'],
  ['ORDER BY labels', `character 10: results cannot be ordered by labels; use one of ${SORT_LIST}`],
  ['ORDER BY rank', `character 10: "rank" is not a field this server knows; use one of ${FIELD_LIST}`],
  ['ORDER BY key created', 'character 14: expected "," or the end, received "created"'],
  ['summary ~ "open', `character 11: expected a closing "${CLOSING}`],
  ["summary ~ 'it\\'s", `character 11: expected a closing '${CLOSING}`],
  ['summary ~ "a\\nb"', `character 11: expected a closing "${CLOSING}`],
  ['summary ~ "a\u0000b"', `character 11: expected a closing "${CLOSING}`],
  ['status "=" Done', 'character 8: expected an operator for status, one of =, !=, IN, NOT IN, received "="'],
  ['type=Bug&&key=A-1', `character 9: unexpected &${UNQUOTED}`],
  ['status[1] = Done', `character 7: unexpected [${UNQUOTED}`],
  ['status = Done; drop table x', `character 14: unexpected ;${UNQUOTED}`],
  ['status\u0000= Done', `character 7: unexpected U+0000${UNQUOTED}`],
  ['summary ~ "😀😀" x', 'character 16: expected AND, OR, ORDER BY or the end, received "x"'],
];
for (const [jql, message] of REFUSED) {
  test(`refuses ${JSON.stringify(jql.slice(0, 50))} exactly`, () =>
    assert.is(refused(jql), `JQL, ${message}`));
}

test('a query that is too long is refused unread', () => {
  assert.is(
    refused(' '.repeat(MAX_LENGTH + 1)),
    'JQL: a query has at most 4000 characters, this one has 4001',
  );
  assert.is(where(' '.repeat(MAX_LENGTH)), 'true');
});
test('nesting is bounded', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}type = Bug${')'.repeat(depth)}`;
  assert.is(where(nested(MAX_DEPTH)), 'i.type = <Bug>');
  assert.is(
    refused(nested(MAX_DEPTH + 1)),
    'JQL, character 22: parentheses and NOT are nested at most 20 deep',
  );
  assert.is(refused('NOT '.repeat(900)), 'JQL, character 85: parentheses and NOT are nested at most 20 deep');
});
test('values and words are bounded', () => {
  const list = (count: number): string => `labels IN (${Array(count).fill('a').join(',')})`;
  assert.is(compiled(list(MAX_PARAMS)).params.length, MAX_PARAMS);
  assert.is(refused(list(MAX_PARAMS + 1)), 'JQL, character 412: a query has at most 200 values');
  assert.is(refused(`text ~ "${'a '.repeat(201)}"`), 'JQL, character 8: a query has at most 200 values');
});
test('no text makes the compiler throw anything but a ToolError', () => {
  const parts = [
    'status',
    '=',
    'Done',
    '(',
    ')',
    'IN',
    'NOT',
    ',',
    '"',
    '\\',
    '\ud800',
    'ORDER',
    'BY',
    '-7d',
    '\0',
  ];
  let seed = 7;
  let understood = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let jql = '';
    for (let length = round % 9; length > 0; length -= 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      jql += `${parts[seed % parts.length]} `;
    }
    try {
      compiled(jql);
      understood += 1;
    } catch (error) {
      assert.instance(error, ToolError);
    }
  }
  assert.ok(understood > 0);
});

test('what the caller writes reaches SQL as a parameter only', () => {
  const evil = `x') or 1=1; drop table demo.issues; --`;
  const {
    where: sql,
    orderBy,
    params,
  } = compiled(`labels = "${evil}" OR text ~ "${evil}" OR project IN ("${evil}") OR assignee != "${evil}"`);
  assert.not.match(sql + orderBy, /drop|--|1=1/);
  assert.ok(params.includes(evil));
  assert.ok(params.includes('%1=1;%'));
});
test('wildcards of LIKE are escaped', () => {
  assert.equal(compiled('summary ~ "100% a_b c\\\\d"').params, ['%100\\%%', '%a\\_b%', '%c\\\\d%']);
});

test.run();
