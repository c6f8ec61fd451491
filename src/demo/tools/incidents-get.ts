/**
 * incidents.get: one incident with its events and who is on call for its service. Whoever asks about an open
 * incident wants the person to call now, whoever reviews an old one wants the person of that hour: both are told.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Caller, Database } from '../database/database.js';
import { INCIDENT_ID, INCIDENT_JSON, INCIDENT_SCHEMA } from './incident.js';
import { orNull } from './or-null.js';
import { firstRow, isoTime, storable } from './sql.js';

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

const ON_CALL = {
  type: 'object',
  properties: { name: { type: 'string' }, email: { type: 'string' }, until: { type: 'string' } },
  required: ['name', 'email', 'until'],
  additionalProperties: false,
};

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
    inputSchema: {
      type: 'object',
      properties: { id: INCIDENT_ID },
      required: ['id'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        incident: INCIDENT_SCHEMA,
        service: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            team: { type: 'string' },
            tier: {
              description: 'How critical the service is.',
              anyOf: [{ type: 'integer' }, { type: 'string' }],
            },
          },
          required: ['name', 'team', 'tier'],
          additionalProperties: false,
        },
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
          items: {
            type: 'object',
            properties: {
              at: { type: 'string', description: 'UTC, ISO 8601.' },
              kind: { type: 'string', examples: ['opened'] },
              detail: orNull({ type: 'string' }),
            },
            required: ['at', 'kind', 'detail'],
            additionalProperties: false,
          },
        },
      },
      required: ['incident', 'service', 'onCallNow', 'onCallWhenOpened', 'events'],
      additionalProperties: false,
    },
    async handler({ id }, caller) {
      const incident = await readIncident(db, id, clock(), caller);
      if (incident === undefined) {
        throw new ToolError(`there is no incident "${id}"; incidents.list shows those there are`);
      }
      return { structuredContent: incident };
    },
  });
}

/** The incident as this tool returns it; undefined when there is none of that id. */
export async function readIncident(db: Database, id: string, now: Date, caller: Caller): Promise<unknown> {
  if (!storable(id)) return undefined;
  return firstRow(await db.run(GET, [id, now.toISOString()], caller))?.[0];
}
