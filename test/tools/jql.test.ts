import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileJql } from '../../src/demo/tools/jql/compile.js';
import type { Node, Query } from '../../src/demo/tools/jql/fields.js';
import {
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LENGTH,
  MAX_LIST,
  parseJql,
} from '../../src/demo/tools/jql/parser.js';

const test = suite('tools/jql');
const NOW = new Date('2026-02-15T12:00:00Z');

function parsed(jql: string): Query {
  const answer = parseJql(jql, NOW);
  if (answer.kind === 'query') return answer.query;
  throw new Error(answer.message);
}

function refused(jql: string): string {
  const answer = parseJql(jql, NOW);
  if (answer.kind === 'query') throw new Error(`understood: ${jql}`);
  return answer.message;
}

/** A query as short text, with every group in parentheses. */
function shown(node: Node | undefined): string {
  if (node === undefined) return '';
  if (node.kind === 'not') return `not ${shown(node.node)}`;
  if (node.kind !== 'condition') return `(${node.nodes.map(shown).join(` ${node.kind} `)})`;
  return [node.field, node.operator, ...node.values.map(({ text }) => `<${text}>`)].join(' ');
}

const where = (jql: string): string => shown(parsed(jql).where);

const FIELD_LIST =
  'project, key, type, status, priority, assignee, reporter, labels, summary, description, text, created, updated';
const SORT_LIST = 'project, key, type, status, priority, assignee, reporter, summary, created, updated';
const DATES = '"2026-01-31", "2026-01-31 14:30" (UTC), or an offset from now such as -7d, -2w, -4h or -30m';

test('a blank query asks for everything', () => {
  assert.equal(parsed('  \n'), { where: undefined, order: [] });
});

const UNDERSTOOD: [jql: string, meaning: string][] = [
  ['project = PAY', 'project = <PAY>'],
  ['project != "pay"', 'project != <pay>'],
  ['project IN (PAY, CORE)', 'project IN <PAY> <CORE>'],
  ["project NOT IN ('PAY')", 'project NOT IN <PAY>'],
  ['key = pay-12', 'key = <PAY-12>'],
  ['issuekey IN (PAY-1, core-2)', 'key IN <PAY-1> <CORE-2>'],
  ['IssueType = bug', 'type = <Bug>'],
  ['type NOT IN (Epic, story)', 'type NOT IN <Epic> <Story>'],
  ['status = "in progress"', 'status = <In Progress>'],
  ['STATUS != Done', 'status != <Done>'],
  ['priority < HIGH', 'priority < <High>'],
  ['priority <= High', 'priority <= <High>'],
  ['priority > Medium', 'priority > <Medium>'],
  ['priority >= medium', 'priority >= <Medium>'],
  ['assignee = ana.silva@example.com', 'assignee = <ana.silva@example.com>'],
  ['assignee IS EMPTY', 'assignee IS EMPTY'],
  ['reporter is not null', 'reporter IS NOT EMPTY'],
  ['labels IN (a, b-c)', 'labels IN <a> <b-c>'],
  ['summary ~ refund', 'summary ~ <refund>'],
  ['description !~ "late bank"', 'description !~ <late bank>'],
  ['text ~ "say \\"hi\\" and \\\\"', 'text ~ <say "hi" and \\>'],
  ['created >= -7d', 'created >= <2026-02-08T12:00:00.000Z>'],
  ['created < -2w', 'created < <2026-02-01T12:00:00.000Z>'],
  ['updated > -4h', 'updated > <2026-02-15T08:00:00.000Z>'],
  ['updated <= 30m', 'updated <= <2026-02-15T12:30:00.000Z>'],
  ['created >= 2026-01-31', 'created >= <2026-01-31T00:00:00.000Z>'],
  ['created >= "2026/01/31 14:30"', 'created >= <2026-01-31T14:30:00.000Z>'],
  ['"status" = Done', 'status = <Done>'],
];
for (const [jql, meaning] of UNDERSTOOD) test(`reads ${jql}`, () => assert.is(where(jql), meaning));

