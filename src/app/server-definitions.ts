/**
 * The two governed servers: their tools, and how they introduce themselves. They share only a database. Each has its own
 * address, resource identifier and tools; a destructive tool is never on the readonly server.
 */

import type { Database } from '../demo/database/database.js';
import { destructiveTools, readonlyPrompts, readonlyTemplates, readonlyTools } from '../demo/tools/index.js';
import { now } from '../wire/clock.js';
import type { Tool } from '../wire/mcp/definitions.js';
import type { EndpointOptions } from './endpoint-options.js';
import type { Config } from './settings/config.js';

export const SERVERS = ['readonly', 'destructive'] as const;
export type ServerName = (typeof SERVERS)[number];

/** Reads the flag `--server` of a command. */
export function readServerName(text: string): ServerName {
  const server = SERVERS.find((name) => name === text);
  if (server !== undefined) return server;
  throw new RangeError(`--server: expected ${SERVERS.join(' or ')}, received "${text}"`);
}

export type ServerDefinition = Pick<
  EndpointOptions,
  'name' | 'instructions' | 'tools' | 'resourceTemplates' | 'prompts' | 'readOnly' | 'manifest'
> & {
  title: string;
};

type Parts = {
  database: Database;
  bucketRoot: string;
  /** The operator's own tools. Each goes to the server that its `destructive` names. */
  own: readonly Tool[];
  onAcknowledged: (incident: string) => void;
};

export function serverDefinitions(
  config: Config,
  { database, bucketRoot, own, onAcknowledged }: Parts,
): { [Name in ServerName]: ServerDefinition } {
  const manifest = { owner: config.owner, slo: config.slo };
  const limits = { deadlineMs: config.sqlDeadlineMs, maxRows: config.sqlRows };
  return {
    readonly: {
      readOnly: true,
      manifest,
      name: 'internal-readonly-mcp',
      title: 'Internal tools, read only',
      instructions: 'Tools that only read: SQL over the demo company, its buckets, issues and incidents.',
      tools: [
        ...readonlyTools(database, bucketRoot, now, limits),
        ...own.filter(({ destructive }) => !destructive),
      ],
      resourceTemplates: readonlyTemplates(database, now),
      prompts: readonlyPrompts(database, now),
    },
    destructive: {
      manifest,
      name: 'internal-destructive-mcp',
      title: 'Internal tools that change state',
      instructions: 'Tools that change state: they create issues and acknowledge incidents.',
      tools: [
        ...destructiveTools(database, now, onAcknowledged),
        ...own.filter(({ destructive }) => destructive),
      ],
    },
  };
}
