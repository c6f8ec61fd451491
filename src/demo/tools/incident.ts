/** An incident as the incident tools return it: the SQL that turns a row into JSON, and its schema. */
import type { JsonObject } from '../../wire/value.js';
import { objectOf, orNull } from './schema.js';
import { isoTime } from './sql.js';

export const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'];
export const INCIDENT_STATUSES = ['open', 'acknowledged', 'resolved'];

/** Needs incidents as i and services as s. */
export const INCIDENT_JSON = `json_build_object(
  'id', i.id, 'service', s.name, 'title', i.title, 'summary', i.summary, 'severity', i.severity, 'status', i.status,
  'openedAt', ${isoTime('i.opened_at')}, 'acknowledgedAt', ${isoTime('i.acknowledged_at')},
  'acknowledgedBy', i.acknowledged_by, 'resolvedAt', ${isoTime('i.resolved_at')})`;

const OPTIONAL_TIME = orNull({ type: 'string' }, 'UTC, ISO 8601; null when it has not happened.');

const PROPERTIES = {
  id: { type: 'string', examples: ['INC-1001'] },
  service: { type: 'string', examples: ['payments-api'] },
  title: { type: 'string' },
  summary: orNull({ type: 'string' }),
  severity: { type: 'string', enum: SEVERITIES, description: 'SEV1 is the worst.' },
  status: { type: 'string', enum: INCIDENT_STATUSES },
  openedAt: { type: 'string', description: 'UTC, ISO 8601.' },
  acknowledgedAt: OPTIONAL_TIME,
  acknowledgedBy: orNull({ type: 'string' }, 'Who acknowledged it; null when nobody has.'),
  resolvedAt: OPTIONAL_TIME,
};

export const INCIDENT_SCHEMA: JsonObject = objectOf(PROPERTIES);

/** The argument that names one incident. */
export const INCIDENT_ID: JsonObject = {
  type: 'string',
  pattern: '^INC-[0-9]{1,9}$',
  description: 'Id of the incident, as incidents.list shows it.',
  examples: ['INC-1001'],
};
