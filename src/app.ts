/**
 * `start(config)`: the whole program without a process around it. It gives the rooms their clock, database, folders
 * and bounds, and returns what stops them again.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readSealingKeys } from './auth/sealer.js';
import { now } from './clock.js';
import { type Config, configure, type Service } from './config.js';
import { createEndpoint, type Endpoint } from './endpoint/endpoint.js';
import type { EndpointOptions } from './endpoint/options.js';
import type { Tool } from './mcp/tool.js';
import type { Database } from './store/database.js';
import { openEmbedded } from './store/embedded.js';
import { openServer } from './store/server.js';
import { type Switches, watchSwitches } from './switches.js';
import { writeDemoBuckets } from './tools/demo-bucket.js';
import { explained } from './tools/explained.js';
import { incidentUri } from './tools/incident-resource.js';
import { destructiveTools, readonlyPrompts, readonlyTemplates, readonlyTools } from './tools/index.js';
import { seldom } from './tools/seldom.js';

export const VERSION = '0.1.0';

export type Running = {
  /** The MCP endpoint's URL of each server that was started. */
  addresses: { [Name in Service]?: string };
  close(): Promise<void>;
};

/** Everything that the servers stand on, opened but not yet listening. */
export type App = { endpoints: { [Name in Service]?: Endpoint }; close(): Promise<void> };

type Parts = { database: Database; buckets: { root: string; remove(): void } };

/** @throws Error with one line to read when something given cannot be served, with everything closed again. */
export async function build(config: Config): Promise<App> {
  const database = explained(openDatabase(config), troubles);
  const buckets = await openBuckets(config);
  try {
    return await assemble(config, { database, buckets });
  } catch (error) {
    buckets.remove();
    await database.close();
    throw error;
  }
}

async function assemble(config: Config, { database, buckets }: Parts): Promise<App> {
  const own = await loadTools(config.tools);
  const wanted = (name: Service): boolean => config.only === undefined || config.only === name;
  const common = commonOptions(config, database);
  const endpoints: App['endpoints'] = {};
  if (wanted('readonly')) {
    const limits = { deadlineMs: config.sqlDeadlineMs, maxRows: config.sqlRows };
    endpoints.readonly = createEndpoint({
      ...common,
      name: 'internal-readonly-mcp',
      title: 'Internal tools, read only',
      instructions: 'Tools that only read: SQL over the demo company, its buckets, issues and incidents.',
      tools: [
        ...readonlyTools(database, buckets.root, now, limits),
        ...own.filter((tool) => !tool.destructive),
      ],
      resourceTemplates: readonlyTemplates(database, now),
      prompts: readonlyPrompts(database, now),
    });
  }
  if (wanted('destructive')) {
    const acknowledged = (id: string): void =>
      endpoints.readonly?.changed({ kind: 'resource', uri: incidentUri(id) });
    endpoints.destructive = createEndpoint({
      ...common,
      name: 'internal-destructive-mcp',
      title: 'Internal tools that change state',
      instructions: 'Tools that change state: they create issues and acknowledge incidents.',
      tools: [...destructiveTools(database, now, acknowledged), ...own.filter((tool) => tool.destructive)],
    });
  }
  const switches = await openSwitches(config, Object.values(endpoints));
  return {
    endpoints,
    async close() {
      switches?.close();
      await Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close()));
      buckets.remove();
      await database.close();
    },
  };
}

/** Starts the servers over HTTP. @throws node's EADDRINUSE and the like, with everything closed again. */
export async function start(given: Partial<Config> = {}): Promise<Running> {
  const config = configure(given);
  const app = await build(config);
  const addresses: Running['addresses'] = {};
  try {
    const ports = { readonly: config.readonlyPort, destructive: config.destructivePort };
    for (const name of ['readonly', 'destructive'] as const) {
      const address = await app.endpoints[name]?.listen(ports[name], config.host);
      if (address !== undefined) addresses[name] = address;
    }
  } catch (error) {
    await app.close();
    throw error;
  }
  return { addresses, close: app.close };
}

/** Of a trouble that lasts, one line now and then. */
const troubles = seldom((error, about) => console.error(`${about}: ${reasons(error)}`), now);

function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const own = error.message || code;
  return error.cause === undefined ? own : `${own}: ${reasons(error.cause)}`;
}

type Common = Omit<EndpointOptions, 'name' | 'tools'>;

function commonOptions(config: Config, database: Database): Common {
  const { allowHosts, allowOrigins, sessions, sessionIdleMs, stateKeys } = config;
  return {
    version: VERSION,
    // Whatever address the servers print, they answer to.
    allowHosts: [...allowHosts, config.host.includes(':') ? `[${config.host}]` : config.host],
    allowOrigins,
    bounds: config,
    ready: () => database.ready(),
    onError: (error, about) =>
      about === 'GET /readyz' ? troubles(error, 'not ready') : console.error(`${about}:`, error),
    tasks: true,
    sealingKeys: readSealingKeys(stateKeys),
    ...(sessions === 0 ? {} : { sessions: { most: sessions, idleMs: sessionIdleMs } }),
  };
}

function openSwitches({ switches }: Config, endpoints: Endpoint[]): Promise<Switches> | undefined {
  if (switches === undefined) return undefined;
  const apply = (disabled: string[]): void => {
    for (const endpoint of endpoints) endpoint.disable(disabled);
  };
  return watchSwitches(switches, apply, (error) => console.error('switches:', error));
}

function openDatabase({ databaseUrl, databaseReaderUrl, databaseConnections, cacheHome }: Config): Database {
  if (databaseUrl === undefined) return openEmbedded(cacheHome === undefined ? {} : { cacheHome });
  return openServer({
    url: databaseUrl,
    connections: databaseConnections,
    ...(databaseReaderUrl === undefined ? {} : { readerUrl: databaseReaderUrl }),
  });
}

async function openBuckets({ bucketRoot, only }: Config): Promise<Parts['buckets']> {
  if (bucketRoot !== undefined) return { root: bucketRoot, remove: () => {} };
  const root = await mkdtemp(join(tmpdir(), 'barewire-buckets-'));
  const atExit = (): void => rmSync(root, { recursive: true, force: true });
  // A second Ctrl-C waits for nothing, and leaves nothing behind either.
  process.once('exit', atExit);
  const remove = (): void => {
    process.off('exit', atExit);
    atExit();
  };
  if (only !== 'destructive') await writeDemoBuckets(root);
  return { root, remove };
}

async function loadTools(files: readonly string[]): Promise<Tool[]> {
  return (await Promise.all(files.map(loadFile))).flat();
}

// A tool module exports tools one by one, in an array, or both.
async function loadFile(file: string): Promise<Tool[]> {
  const module: object = await import(pathToFileURL(file).href);
  const tools = Object.values(module).flat().filter(isTool);
  if (tools.length > 0) return tools;
  throw new Error(
    `--tools ${file}: exports no tool; a tool is an object with name, title, description, scope, destructive, inputSchema and handler`,
  );
}

function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && 'handler' in value && 'inputSchema' in value;
}
