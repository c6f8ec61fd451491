/**
 * The two governed servers: what each has and how it introduces itself. They share a database and nothing else: each
 * has its own address, its own resource identifier and its own tools (a destructive one never stands on `readonly`).
 */

import type { Database } from '../demo/database/database.js';
import { destructiveTools, readonlyPrompts, readonlyTemplates, readonlyTools } from '../demo/tools/index.js';
import { now } from '../wire/clock.js';
import type { Tool } from '../wire/mcp/definitions.js';
import type { EndpointOptions } from './endpoint-options.js';
import type { Config } from './settings/config.js';

export const SERVERS = ['readonly', 'destructive'] as const;
export type ServerName = (typeof SERVERS)[number];

export type ServerDefinition = Pick<
  EndpointOptions,
  'name' | 'instructions' | 'tools' | 'resourceTemplates' | 'prompts' | 'readOnly' | 'manifest'
> & {
  title: string;
};

export type Parts = {
  database: Database;
  bucketRoot: string;
  /** Somebody's own tools; each goes where its `destructive` says. */
  own: readonly Tool[];
  onAcknowledged: (incident: string) => void;
};

export function serverDefinitions(config: Config, parts: Parts): { [Name in ServerName]: ServerDefinition } {
  const { database, bucketRoot, own, onAcknowledged } = parts;
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
