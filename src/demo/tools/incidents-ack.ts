/**
 * incidents.ack: takes an open incident on. One conditional update decides who was first and the same statement
 * writes the event, so of any number of callers exactly one succeeds and exactly one event is recorded.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { INCIDENT_ID, INCIDENT_JSON, INCIDENT_SCHEMA } from './incident.js';
import { firstRow, isoTime } from './sql.js';

const ACKNOWLEDGE = `with i as (
    update demo.incidents
    set status = 'acknowledged', acknowledged_at = $2::timestamptz, acknowledged_by = $3::text
    where id = $1::text and status = 'open' returning *),
  noted as (
    insert into demo.incident_events (incident_id, at, kind, detail)
    select id, acknowledged_at, 'acknowledged', $4::text from i)
  select ${INCIDENT_JSON} from i join demo.services s on s.id = i.service_id`;

const STANDING = `select status, ${isoTime('acknowledged_at')}, acknowledged_by, ${isoTime('resolved_at')}
  from demo.incidents where id = $1::text`;

type Args = { id: string; note?: string };

export type IncidentsAckDeps = {
  db: Database;
  clock: () => Date;
  /** Recorded as the one who acknowledges: an e-mail address, or the user of an access token. */
  by?: string;
  /** Told when an incident has been acknowledged. */
  onAcknowledged?: (id: string) => void;
};

export function incidentsAck({ db, clock, by = 'operator', onAcknowledged }: IncidentsAckDeps): Tool {
  return defineTool<Args>({
    name: 'incidents.ack',
    title: 'Acknowledge an incident',
    description:
      'Acknowledges an open incident, so that others know somebody is on it, and returns it. An incident is ' +
      'acknowledged once; the answer to a second attempt says who was first, and when.',
    scope: 'incidents:write',
    destructive: true,
    // It overwrites the status and nothing here takes that back; a repeated call changes nothing more.
    annotations: {
      title: 'Acknowledge an incident',
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: {
      type: 'object',
      properties: {
        id: INCIDENT_ID,
        note: {
          type: 'string',
          minLength: 1,
          maxLength: 1000,
          pattern: '^[^\\u0000]*$',
          description: 'Recorded with the event.',
          examples: ['Looking into the connection pool.'],
        },
      },
      required: ['id'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: { incident: INCIDENT_SCHEMA },
      required: ['incident'],
      additionalProperties: false,
    },
    async handler({ id, note }, caller) {
      const detail = note === undefined ? `Taken by ${by}.` : `Taken by ${by}. ${note}`;
      const acknowledged = firstRow(
        await db.run(ACKNOWLEDGE, [id, clock().toISOString(), by, detail], caller),
      );
      if (acknowledged !== undefined) {
        onAcknowledged?.(id);
        return { structuredContent: { incident: acknowledged[0] } };
      }

      const standing = firstRow(await db.run(STANDING, [id], caller));
      if (standing === undefined) {
        throw new ToolError(`there is no incident "${id}"; incidents.list shows those there are`);
      }
      const [status, at, who, resolvedAt] = standing;
      const taken = at === null ? '' : `acknowledged by ${who ?? 'somebody'} at ${at}`;
      if (status === 'resolved') {
        throw new ToolError(`${id} was resolved at ${resolvedAt}${taken && `, after it was ${taken}`}`);
      }
      throw new ToolError(`${id} is already ${taken || status}`);
    },
  });
}
