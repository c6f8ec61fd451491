/** `investigate-incident`: a prompt that puts one incident and the way to look into it before a model. */

import { ArgumentError, type Prompt } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { incidentIds, incidentUri } from './incident-resource.js';
import { readIncident } from './incidents-get.js';

const STEPS = `Investigate the incident above.
1. Say in two sentences what happened and how bad it is.
2. With jira.search, look for issues that may be its cause: text ~ words of the title, newest first.
3. With postgres.readonly, check what the data says; postgres://demo/{table} describes the tables.
4. Say who should act now, and what the first step is. Name what you do not know.`;

export function investigateIncident(db: Database, clock: () => Date): Prompt {
  return {
    name: 'investigate-incident',
    scope: 'incidents:read',
    title: 'Investigate an incident',
    description: 'The incident with its events and people, and four steps to look into it.',
    arguments: [
      {
        name: 'id',
        description: 'Id of the incident, such as INC-1001',
        required: true,
        complete: (value) => incidentIds(db, value),
      },
    ],
    async get({ id = '' }, caller) {
      const incident = await readIncident(db, id, clock(), caller);
      if (incident === undefined) throw new ArgumentError(`arguments/id: there is no incident "${id}"`);
      const text = JSON.stringify(incident, undefined, 2);
      return {
        description: `Investigate ${id}`,
        messages: [
          {
            role: 'user',
            content: {
              type: 'resource',
              resource: { uri: incidentUri(id), mimeType: 'application/json', text },
            },
          },
          { role: 'user', content: { type: 'text', text: STEPS } },
        ],
      };
    },
  };
}
