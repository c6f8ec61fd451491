/**
 * incidents.ack: acknowledges an open incident. One statement updates it on condition that it is open and writes the event,
 * so of any number of callers exactly one succeeds and exactly one event is recorded.
 */

import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { INCIDENT_ID, INCIDENT_JSON, INCIDENT_SCHEMA } from './incidents-get.js';
import { objectOf } from './schema.js';
import { isoTime } from './sql.js';

const ACKNOWLEDGE = `with i as (
    update demo.incidents
    set status = 'acknowledged', acknowledged_at = $2::timestamptz, acknowledged_by = $3::text
    where id = $1::text and status = 'open' returning *),
  noted as (
    insert into demo.incident_events (incident_id, at, kind, detail)
    select id, acknowledged_at, 'acknowledged', $4::text from i)
  select ${INCIDENT_JSON} from i join demo.services s on s.id = i.service_id`;

const STATUS = `select status, ${isoTime('acknowledged_at')}, acknowledged_by, ${isoTime('resolved_at')}
  from demo.incidents where id = $1::text`;

type Args = { id: string; note?: string };

export type IncidentsAckDeps = {
  db: Database;
  clock: () => Date;
  /** Who acknowledges: an e-mail address, or the user of an access token. */
  by?: string;
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
    // It overwrites the status, and no tool reverts that. A repeated call changes nothing.
    annotations: {
      title: 'Acknowledge an incident',
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: objectOf(
      {
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
      ['id'],
    ),
    outputSchema: objectOf({ incident: INCIDENT_SCHEMA }),
    async handler({ id, note }, caller) {
      const detail = note === undefined ? `Taken by ${by}.` : `Taken by ${by}. ${note}`;
      const params = [id, clock().toISOString(), by, detail];
      const [acknowledged] = (await db.run(ACKNOWLEDGE, params, caller)).rows;
      if (acknowledged !== undefined) {
        onAcknowledged?.(id);
        return { structuredContent: { incident: acknowledged[0] } };
      }

      const [row] = (await db.run(STATUS, [id], caller)).rows;
      if (row === undefined) {
        throw new ToolError(`there is no incident "${id}"; incidents.list shows those there are`);
      }
      const [status, at, who, resolvedAt] = row;
      const acknowledgement = at === null ? '' : `acknowledged by ${who ?? 'somebody'} at ${at}`;
      if (status === 'resolved') {
        throw new ToolError(
          `${id} was resolved at ${resolvedAt}${acknowledgement && `, after it was ${acknowledgement}`}`,
        );
      }
      throw new ToolError(`${id} is already ${acknowledgement || status}`);
    },
  });
}