test('AND binds tighter than OR, NOT tighter than AND', () => {
  assert.is(
    where('type = Bug or not status = Done and priority = High'),
    '(type = <Bug> or (not status = <Done> and priority = <High>))',
  );
});
test('parentheses group', () => {
  assert.is(
    where('(type = Bug OR type = Task) AND NOT (status = Done)'),
    '((type = <Bug> or type = <Task>) and not status = <Done>)',
  );
});
test('&&, || and ! stand for AND, OR and NOT', () => {
  assert.is(
    where('type=Bug&&!status=Done||key=A-1'),
    '((type = <Bug> and not status = <Done>) or key = <A-1>)',
  );
});
test('a quoted keyword is a value', () => assert.is(where('labels = "and"'), 'labels = <and>'));
test('ORDER BY takes several fields, ascending unless told otherwise', () => {
  assert.equal(parsed('status = Done order by Priority desc, created, key ASC').order, [
    { field: 'priority', descending: true },
    { field: 'created', descending: false },
    { field: 'key', descending: false },
  ]);
  assert.equal(parsed('ORDER BY updated DESC').where, undefined);
});

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
  ['status', 'character 7: expected an operator for status, one of =, !=, IN, NOT IN, got the end'],
  ['status )', 'character 8: expected an operator for status, one of =, !=, IN, NOT IN, got ")"'],
  ['status WAS Done', 'character 8: WAS is not an operator for status; use one of =, !=, IN, NOT IN'],
  ['status ~ Done', 'character 8: ~ is not an operator for status; use one of =, !=, IN, NOT IN'],
  ['summary = refund', 'character 9: = is not an operator for summary; use one of ~, !~'],
  ['created = 2026-01-31', 'character 9: = is not an operator for created; use one of <, <=, >, >='],
  ['status IS EMPTY', 'character 8: IS EMPTY is not an operator for status; use one of =, !=, IN, NOT IN'],
  [
    'labels > a',
    'character 8: > is not an operator for labels; use one of =, !=, IN, NOT IN, IS EMPTY, IS NOT EMPTY',
  ],
  ['assignee IS ana', 'character 13: expected EMPTY, got "ana"'],
  ['assignee NOT EMPTY', 'character 14: expected IN, got "EMPTY"'],
  ['assignee = EMPTY', 'character 12: EMPTY goes with IS and IS NOT only'],
  ['assignee IN (ana, null)', 'character 19: NULL goes with IS and IS NOT only'],
  ['status =', 'character 9: expected a value for status, got the end'],
  ['status = AND', 'character 10: expected a value for status, got "AND"'],
  ['status = (Done)', 'character 10: expected a value for status, got "("'],
  ['status = In Progress', 'character 10: expected a value for status, got "In"'],
  [
    'status = To Do',
    'character 10: "To" is not a status; use one of "To Do", "In Progress", "In Review", Done',
  ],
  [
    'status = Closed',
    'character 10: "Closed" is not a status; use one of "To Do", "In Progress", "In Review", Done',
  ],
  ['type = Incident', 'character 8: "Incident" is not a type; use one of Bug, Task, Story, Epic'],
  ['priority > P1', 'character 12: "P1" is not a priority; use one of Lowest, Low, Medium, High, Highest'],
  ['key = 12', 'character 7: "12" is not an issue key; expected one such as PAY-12'],
  ['labels = " "', 'character 10: labels needs a value that is not blank'],
  ['summary ~ ""', 'character 11: ~ needs at least one word to look for'],
  [`text ~ "${'a '.repeat(21)}"`, 'character 8: ~ looks for at most 20 words, these are 21'],
  ['created > yesterday', `character 11: "yesterday" is not a date; expected ${DATES}`],
  ['created > 2026-02-30', `character 11: "2026-02-30" is not a date; expected ${DATES}`],
  ['created > 0000-01-01', `character 11: "0000-01-01" is not a date; expected ${DATES}`],
  ['created > -7y', `character 11: "-7y" is not a date; expected ${DATES}`],
  ['status IN Done', 'character 11: expected "(" and a list of values, got "Done"'],
  ['status IN ()', 'character 12: expected a value for status, got ")"'],
  ['status IN (Done', 'character 16: expected "," or ")", got the end'],
  ['status IN (Done,)', 'character 17: expected a value for status, got ")"'],
  ['status = Done type = Bug', 'character 15: expected AND, OR, ORDER BY or the end, got "type"'],
  ['status = Done)', 'character 14: expected AND, OR, ORDER BY or the end, got ")"'],
  ['(status = Done', 'character 15: expected AND, OR or ")", got the end'],
  ['()', 'character 2: expected a field, NOT or "(", got ")"'],
  ['AND status = Done', 'character 1: expected a field, NOT or "(", got "AND"'],
  ['status = Done OR', 'character 17: expected a field, NOT or "(", got the end'],
  ['status = Done ORDER created', 'character 21: expected BY, got "created"'],
  ['ORDER BY', 'character 9: expected a field to order by, got the end'],
  ['ORDER BY labels', `character 10: results cannot be ordered by labels; use one of ${SORT_LIST}`],
  ['ORDER BY rank', `character 10: "rank" is not a field this server knows; use one of ${FIELD_LIST}`],
  ['ORDER BY key created', 'character 14: expected "," or the end, got "created"'],
  ['ORDER BY key,key,key,key,key,key', 'character 30: ORDER BY takes at most 5 fields'],
  ['summary ~ "open', 'character 11: the text that starts with " is not closed'],
  ["summary ~ 'it\\'s", "character 11: the text that starts with ' is not closed"],
  ['summary ~ "a\\nb"', 'character 11: \\n is not an escape in quoted text; write \\\\, \\" or \\\''],
  ['summary ~ "a\u0000b"', 'character 11: quoted text cannot hold the control character U+0000'],
  [
    'status[1] = Done',
    'character 7: unexpected [; text with characters other than letters, digits and _ . @ - goes in quotes',
  ],
  [
    'status = Done; drop table x',
    'character 14: unexpected ;; text with characters other than letters, digits and _ . @ - goes in quotes',
  ],
  [
    'status\u0000= Done',
    'character 7: unexpected U+0000; text with characters other than letters, digits and _ . @ - goes in quotes',
  ],
  ['summary ~ "😀😀" x', 'character 16: expected AND, OR, ORDER BY or the end, got "x"'],
];
for (const [jql, message] of REFUSED) {
  test(`refuses ${JSON.stringify(jql.slice(0, 50))} exactly`, () =>
    assert.is(refused(jql), `JQL, ${message}`));
}

