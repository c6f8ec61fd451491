/**
 * jira.search: issues by a documented subset of JQL. The language is in jql/; here its names meet the database, and
 * one statement returns the page and the total, so that the two agree.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Caller, Database } from '../database/database.js';
import { ISSUE_JOINS, ISSUE_JSON, ISSUE_SCHEMA } from './jira-issue.js';
import { compileJql } from './jql/compile.js';
import { FIELDS, fieldNames, type Node, type Value } from './jql/fields.js';
import { MAX_LENGTH, parseJql } from './jql/parser.js';
import { firstRow, listed, texts } from './sql.js';

const JQL_HELP = `A subset of JQL. Fields: ${fieldNames().join(', ')} (text searches summary, description and comments). \
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
    inputSchema: {
      type: 'object',
      properties: {
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
      required: ['jql'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        issues: { type: 'array', items: ISSUE_SCHEMA },
        total: { type: 'integer', description: 'Matching issues on all pages.' },
        startAt: { type: 'integer', description: 'How many matching issues were skipped.' },
        nextStartAt: {
          type: 'integer',
          description: 'The startAt of the next page; absent on the last one.',
        },
      },
      required: ['issues', 'total', 'startAt'],
      additionalProperties: false,
    },
    async handler({ jql, limit = 20, startAt = 0 }, caller) {
      const parsed = parseJql(jql, clock());
      if (parsed.kind === 'refused') throw new ToolError(parsed.message);
      await refuseUnknownNames(db, parsed.query.where, caller);
      const { joins, where, orderBy, params } = compileJql(parsed.query);
      const from = params.length + 1;
      const sql = `with matched as (
          select ${ISSUE_JSON} as issue, row_number() over (order by ${orderBy}) as place
          from demo.issues i ${ISSUE_JOINS} ${joins} where ${where})
        select (select count(*)::int from matched),
          (select coalesce(json_agg(issue order by place), '[]') from matched
            where place > $${from}::int and place <= $${from}::int + $${from + 1}::int)`;
      const row = firstRow(await db.run(sql, [...params, startAt, limit], caller));
      const [total, issues] = [Number(row?.[0]), row?.[1]];
      const nextStartAt = startAt + limit;
      return {
        structuredContent: { issues, total, startAt, ...(nextStartAt < total ? { nextStartAt } : {}) },
      };
    },
  });
}

// A misspelt project or person would otherwise read as "there are no such issues".
async function refuseUnknownNames(db: Database, where: Node | undefined, caller: Caller): Promise<void> {
  const known = 'select key, name from demo.projects order by key';
  const projects = named('project', where);
  if (projects.length > 0) {
    const { rows } = await db.run(known, [], caller);
    const names = new Set(rows.flat().map((name) => String(name).toLowerCase()));
    for (const { text, position } of projects) {
      if (names.has(text.toLowerCase())) continue;
      const keys = listed(rows.map(([key]) => String(key)));
      throw new ToolError(`JQL, character ${position}: there is no project "${text}"; use one of ${keys}`);
    }
  }
  const people = named('person', where);
  if (people.length === 0) return;
  const asked = people.map((_, index) => `($${index + 1}::text)`).join(', ');
  const sql = `select asked.name from (values ${asked}) as asked(name) where not exists
    (select from demo.employees e where lower(asked.name) in (lower(e.email), lower(e.name)))`;
  const missing = texts(
    await db.run(
      sql,
      people.map(({ text }) => text),
      caller,
    ),
  );
  const first = people.find(({ text }) => missing.includes(text));
  if (first === undefined) return;
  throw new ToolError(
    `JQL, character ${first.position}: no employee has the e-mail address or name "${first.text}"`,
  );
}

function named(kind: 'project' | 'person', node: Node | undefined): Value[] {
  if (node === undefined) return [];
  if (node.kind === 'not') return named(kind, node.node);
  if (node.kind !== 'condition') return node.nodes.flatMap((each) => named(kind, each));
  return FIELDS[node.field].kind === kind ? [...node.values] : [];
}
