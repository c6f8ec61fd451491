/**
 * `start(config)` runs the whole program as a function, without a process of its own. It connects the parts of src to
 * database, folders and settings, and returns a way to stop them. Over 200 lines because all wiring is here.
 */

import type { Database } from '../demo/database/database.js';
import { incidentUri } from '../demo/tools/incident-resource.js';
import { withPublicErrors } from '../demo/tools/public-database-errors.js';
import { gatePolicy } from '../governance/policy/gate.js';
import type { AuthServer, ProtectedResource } from '../services/authserver/authserver.js';
import { checkFollowable } from '../services/registry/follow/follow.js';
import { Budget } from '../wire/mcp/budget.js';
import type { Change } from '../wire/mcp/connection.js';
import { budgetBounds } from '../wire/server/create-server.js';
import { readSealingKeys } from '../wire/server/sealer.js';
import { authOptions, issuersOf, openAuthServer, tellRefusal, unlimitedIssuers } from './access.js';
import { type Buckets, openBuckets, openDatabase, prepareSoon } from './demo-data.js';
import { createEndpoint, type Endpoint } from './endpoint.js';
import type { EndpointOptions } from './endpoint-options.js';
import { type Governance, openGovernance } from './governance.js';
import { checkApart, identifierOf, publicUrl, resourcesOf } from './identifiers.js';
import { openRegistry, openTracing } from './lazy.js';
import { openMetricsPort, operatorSecretOf } from './operator.js';
import { loadTools } from './own-tools.js';
import type { RunningRegistry } from './registry.js';
import { SERVERS, type ServerDefinition, type ServerName, serverDefinitions } from './server-definitions.js';
import { type Config, configure } from './settings/config.js';
import { checkPlaintext } from './settings/plaintext.js';
import type { Service } from './settings/setting.js';
import { refuseSharedSecrets } from './settings/shared-secrets.js';
import { strayErrors } from './stray-errors.js';
import { createSwitchboard, type Switchboard } from './switchboard.js';
import type { Tracing } from './trace.js';
import { warnings } from './warnings.js';

export const VERSION = '0.1.0';

export type Running = {
  /** The address of each started service; of an MCP endpoint, its public URL. */
  addresses: { [Name in Service]?: string };
  /** The issuers whose tokens are accepted. */
  issuers: readonly string[];
  /** Opens metrics and trace; undefined if they are off. */
  operatorSecret: string | undefined;
  /** `lingerMs` as in Endpoint. */
  close(lingerMs?: number): Promise<void>;
};

/** The servers and everything they need, opened but not yet listening. */
export type App = {
  endpoints: { [Name in ServerName]?: Endpoint };
  /** The definition of each server, including one that runs in another process. */
  faces: { [Name in ServerName]: ServerDefinition };
  switchboard: Switchboard;
  tracing: Tracing | undefined;
  close(lingerMs?: number): Promise<void>;
};

type Opened = { database: Database; buckets: Buckets; governance: Governance };

/**
 * @param issuers whose tokens are accepted
 * @throws Error with a one-line message when the settings cannot be served
 */
export async function build(
  config: Config,
  issuers: readonly string[],
  operatorSecret?: string,
): Promise<App> {
  refuseSharedSecrets(config);
  await checkPlaintext(config);
  const governance = await openGovernance(config, started(config), issuers, warnings);
  const database = withPublicErrors(await openDatabase(config), warnings);
  const buckets = await openBuckets(config);
  const opened = { database, buckets, governance };
  try {
    return await assemble(config, issuers, opened, operatorSecret);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function closeAll({ database, buckets, governance }: Opened): Promise<void> {
  await buckets.remove();
  await database.close();
  // Last, because until then there may be audit records to write.
  await governance.close();
}

/** The MCP servers that this process runs. */
function started({ only }: Config): ServerName[] {
  return SERVERS.filter((name) => only === undefined || only === name);
}

async function assemble(
  config: Config,
  issuers: readonly string[],
  opened: Opened,
  operatorSecret: string | undefined,
): Promise<App> {
  const { database, buckets, governance } = opened;
  // On stdio each process serves one client. Other processes that the client starts are not replicas.
  const state = config.stdio ? undefined : governance.shared;
  const auth = await authOptions(config, issuers);
  const unlimited = unlimitedIssuers(auth);
  if (unlimited !== undefined) console.error(unlimited);
  const common = commonOptions(config, opened);
  const endpoints: App['endpoints'] = {};
  const both = serverDefinitions(config, {
    database,
    bucketRoot: buckets.root,
    own: await loadTools(config.tools, console.error),
    onAcknowledged(id) {
      const change: Change = { kind: 'resource', uri: incidentUri(id) };
      if (endpoints.readonly === undefined) governance.tell(both.readonly.name, change);
      else endpoints.readonly.changed(change);
    },
  });
  const switchboard = createSwitchboard(config, {
    onError: warnings,
    notice: console.error,
    toolNames: SERVERS.flatMap((name) => both[name].tools.map((tool) => tool.name)),
  });
  const tracing = await openTracing(config, operatorSecret);
  if (started(config).length > 0) prepareSoon(database, warnings);
  for (const name of started(config)) {
    const url = publicUrl(config, name);
    const governed = governance.of(name, both[name]);
    endpoints[name] = createEndpoint({
      ...common,
      ...both[name],
      ...governed,
      ...(state === undefined ? {} : { state }),
      policy: gatePolicy(governed.policy, () => switchboard.service(name)),
      ...(url === undefined ? {} : { url }),
      ...(operatorSecret === undefined ? {} : { operatorSecret }),
      auth: { ...auth, onRefused: (refusal) => tellRefusal(name, refusal) },
      ...tracing?.watch(name, governed.pages),
    });
  }
  const named = Object.entries(endpoints) as [ServerName, Endpoint][];
  await switchboard.open(
    new Map(named.map(([name, endpoint]) => [name, { endpoint, tools: both[name].tools }])),
  );
  return {
    endpoints,
    faces: both,
    switchboard,
    tracing,
    async close(lingerMs) {
      switchboard.close();
      await Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close(lingerMs)));
      await closeAll(opened);
    },
  };
}

