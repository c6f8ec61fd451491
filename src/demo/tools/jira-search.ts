/** jira.search: issues by a subset of JQL (jql.ts). One statement returns the page and the total, so the two agree. */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { JsonObject } from '../../wire/value.js';
import type { Caller, Database } from '../database/database.js';
import { compileJql, MAX_LENGTH, type NamedValue } from './jql.js';
import { FIELD_NAMES, ISSUE_TYPES, PRIORITIES, STATUSES } from './jql-fields.js';
import { objectOf, orNull } from './schema.js';
import { isoTime, listNames } from './sql.js';

/** Joins what ISSUE_JSON reads to issues called i. */
export const ISSUE_JOINS = `join demo.projects p on p.key = i.project_key
  left join demo.employees a on a.id = i.assignee_id
  left join demo.employees r on r.id = i.reporter_id`;

export const ISSUE_JSON = `json_build_object(
  'key', i.key, 'project', i.project_key, 'type', i.type, 'summary', i.summary,
  'status', i.status, 'priority', i.priority,
  'assignee', case when a.id is not null then json_build_object('name', a.name, 'email', a.email) end,
  'reporter', case when r.id is not null then json_build_object('name', r.name, 'email', r.email) end,
  'labels', to_json(i.labels), 'createdAt', ${isoTime('i.created_at')}, 'updatedAt', ${isoTime('i.updated_at')})`;

const PERSON = orNull(
  objectOf({ name: { type: 'string' }, email: { type: 'string' } }),
  'Null when it is nobody.',
);

const PROPERTIES = {
  key: { type: 'string', examples: ['PAY-12'] },
  project: { type: 'string', examples: ['PAY'] },
  type: { type: 'string', enum: ISSUE_TYPES },
  summary: { type: 'string' },
  status: { type: 'string', enum: STATUSES },
  priority: { type: 'string', enum: PRIORITIES },
  assignee: PERSON,
  reporter: PERSON,
  labels: { type: 'array', items: { type: 'string' } },
  createdAt: { type: 'string', description: 'UTC, ISO 8601.', examples: ['2026-01-31T14:30:00Z'] },
  updatedAt: { type: 'string', description: 'UTC, ISO 8601.', examples: ['2026-01-31T14:30:00Z'] },
};

export const ISSUE_SCHEMA: JsonObject = objectOf(PROPERTIES);

const JQL_HELP = `A subset of JQL. Fields: ${FIELD_NAMES} (text searches summary, description and comments). \
Operators: = != IN NOT IN for names; ~ !~ for words in text, all of which must occur, in any case; < <= > >= for dates and \
priority; IS EMPTY, IS NOT EMPTY for assignee, reporter, labels and description. AND, OR, NOT, parentheses; ORDER BY \
fields, ASC (default) or DESC. People go by e-mail address or name. Dates are "2026-01-31" (midnight UTC), \
"2026-01-31 14:30" or offsets from now: -7d, -2w, -4h, -30m. Text with spaces goes in quotes. Functions and other fields \
are not supported. Blank asks for all issues. Without ORDER BY the newest come first.`;

type Args = { jql: string; limit?: number; startAt?: number };

export function jiraSearch({ db, clock }: { db: Database; clock: () => Date }): Tool {
  return defineTool<Args>({
    name: 'jira.search',
    title: 'Search Jira issues',
    description: 'Finds issues with JQL and returns one page of them with the total. Reads only.',
    scope: 'jira:read',
    destructive: false,
    annotations: { title: 'Search Jira issues', readOnlyHint: true, openWorldHint: false },
    inputSchema: objectOf(
      {
        jql: {
          type: 'string',
          maxLength: MAX_LENGTH,
          description: JQL_HELP,
          examples: [
            'project = PAY AND status != Done AND created >= -30d ORDER BY priority DESC, updated DESC',
          ],
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: 100,
          default: 20,
          description: 'Issues returned at most.',
          examples: [20],
        },
        startAt: {
          type: 'integer',
          minimum: 0,
          maximum: 1_000_000,
          default: 0,
          description: 'How many matching issues to skip; nextStartAt of the page before.',
          examples: [20],
        },
      },
      ['jql'],
    ),
    outputSchema: objectOf(
      {
        issues: { type: 'array', items: ISSUE_SCHEMA },
        total: { type: 'integer', description: 'Matching issues on all pages.' },
        startAt: { type: 'integer', description: 'How many matching issues were skipped.' },
        nextStartAt: {
          type: 'integer',
          description: 'The startAt of the next page; absent on the last one.',
        },
      },
      ['issues', 'total', 'startAt'],
    ),
    async handler({ jql, limit = 20, startAt = 0 }, caller) {
      const { names, joins, where, orderBy, params } = compileJql(jql, clock());
      await refuseUnknownName(db, names, caller);
      const from = params.length + 1;
      const sql = `with matched as (
          select ${ISSUE_JSON} as issue, row_number() over (order by ${orderBy}) as place
          from demo.issues i ${ISSUE_JOINS} ${joins} where ${where})
        select (select count(*)::int from matched),
          (select coalesce(json_agg(issue order by place), '[]') from matched
            where place > $${from}::int and place <= $${from}::int + $${from + 1}::int)`;
      const [row] = (await db.run(sql, [...params, startAt, limit], caller)).rows;
      const [total, issues] = [Number(row?.[0]), row?.[1]];
      const nextStartAt = startAt + limit;
      return {
        structuredContent: { issues, total, startAt, ...(nextStartAt < total ? { nextStartAt } : {}) },
      };
    },
  });
}

const UNKNOWN_NAME = `select n.kind, n.text, n.position, (select array_to_json(array_agg(key order by key)) from demo.projects)
  from json_to_recordset($1::json) as n (kind text, text text, position int)
  where case n.kind
    when 'project' then not exists (select from demo.projects p where lower(n.text) in (lower(p.key), lower(p.name)))
    else not exists (select from demo.employees e where lower(n.text) in (lower(e.email), lower(e.name))) end
  order by n.position limit 1`;

// A misspelt project or person would otherwise read as "there are no such issues".
async function refuseUnknownName(db: Database, names: readonly NamedValue[], caller: Caller): Promise<void> {
  if (names.length === 0) return;
  const [unknown] = (await db.run(UNKNOWN_NAME, [names], caller)).rows;
  if (unknown === undefined) return;
  const [kind, text, position, projects] = unknown;
  const problem =
    kind === 'person'
      ? `no employee has the e-mail address or name "${text}"`
      : `there is no project "${text}"; use one of ${listNames(Array.isArray(projects) ? projects : [])}`;
  throw new ToolError(`JQL, character ${position}: ${problem}`);
}
