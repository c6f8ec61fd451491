/**
 * incidents.get: one incident with its events and who is on call for its service: now, for an open incident, and when it
 * was opened, for the review of an old one. The other incident tools return an incident in the same form.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { JsonObject } from '../../wire/value.js';
import type { Caller, Database } from '../database/database.js';
import { objectOf, orNull } from './schema.js';
import { isoTime, isStorable } from './sql.js';

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

const onCallAt = (moment: string): string => `(
  select json_build_object('name', e.name, 'email', e.email, 'until', ${isoTime('o.ends_at')})
  from demo.on_call o join demo.employees e on e.id = o.employee_id
  where o.service_id = i.service_id and o.starts_at <= ${moment} and o.ends_at > ${moment}
  order by o.starts_at desc, o.id limit 1)`;

const GET = `select json_build_object(
    'incident', ${INCIDENT_JSON},
    'service', json_build_object('name', s.name, 'team', s.team, 'tier', s.tier),
    'onCallNow', ${onCallAt('$2::timestamptz')},
    'onCallWhenOpened', ${onCallAt('i.opened_at')},
    'events', (select coalesce(json_agg(json_build_object('at', ${isoTime('v.at')}, 'kind', v.kind, 'detail', v.detail)
        order by v.at, v.id), '[]') from demo.incident_events v where v.incident_id = i.id))
  from demo.incidents i join demo.services s on s.id = i.service_id where i.id = $1::text`;

const ON_CALL = objectOf({ name: { type: 'string' }, email: { type: 'string' }, until: { type: 'string' } });

type Args = { id: string };

export function incidentsGet({ db, clock }: { db: Database; clock: () => Date }): Tool {
  return defineTool<Args>({
    name: 'incidents.get',
    title: 'Get an incident',
    description:
      'Returns one incident with its events in order, its service, and who is on call for that service: now, and ' +
      'when the incident was opened. Reads only.',
    scope: 'incidents:read',
    destructive: false,
    annotations: { title: 'Get an incident', readOnlyHint: true, openWorldHint: false },
    inputSchema: objectOf({ id: INCIDENT_ID }),
    outputSchema: objectOf({
      incident: INCIDENT_SCHEMA,
      service: objectOf({
        name: { type: 'string' },
        team: { type: 'string' },
        tier: {
          description: 'How critical the service is.',
          anyOf: [{ type: 'integer' }, { type: 'string' }],
        },
      }),
      onCallNow: orNull(
        ON_CALL,
        'Who is on call for the service at the time of this answer; null when nobody is.',
      ),
      onCallWhenOpened: orNull(
        ON_CALL,
        'Who was on call when the incident was opened; null when nobody was.',
      ),
      events: {
        type: 'array',
        description: 'Oldest first.',
        items: objectOf({
          at: { type: 'string', description: 'UTC, ISO 8601.' },
          kind: { type: 'string', examples: ['opened'] },
          detail: orNull({ type: 'string' }),
        }),
      },
    }),
    async handler({ id }, caller) {
      const incident = await readIncident(db, id, clock(), caller);
      if (incident === undefined) {
        throw new ToolError(`there is no incident "${id}"; incidents.list shows those there are`);
      }
      return { structuredContent: incident };
    },
  });
}

/** Undefined when there is no such incident. */
export async function readIncident(db: Database, id: string, now: Date, caller: Caller): Promise<unknown> {
  if (!isStorable(id)) return undefined;
  return (await db.run(GET, [id, now.toISOString()], caller)).rows[0]?.[0];
}