/** Starts the services over HTTP. When one cannot start, closes the others. @throws Node's EADDRINUSE and similar errors */
export async function start(given: Partial<Config> = {}): Promise<Running> {
  const config = configure(given);
  checkApart(config);
  const { registryUrl } = config;
  if (registryUrl !== undefined)
    for (const name of started(config)) checkFollowable(registryUrl, identifierOf(config, name));
  const operatorSecret = operatorSecretOf(config);
  const addresses: Running['addresses'] = {};
  let app: App | undefined;
  let authserver: AuthServer | undefined;
  let registry: RunningRegistry | undefined;
  let scraping: { close(): Promise<void> } | undefined;
  const close = async (lingerMs?: number): Promise<void> => {
    await Promise.all([app?.close(lingerMs), registry?.close(), authserver?.close(), scraping?.close()]);
  };
  const issuers = (): readonly string[] => issuersOf(config, authserver);
  const resources = (): ProtectedResource[] => {
    if (app === undefined) return [];
    const { readonly, destructive } = app.endpoints;
    const known = {
      readonly: readonly?.resource,
      destructive: destructive?.resource,
      registry: registry?.address,
    };
    return resourcesOf(config, app.faces, known);
  };
  try {
    // First, because the others accept its tokens. It asks for the resources only later, for each request.
    authserver = await openAuthServer(config, () => resources());
    if (authserver !== undefined) addresses.authserver = authserver.issuer;
    app = await build(config, issuers(), operatorSecret);
    registry = await openRegistry(config, issuers(), VERSION, operatorSecret);
    if (registry !== undefined) addresses.registry = registry.address;
    const followed = registry?.address ?? config.registryUrl;
    for (const name of SERVERS) {
      if (followed !== undefined) app.switchboard.expect(name);
      const listening = await app.endpoints[name]?.listen(config[`${name}Port`], config.host);
      if (listening === undefined) continue;
      const address = config[`${name}Url`] ?? listening;
      addresses[name] = address;
      await registry?.add(address);
      if (followed !== undefined) await app.switchboard.follow(name, followed, address);
    }
    const { readonly, destructive } = app.endpoints;
    const metrics = {
      readonly: readonly?.metrics,
      destructive: destructive?.metrics,
      registry: registry?.metrics,
    };
    if (config.metricsPort !== undefined) scraping = await openMetricsPort(config.metricsPort, metrics);
    app.tracing?.begin();
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, issuers: issuers(), operatorSecret, close };
}

/** Problems that may last, so they are logged only now and then. */
const TROUBLES = new Map(Object.entries({ 'GET /readyz': 'not ready', replicas: 'replicas' }));

function commonOptions(
  config: Config,
  { database, governance }: Opened,
): Omit<EndpointOptions, keyof ServerDefinition> {
  const { allowHosts, allowOrigins, strictArguments, sessions, sessionIdleMs, stateKeys, tasksPerPrincipal } =
    config;
  const { sessionsPerPrincipal: perPrincipal } = config;
  return {
    version: VERSION,
    // The servers print this address, so they must answer to it.
    allowHosts: [...allowHosts, config.host.includes(':') ? `[${config.host}]` : config.host],
    allowOrigins,
    strictArguments,
    bounds: config,
    budget: new Budget(budgetBounds(config)),
    ready: () => governance.engineReady().then(database.ready).then(governance.ready),
    onError: (error, about) => {
      const trouble = TROUBLES.get(about);
      if (trouble === undefined) console.error(`${about}:`, error);
      else warnings(error, trouble);
    },
    tasks: true,
    tasksPerPrincipal,
    counters: () => ({ process_stray_errors_total: strayErrors.count }),
    sealingKeys: readSealingKeys(stateKeys),
    ...(sessions === 0 ? {} : { sessions: { most: sessions, perPrincipal, idleMs: sessionIdleMs } }),
  };
}
