/**
 * The two governed servers: their tools, what those work on, and how the servers introduce themselves. They share only a database.
 * Each has its own address, resource identifier and tools; a destructive tool is never on the readonly server.
 */
import type { Database } from '../demo/database/database.js';
import { makePrivateFolder, type PrivateFolder } from '../demo/database/private-folder.js';
import { writeDemoBuckets } from '../demo/tools/demo-bucket.js';
import { destructiveTools, readonlyPrompts, readonlyTemplates, readonlyTools } from '../demo/tools/index.js';
import { now } from '../wire/clock.js';
import { Budget } from '../wire/mcp/budget.js';
import type { Tool } from '../wire/mcp/definitions.js';
import { readSealingKeys } from '../wire/server/sealer.js';
import type { EndpointOptions } from './endpoint-options.js';
import { report } from './log/log.js';
import type { Config } from './settings/config.js';
import type { ServerName } from './settings/setting.js';

export type ServerDefinition = Pick<
  EndpointOptions,
  'name' | 'instructions' | 'tools' | 'resourceTemplates' | 'prompts' | 'readOnly' | 'manifest'
> & {
  title: string;
};

type Parts = {
  database: Database;
  /** The folder of the buckets. */
  buckets: () => string | Promise<string>;
  /** The operator's own tools. Each goes to the server that its `destructive` names. */
  own: readonly Tool[];
  onAcknowledged: (incident: string) => void;
};

export function serverDefinitions(
  config: Config,
  { database, buckets, own, onAcknowledged }: Parts,
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
        ...readonlyTools(database, buckets, now, limits),
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

/** The options that both servers have in common. */
export function commonOptions(
  config: Config,
  options: Pick<EndpointOptions, 'version' | 'operatorSecret' | 'state' | 'ready' | 'certificate'>,
): Omit<EndpointOptions, keyof ServerDefinition> {
  const { host, allowHosts, allowOrigins, strictArguments, tasksPerPrincipal, stateKeys } = config;
  const { sessions: most, sessionsPerPrincipal: perPrincipal, sessionIdleMs: idleMs } = config;
  return {
    ...options,
    // The servers print this address, so they must answer to it.
    allowHosts: [...allowHosts, host.includes(':') ? `[${host}]` : host],
    allowOrigins,
    strictArguments,
    bounds: config,
    budget: new Budget(config),
    onError: report,
    tasks: true,
    tasksPerPrincipal,
    sealingKeys: readSealingKeys(stateKeys),
    sessions: most === 0 ? undefined : { most, perPrincipal, idleMs },
  };
}

/** `root` is a folder whose subfolders are the buckets. */
export type Buckets = { root(): Promise<string>; remove(): Promise<void> };

/** Imports only the database that is used, since the libraries of both are large. */
export async function openDatabase({
  databaseUrl,
  databaseReaderUrl,
  databaseConnections,
  cacheHome,
}: Config): Promise<Database> {
  if (databaseUrl === undefined) {
    const { openEmbedded } = await import('../demo/database/embedded.js');
    return openEmbedded({
      onError: report,
      ...(cacheHome === undefined ? {} : { cacheHome }),
    });
  }
  const { openServer } = await import('../demo/database/postgres.js');
  return openServer({
    url: databaseUrl,
    connections: databaseConnections,
    ...(databaseReaderUrl === undefined ? {} : { readerUrl: databaseReaderUrl }),
  });
}

/** Those of the demo are written when a call first needs them: 120 files are a fifth of a start. */
export function openBuckets({ bucketRoot }: Config): Buckets {
  if (bucketRoot !== undefined) return { root: async () => bucketRoot, remove: async () => {} };
  let demo: Promise<PrivateFolder> | undefined;
  return {
    async root() {
      demo ??= makeDemoBuckets().catch((error: unknown) => {
        demo = undefined;
        throw error;
      });
      return (await demo).path;
    },
    async remove() {
      await (await demo)?.remove();
    },
  };
}

async function makeDemoBuckets(): Promise<PrivateFolder> {
  const folder = await makePrivateFolder('buckets');
  try {
    writeDemoBuckets(folder.path);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return folder;
}
