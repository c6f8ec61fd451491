/**
 * The two governed servers: their tools, what those work on, and how the servers introduce themselves. They share only a database.
 * Each has its own address, resource identifier and tools; a destructive tool is never on the readonly server.
 */
import { pathToFileURL } from 'node:url';
import type { Database } from '../demo/database/database.js';
import { makePrivateFolder } from '../demo/database/private-folder.js';
import { writeDemoBuckets } from '../demo/tools/demo-bucket.js';
import { destructiveTools, readonlyPrompts, readonlyTemplates, readonlyTools } from '../demo/tools/index.js';
import { now } from '../wire/clock.js';
import { Budget } from '../wire/mcp/budget.js';
import type { Tool } from '../wire/mcp/definitions.js';
import { readSealingKeys } from '../wire/server/sealer.js';
import { shorten } from '../wire/value.js';
import type { EndpointOptions } from './endpoint-options.js';
import { strayErrors, warnings } from './errors.js';
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

/** Problems that may last, so they are logged only now and then. */
const LASTING_PROBLEMS = new Map(Object.entries({ 'GET /readyz': 'not ready', replicas: 'replicas' }));

/** The options that both servers have in common. */
export function commonOptions(
  config: Config,
  options: Pick<EndpointOptions, 'version' | 'operatorSecret' | 'state' | 'ready'>,
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
    onError(error, about) {
      const problem = LASTING_PROBLEMS.get(about);
      if (problem === undefined) console.error(`${about}:`, error);
      else warnings(error, problem);
    },
    tasks: true,
    tasksPerPrincipal,
    counters: () => ({ process_stray_errors_total: strayErrors.count }),
    sealingKeys: readSealingKeys(stateKeys),
    sessions: most === 0 ? undefined : { most, perPrincipal, idleMs },
  };
}

export type Buckets = { root: string; remove(): Promise<void> };

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
      onNotice: (line) => console.error(`database: ${line}`),
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

/** A folder whose subfolders are the buckets. */
export async function openBuckets({ bucketRoot, only }: Config): Promise<Buckets> {
  if (bucketRoot !== undefined) return { root: bucketRoot, remove: async () => {} };
  const { path: root, remove } = await makePrivateFolder('buckets');
  if (only === undefined || only === 'readonly') await writeDemoBuckets(root);
  return { root, remove };
}

/** Loads the modules that `--tools` names. Every exported object that looks like a tool is one. @throws Error that names the file when it cannot be loaded or exports no tool */
export async function loadTools(
  files: readonly string[],
  warn: (line: string) => void = () => {},
): Promise<Tool[]> {
  const tools = (await Promise.all(files.map(loadFile))).flat();
  const warning = nameWarning(tools.map(({ name }) => String(name)));
  if (warning !== undefined) warn(warning);
  return tools;
}

/** What most model APIs accept as the name of a function. MCP also allows dots, and 128 characters. */
const MODEL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SHOWN = 5;

/** One line about all names that hosts must change before a model can call them, if there are any. */
export function nameWarning(names: readonly string[]): string | undefined {
  const unsuitable = names.filter((name) => !MODEL_NAME.test(name));
  if (unsuitable.length === 0) return undefined;
  const shown = unsuitable.slice(0, MAX_SHOWN).map((name) => shorten(JSON.stringify(name), 80));
  const more = unsuitable.length > shown.length ? ` and ${unsuitable.length - shown.length} more` : '';
  return `--tools: most model APIs take names of 1 to 64 letters, digits, _ and - only; for other names, some hosts rename the tool and some fail: ${shown.join(', ')}${more}`;
}

/** A module may export tools one by one, in an array, or both. */
async function loadFile(file: string): Promise<Tool[]> {
  const url = pathToFileURL(file).href;
  const module: object = await import(url);
  const tools = Object.values(module).flat().filter(isTool);
  strayErrors.addModule({ url, tools: tools.map(({ name }) => String(name)) });
  if (tools.length > 0) return tools;
  throw new Error(
    `--tools ${file}: exports no tool; a tool is an object with name, title, description, scope, destructive, inputSchema and handler`,
  );
}

/** Registration checks the rest, with a message that names the tool. */
function isTool(value: unknown): value is Tool {
  if (typeof value !== 'object' || value === null) return false;
  return 'inputSchema' in value || ('handler' in value && 'name' in value);
}
