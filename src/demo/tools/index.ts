/** The tools, resources and prompts of the two servers, in the order in which clients see them. */

import type { Prompt, ResourceTemplate, Tool } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { incidentResource } from './incident-resource.js';
import { incidentsAck } from './incidents-ack.js';
import { incidentsGet } from './incidents-get.js';
import { incidentsList } from './incidents-list.js';
import { investigateIncident } from './investigate-incident.js';
import { jiraCreate } from './jira-create.js';
import { jiraSearch } from './jira-search.js';
import { postgresReadonly } from './postgres-readonly.js';
import { postgresTable } from './postgres-table.js';
import { s3List } from './s3-list.js';

type Clock = () => Date;
type SqlLimits = { deadlineMs: number; maxRows: number };

export function readonlyTools(
  db: Database,
  buckets: () => string | Promise<string>,
  clock: Clock,
  limits: SqlLimits,
): Tool[] {
  return tested(
    postgresReadonly(db, limits),
    s3List({ root: buckets }),
    jiraSearch({ db, clock }),
    incidentsList({ db }),
    incidentsGet({ db, clock }),
  );
}

export function readonlyTemplates(db: Database, clock: Clock): ResourceTemplate[] {
  return [postgresTable(db), incidentResource(db, clock)];
}

export function readonlyPrompts(db: Database, clock: Clock): Prompt[] {
  return [investigateIncident(db, clock)];
}

export function destructiveTools(db: Database, clock: Clock, onAcknowledged: (id: string) => void): Tool[] {
  return tested(jiraCreate({ db, clock }), incidentsAck({ db, clock, onAcknowledged }));
}

/** test/tools/schemas.test.ts compiles the schemas. */
const tested = (...tools: Tool[]): Tool[] => tools.map((tool) => ({ ...tool, schemasTested: true }));
