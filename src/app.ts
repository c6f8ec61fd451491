/**
 * `start(config)`: the whole program without a process around it. It gives the rooms their clock, database, folders
 * and bounds, and returns what stops them again.
 */
import { authOptions, issuersOf, openAuthServer, tellRefusal } from './access.js';
import { canonicalResource } from './auth/audience.js';
import { isLoopbackAddress } from './auth/protected-resource.js';
import { readSealingKeys } from './auth/sealer.js';
import type { AuthServer, ProtectedResource } from './authserver/authserver.js';
import { now } from './clock.js';
import { type Config, configure, type Service } from './config.js';
import { type Buckets, openBuckets, openDatabase } from './data.js';
import { createEndpoint, type Endpoint } from './endpoint/endpoint.js';
import type { EndpointOptions } from './endpoint/options.js';
import { type Governance, openGovernance } from './governance.js';
import { loadTools } from './own-tools.js';
import { READ_PERSONAL_DATA } from './policy/columns.js';
import { type Face, faces, SERVERS, type ServerName } from './servers.js';
import type { Database } from './store/database.js';
import { type Switches, watchSwitches } from './switches.js';
import { explained } from './tools/explained.js';
import { incidentUri } from './tools/incident-resource.js';
import { seldom } from './tools/seldom.js';

export const VERSION = '0.1.0';

export type Running = {
  /** Where each service that was started is found: the MCP endpoints by their public URL. */
  addresses: { [Name in Service]?: string };
  /** Whose tokens are accepted. */
  issuers: readonly string[];
  close(): Promise<void>;
};

/** Everything that the servers stand on, opened but not yet listening. */
export type App = {
  endpoints: { [Name in ServerName]?: Endpoint };
  /** What each server has, also of one that runs elsewhere. */
  faces: { [Name in ServerName]: Face };
  close(): Promise<void>;
};

type Opened = { database: Database; buckets: Buckets; governance: Governance };

/**
 * @param issuers whose tokens are accepted
 * @throws Error with one line to read when something given cannot be served, with everything closed again.
 */
export async function build(config: Config, issuers: readonly string[]): Promise<App> {
  const governance = await openGovernance(config, started(config), troubles);
  const database = explained(openDatabase(config), troubles);
  const buckets = await openBuckets(config);
  const opened = { database, buckets, governance };
  try {
    return await assemble(config, issuers, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function closeAll({ database, buckets, governance }: Opened): Promise<void> {
  buckets.remove();
  await database.close();
  // Last: until then there may be something to write down.
  await governance.close();
}

/** The MCP servers that this process runs. */
function started({ only }: Config): ServerName[] {
  return SERVERS.filter((name) => only === undefined || only === name);
}

async function assemble(config: Config, issuers: readonly string[], opened: Opened): Promise<App> {
  const { database, buckets, governance } = opened;
  const auth = await authOptions(config, issuers);
  const common = commonOptions(config, opened);
  const endpoints: App['endpoints'] = {};
  const both = faces(config, {
    database,
    bucketRoot: buckets.root,
    own: await loadTools(config.tools),
    onAcknowledged: (id) => endpoints.readonly?.changed({ kind: 'resource', uri: incidentUri(id) }),
  });
  for (const name of started(config)) {
    const url = publicUrl(config, name);
    endpoints[name] = createEndpoint({
      ...common,
      ...both[name],
      ...governance.of(name, both[name], issuers),
      ...(url === undefined ? {} : { url }),
      auth: { ...auth, onRefused: (refusal) => tellRefusal(name, refusal) },
    });
  }
  const switches = await openSwitches(config, Object.values(endpoints));
  return {
    endpoints,
    faces: both,
    async close() {
      switches?.close();
      await Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close()));
      await closeAll(opened);
    },
  };
}

/** @throws Error where clients cannot know the server by the address it listens on. */
function publicUrl(config: Config, name: ServerName): string | undefined {
  const url = config[`${name}Url`];
  if (url !== undefined || isLoopbackAddress(config.host)) return url;
  throw new Error(`--host ${config.host}: say with --${name}-url by which https URL clients know the server`);
}

/** @throws Error when nothing would tell a token for one server from a token for the other. */
function checkApart(config: Config): void {
  const [readonly, destructive] = SERVERS.map((name) => canonicalResource(identifierOf(config, name)));
  // A free port is not known yet, and never that of the other.
  const free = SERVERS.some((name) => config[`${name}Url`] === undefined && config[`${name}Port`] === 0);
  if (free || readonly !== destructive) return;
  throw new Error(`--readonly-url and --destructive-url must differ, received ${readonly} for both`);
}

function identifierOf(config: Config, name: ServerName): string {
  return config[`${name}Url`] ?? `http://localhost:${config[`${name}Port`]}/mcp`;
}

/** Starts the services over HTTP. @throws node's EADDRINUSE and the like, with everything closed again. */
export async function start(given: Partial<Config> = {}): Promise<Running> {
  const config = configure(given);
  checkApart(config);
  const addresses: Running['addresses'] = {};
  let app: App | undefined;
  let authserver: AuthServer | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([app?.close(), authserver?.close()]);
  };
  const issuers = (): readonly string[] => issuersOf(config, authserver);
  try {
    // First, because the others accept its tokens; what it issues them for is asked when somebody wants one.
    authserver = await openAuthServer(config, () => resourcesOf(config, app));
    if (authserver !== undefined) addresses.authserver = authserver.issuer;
    app = await build(config, issuers());
    for (const name of SERVERS) {
      const address = await app.endpoints[name]?.listen(config[`${name}Port`], config.host);
      if (address !== undefined) addresses[name] = config[`${name}Url`] ?? address;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, issuers: issuers(), close };
}

/** What the authorization server issues tokens for: every server of this project, wherever it runs. */
function resourcesOf(config: Config, app: App | undefined): ProtectedResource[] {
  if (app === undefined) return [];
  return SERVERS.map((name) => {
    const { title, tools } = app.faces[name];
    const resource = app.endpoints[name]?.resource ?? identifierOf(config, name);
    return { resource, name: title, tools, scopes: [READ_PERSONAL_DATA] };
  });
}

/** Of a trouble that lasts, one line now and then. */
const troubles = seldom((error, about) => console.error(`${about}: ${reasons(error)}`), now);

function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const own = error.message || code;
  return error.cause === undefined ? own : `${own}: ${reasons(error.cause)}`;
}

type Common = Omit<EndpointOptions, keyof Face>;

function commonOptions(config: Config, { database, governance }: Opened): Common {
  const { allowHosts, allowOrigins, sessions, sessionIdleMs, stateKeys } = config;
  return {
    version: VERSION,
    // Whatever address the servers print, they answer to.
    allowHosts: [...allowHosts, config.host.includes(':') ? `[${config.host}]` : config.host],
    allowOrigins,
    bounds: config,
    ready: () => database.ready().then(() => governance.ready()),
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
