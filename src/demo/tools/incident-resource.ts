/** `incident://{id}`: one incident as a resource, which clients may watch: it is updated when somebody acknowledges it. */

import type { ResourceTemplate } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { readIncident } from './incidents-get.js';
import { storable, texts } from './sql.js';

const IDS = `select id from demo.incidents where strpos(lower(id), lower($1::text)) > 0 or status = $1::text
  order by status = 'open' desc, opened_at desc, id limit 101`;

export function incidentUri(id: string): string {
  return `incident://${id}`;
}

export function incidentResource(db: Database, clock: () => Date): ResourceTemplate {
  return {
    uriTemplate: 'incident://{id}',
    name: 'incident',
    scope: 'incidents:read',
    title: 'An incident',
    description:
      'One incident with its events, its service and who is on call, as JSON. Updated when acknowledged.',
    mimeType: 'application/json',
    async read(uri, { id = '' }, caller) {
      const incident = await readIncident(db, id, clock(), caller);
      if (incident === undefined) return undefined;
      return [{ uri, mimeType: 'application/json', text: JSON.stringify(incident, undefined, 2) }];
    },
    complete: { id: (value) => incidentIds(db, value) },
  };
}

/** Ids that fit what was typed, the open ones first. */
export async function incidentIds(db: Database, value: string): Promise<string[]> {
  return storable(value) ? texts(await db.run(IDS, [value])) : [];
}