test('the position is given as a number too', () => {
  assert.equal(parseJql('status = Done)', NOW), {
    kind: 'refused',
    position: 14,
    message: 'JQL, character 14: expected AND, OR, ORDER BY or the end, got ")"',
  });
});
test('a query that is too long is refused unread', () => {
  assert.is(
    refused(' '.repeat(MAX_LENGTH + 1)),
    'JQL: a query has at most 4000 characters, this one has 4001',
  );
  assert.is(where(' '.repeat(MAX_LENGTH)), '');
});
test('nesting is bounded', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}type = Bug${')'.repeat(depth)}`;
  assert.is(where(nested(MAX_DEPTH)), 'type = <Bug>');
  assert.is(
    refused(nested(MAX_DEPTH + 1)),
    'JQL, character 22: parentheses and NOT are nested at most 20 deep',
  );
  assert.is(refused('NOT '.repeat(900)), 'JQL, character 85: parentheses and NOT are nested at most 20 deep');
});
test('lists and conditions are bounded', () => {
  const list = (count: number): string => `labels IN (${Array(count).fill('a').join(',')})`;
  assert.is(parsed(list(MAX_LIST)).order.length, 0);
  assert.is(refused(list(MAX_LIST + 1)), 'JQL, character 112: a list has at most 50 values');
  const many = (count: number): string => Array(count).fill('key=A-1').join(' OR ');
  assert.is(parsed(many(MAX_CONDITIONS)).order.length, 0);
  assert.is(refused(many(MAX_CONDITIONS + 1)), 'JQL, character 551: a query has at most 50 conditions');
});
test('no text makes the parser throw', () => {
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
    if (parseJql(jql, NOW).kind === 'query') understood += 1;
  }
  assert.ok(understood > 0);
});

test('what the caller writes reaches SQL as a parameter only', () => {
  const evil = `x') or 1=1; drop table demo.issues; --`;
  const {
    where: sql,
    orderBy,
    params,
  } = compileJql(
    parsed(`labels = "${evil}" OR text ~ "${evil}" OR project IN ("${evil}") OR assignee != "${evil}"`),
  );
  assert.not.match(sql + orderBy, /drop|--|1=1/);
  assert.ok(params.includes(evil));
  assert.ok(params.includes('%1=1;%'));
});
test('wildcards of LIKE are escaped', () => {
  assert.equal(compileJql(parsed('summary ~ "100% a_b c\\\\d"')).params, ['%100\\%%', '%a\\_b%', '%c\\\\d%']);
});

test.run();
