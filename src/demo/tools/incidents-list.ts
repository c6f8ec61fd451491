/** incidents.list: the newest incidents first, narrowed by status, severity and service. */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { INCIDENT_JSON, INCIDENT_SCHEMA, INCIDENT_STATUSES, SEVERITIES } from './incidents-get.js';
import { objectOf } from './schema.js';
import { firstColumn, listNames } from './sql.js';

const LIST = `with matched as (
    select ${INCIDENT_JSON} as incident, row_number() over (order by i.opened_at desc, i.id desc) as place
    from demo.incidents i join demo.services s on s.id = i.service_id
    where ($1::text is null or i.status = $1::text)
      and ($2::text is null or i.severity = $2::text)
      and ($3::text is null or s.name = $3::text))
  select (select count(*)::int from matched),
    (select coalesce(json_agg(incident order by place), '[]') from matched where place <= $4::int)`;

type Args = { status?: string; severity?: string; service?: string; limit?: number };

export function incidentsList({ db }: { db: Database }): Tool {
  return defineTool<Args>({
    name: 'incidents.list',
    title: 'List incidents',
    description: 'Lists incidents, the newest first. Filters narrow the list together. Reads only.',
    scope: 'incidents:read',
    destructive: false,
    annotations: { title: 'List incidents', readOnlyHint: true, openWorldHint: false },
    inputSchema: objectOf(
      {
        status: {
          type: 'string',
          enum: INCIDENT_STATUSES,
          description: 'Only incidents in this status.',
          examples: ['open'],
        },
        severity: {
          type: 'string',
          enum: SEVERITIES,
          description: 'Only incidents of this severity; SEV1 is the worst.',
          examples: ['SEV1'],
        },
        service: {
          type: 'string',
          maxLength: 100,
          pattern: '^[^\\u0000]+$',
          description: 'Only incidents of the service with exactly this name.',
          examples: ['payments-api'],
        },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: 100,
          default: 20,
          description: 'Incidents returned at most.',
          examples: [20],
        },
      },
      [],
    ),
    outputSchema: objectOf({
      incidents: { type: 'array', items: INCIDENT_SCHEMA },
      total: { type: 'integer', description: 'Matching incidents, whether returned or not.' },
    }),
    async handler({ status, severity, service, limit = 20 }, caller) {
      const params = [status ?? null, severity ?? null, service ?? null, limit];
      const [row] = (await db.run(LIST, params, caller)).rows;
      const [total, incidents] = [row?.[0], row?.[1]];
      if (total === 0 && service !== undefined) {
        const services = firstColumn(
          await db.run('select name from demo.services order by name', [], caller),
        );
        if (!services.includes(service)) {
          throw new ToolError(`there is no service "${service}"; use one of ${listNames(services)}`);
        }
      }
      return { structuredContent: { incidents, total } };
    },
  });
}
