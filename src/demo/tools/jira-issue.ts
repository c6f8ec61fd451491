/** An issue as both Jira tools return it: the SQL that turns a row into JSON, and its schema. */
import type { JsonObject } from '../../wire/value.js';
import { ISSUE_TYPES, PRIORITIES, STATUSES } from './jql-fields.js';
import { objectOf, orNull } from './schema.js';
import { isoTime } from './sql.js';

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
