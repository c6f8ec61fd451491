/**
 * A parsed JQL query to SQL. The caller's text only ever travels as a parameter; the SQL itself is put together
 * from the constants of this file. Aliases i, p, a and r are those of ISSUE_JOINS in ../jira-issue.ts.
 *
 * Like Jira, a comparison with an empty field matches neither way: `assignee != ana@example.com` leaves out the
 * issues that nobody has. SQL's null does just that, so an issue without labels counts as null here too.
 */
import {
  type Condition,
  FIELDS,
  type FieldName,
  type Node,
  PRIORITIES,
  type Query,
  STATUSES,
} from './fields.js';
import { wordsOf } from './values.js';

export type CompiledJql = { joins: string; where: string; orderBy: string; params: string[] };

const LABELS = "nullif(i.labels, '{}')";
const DESCRIPTION = "nullif(i.description, '')";

// Put together once an issue: a query may look into it a thousand times.
const WHOLE_TEXT = `cross join lateral (
  select concat_ws(' ', i.summary, i.description, string_agg(c.body, ' ')) as whole
  from demo.issue_comments c where c.issue_key = i.key) t`;

/** What a condition looks at; project and people are looked up by either of two columns. */
const COLUMNS: Record<FieldName, string> = {
  project: 'i.project_key',
  key: 'i.key',
  type: 'i.type',
  status: 'i.status',
  priority: 'i.priority',
  assignee: 'a.id',
  reporter: 'r.id',
  labels: LABELS,
  summary: 'i.summary',
  description: DESCRIPTION,
  text: 't.whole',
  created: 'i.created_at',
  updated: 'i.updated_at',
};

/** "C" keeps the order of text the same whatever the locale of the database. */
const ORDER: Partial<Record<FieldName, readonly string[]>> = {
  key: ['i.project_key collate "C"', 'i.number'],
  status: [rank('i.status', STATUSES)],
  priority: [rank('i.priority', PRIORITIES)],
  assignee: ['lower(a.name) collate "C"'],
  reporter: ['lower(r.name) collate "C"'],
  summary: ['lower(i.summary) collate "C"'],
  created: ['i.created_at'],
  updated: ['i.updated_at'],
};

export function compileJql({ where, order }: Query): CompiledJql {
  const params: string[] = [];
  const bind = (value: string): string => `$${params.push(value)}::text`;
  const terms = order.flatMap(({ field, descending }) =>
    (ORDER[field] ?? [`${COLUMNS[field]} collate "C"`]).map(
      (term) => `${term} ${descending ? 'desc' : 'asc'} nulls last`,
    ),
  );
  if (terms.length === 0) terms.push('i.created_at desc');
  return {
    joins: where !== undefined && looksInto(where, 'text') ? WHOLE_TEXT : '',
    where: where === undefined ? 'true' : compileNode(where, bind),
    // Two issues never tie, so that pages neither repeat nor skip one.
    orderBy: [...terms, 'i.project_key collate "C"', 'i.number'].join(', '),
    params,
  };
}

type Bind = (value: string) => string;

function looksInto(node: Node, field: FieldName): boolean {
  if (node.kind === 'condition') return node.field === field;
  return node.kind === 'not'
    ? looksInto(node.node, field)
    : node.nodes.some((each) => looksInto(each, field));
}

function compileNode(node: Node, bind: Bind): string {
  if (node.kind === 'not') return `not ${compileNode(node.node, bind)}`;
  if (node.kind === 'condition') return compileCondition(node, bind);
  return `(${node.nodes.map((each) => compileNode(each, bind)).join(` ${node.kind} `)})`;
}

function compileCondition({ field, operator, values }: Condition, bind: Bind): string {
  if (operator === 'IS EMPTY') return `(${COLUMNS[field]} is null)`;
  if (operator === 'IS NOT EMPTY') return `(${COLUMNS[field]} is not null)`;
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
    return `(${values.map(({ text }) => compare(field, operator, bind(text))).join(' or ')})`;
  }
  const matches = `(${values.map(({ text }) => matchOne(field, text, bind)).join(' or ')})`;
  return operator === '!=' || operator === 'NOT IN' || operator === '!~' ? `(not ${matches})` : matches;
}

function compare(field: FieldName, operator: string, value: string): string {
  if (field !== 'priority') return `${COLUMNS[field]} ${operator} ${value}::timestamptz`;
  return `${rank(COLUMNS.priority, PRIORITIES)} ${operator} ${rank(value, PRIORITIES)}`;
}

function matchOne(field: FieldName, text: string, bind: Bind): string {
  const column = COLUMNS[field];
  switch (FIELDS[field].kind) {
    case 'text': {
      const words = wordsOf(text).map((word) => `${column} ilike ${bind(`%${escapeLike(word)}%`)}`);
      return `(${words.join(' and ')})`;
    }
    case 'project':
      return eitherOf('p.key', 'p.name', bind(text));
    case 'person':
      return field === 'assignee'
        ? eitherOf('a.email', 'a.name', bind(text))
        : eitherOf('r.email', 'r.name', bind(text));
    case 'label':
      return `${bind(text)} = any(${column})`;
    default:
      return `${column} = ${bind(text)}`;
  }
}

function eitherOf(one: string, other: string, value: string): string {
  return `lower(${value}) in (lower(${one}), lower(${other}))`;
}

function rank(value: string, ascending: readonly string[]): string {
  return `array_position(array[${ascending.map((each) => `'${each}'`).join(', ')}], ${value})`;
}

// Without this a % or _ of the caller's would match anything.
function escapeLike(word: string): string {
  return word.replace(/[\\%_]/g, '\\$&');
}
