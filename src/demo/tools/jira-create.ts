/**
 * jira.create: adds one issue. The statement that inserts it also takes the number of its key from the project's counter and
 * locks that row, so two callers never get the same key, and a failed call uses no number.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { ISSUE_JOINS, ISSUE_JSON, ISSUE_SCHEMA } from './jira-search.js';
import { ISSUE_TYPES, PRIORITIES } from './jql-fields.js';
import { objectOf } from './schema.js';
import { firstColumn, listNames } from './sql.js';

const CREATE = `with person as (select id from demo.employees where lower(email) = lower($7::text) limit 1),
  counted as (
    update demo.projects set next_number = next_number + 1
    where key = $1::text and ($7::text is null or exists (select from person))
    returning key, lead_id, next_number - 1 as number),
  i as (
    insert into demo.issues (key, project_key, number, type, summary, description, status, priority,
      assignee_id, reporter_id, labels, created_at, updated_at)
    select key || '-' || number, key, number, $2::text, $3::text, $4::text, 'To Do', $5::text,
      (select id from person),
      coalesce((select id from demo.employees where lower(email) = lower($8::text) limit 1), lead_id),
      array(select json_array_elements_text($6::json)), $9::timestamptz, $9::timestamptz
    from counted returning *)
  select ${ISSUE_JSON} from i ${ISSUE_JOINS}`;

type Args = {
  project: string;
  type: string;
  summary: string;
  description?: string;
  priority?: string;
  labels?: string[];
  assignee?: string;
};

export type JiraCreateDeps = {
  db: Database;
  clock: () => Date;
  /** E-mail address of the employee who reports the issue; the project's lead by default. */
  reporter?: string;
};

export function jiraCreate({ db, clock, reporter }: JiraCreateDeps): Tool {
  return defineTool<Args>({
    name: 'jira.create',
    title: 'Create a Jira issue',
    description:
      'Creates an issue with status To Do, reported by the lead of its project, and returns it with its new key. ' +
      'Each call creates another issue.',
    scope: 'jira:write',
    destructive: true,
    // It only adds, so it is not destructive in the protocol's sense. Our policy still requires approval.
    annotations: {
      title: 'Create a Jira issue',
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
    inputSchema: objectOf(
      {
        project: {
          type: 'string',
          pattern: '^[A-Z][A-Z0-9]{1,9}$',
          description: 'Key of the project.',
          examples: ['PAY'],
        },
        type: { type: 'string', enum: ISSUE_TYPES, description: 'Type of the issue.', examples: ['Bug'] },
        summary: {
          type: 'string',
          minLength: 1,
          maxLength: 255,
          pattern: '^[^\\u0000-\\u001F\\u007F]*[^\\u0000-\\u0020\\u007F][^\\u0000-\\u001F\\u007F]*$',
          description: 'One line that says what it is about.',
          examples: ['Refund is booked twice when the bank answers late'],
        },
        description: {
          type: 'string',
          maxLength: 5000,
          default: '',
          pattern: '^[^\\u0000]*$',
          description: 'The whole story, as plain text.',
          examples: ['Seen three times today. Steps: ...'],
        },
        priority: {
          type: 'string',
          enum: PRIORITIES,
          default: 'Medium',
          description: 'How urgent it is.',
          examples: ['High'],
        },
        labels: {
          type: 'array',
          maxItems: 20,
          uniqueItems: true,
          items: { type: 'string', maxLength: 50, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' },
          default: [],
          description: 'Labels without spaces.',
          examples: [['refunds', 'customer-reported']],
        },
        assignee: {
          type: 'string',
          maxLength: 254,
          pattern: '^[^@\\u0000-\\u0020\\u007F]+@[^@\\u0000-\\u0020\\u007F]+$',
          description: 'E-mail address of the employee who is to do it; nobody when left out.',
          examples: ['ana.silva@example.com'],
        },
      },
      ['project', 'type', 'summary'],
    ),
    outputSchema: objectOf({ issue: ISSUE_SCHEMA }),
    async handler(args, caller) {
      const { project, type, summary, description = '', priority = 'Medium', labels = [], assignee } = args;
      const params = [
        project,
        type,
        summary,
        description,
        priority,
        JSON.stringify(labels),
        assignee ?? null,
        reporter ?? null,
        clock().toISOString(),
      ];
      const [row] = (await db.run(CREATE, params, caller)).rows;
      if (row !== undefined) return { structuredContent: { issue: row[0] } };
      const projects = firstColumn(await db.run('select key from demo.projects order by key', [], caller));
      if (!projects.includes(project)) {
        throw new ToolError(`there is no project "${project}"; use one of ${listNames(projects)}`);
      }
      throw new ToolError(
        `no employee has the e-mail address "${assignee}"; postgres.readonly can look one up by name in demo.employees`,
      );
    },
  });
}
