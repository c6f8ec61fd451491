/**
 * The wiring of the whole: `build` connects the servers to the database, governance and switches that they need, and `start` runs
 * all services over HTTP and returns a way to stop them. Neither touches the process itself; program.ts does that.
 */
import { incidentUri } from '../demo/tools/incident-resource.js';
import { withPublicErrors } from '../demo/tools/public-database-errors.js';
import { gatePolicy } from '../governance/policy/gate.js';
import type { Links } from '../pages/bar.js';
import type { StartView } from '../pages/start.js';
import type { AuthServer } from '../services/authserver/authserver.js';
import { checkFollowable } from '../services/registry/follow/follow.js';
import type { Change } from '../wire/mcp/connection.js';
import { authOptions, issuersOf, openAuthServer, resourcesOf, unlimitedIssuers } from './access.js';
import { createEndpoint, type Endpoint } from './endpoint.js';
import { logRefusal, warnings } from './errors.js';
import { openGovernance } from './governance.js';
import { isLocalOnly, linksOf } from './links.js';
import { openMetricsPort, operatorSecretOf } from './metrics.js';
import type { RunningRegistry } from './registry.js';
import {
  commonOptions,
  loadTools,
  openBuckets,
  openDatabase,
  type ServerDefinition,
  serverDefinitions,
} from './server-definitions.js';
import { checkApart, checkPlaintext, refuseSharedSecrets } from './settings/checks.js';
import { type Config, configure, identifierOf, publicUrl } from './settings/config.js';
import { SERVERS, type ServerName, type Service } from './settings/setting.js';
import { withStartPage } from './start-page.js';
import { createSwitchboard, type Switchboard } from './switchboard.js';
import type { Tracing } from './trace.js';
import { firstCommands } from './welcome.js';

export const VERSION = '0.1.0';

/** The servers and everything they need, opened but not yet listening. */
export type App = {
  endpoints: { [Name in ServerName]?: Endpoint };
  /** The definition of each server, including one that runs in another process. */
  definitions: { [Name in ServerName]: ServerDefinition };
  switchboard: Switchboard;
  tracing: Tracing | undefined;
  close(lingerMs?: number): Promise<void>;
};

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

/** What an operator and a browser can see of the servers. */
type Shown = {
  operatorSecret?: string | undefined;
  /** The addresses of the pages, once they are known. */
  links?: () => Links;
  /** Watches the servers instead of the tracing that the settings ask for. */
  tracing?: Tracing;
};

/**
 * @param issuers whose tokens are accepted
 * @throws Error with a one-line message when the settings cannot be served
 */
export async function build(
  config: Config,
  issuers: readonly string[],
  { operatorSecret, links = () => ({}), tracing: given }: Shown = {},
): Promise<App> {
  refuseSharedSecrets(config);
  await checkPlaintext(config);
  const cleanups: (() => Promise<void>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  };
  try {
    const names = serversOf(config);
    const auth = await authOptions(config, issuers);
    const unlimited = unlimitedIssuers(auth);
    if (unlimited !== undefined) console.error(unlimited);
    const governance = await openGovernance(config, names, auth, warnings);
    // The last one to close, because until then there may be audit records to write.
    cleanups.push(() => governance.close());
    const database = withPublicErrors(await openDatabase(config), warnings);
    cleanups.push(() => database.close());
    const buckets = await openBuckets(config);
    cleanups.push(() => buckets.remove());

    const endpoints: App['endpoints'] = {};
    const definitions = serverDefinitions(config, {
      database,
      bucketRoot: buckets.root,
      own: await loadTools(config.tools, console.error),
      onAcknowledged(id) {
        const change: Change = { kind: 'resource', uri: incidentUri(id) };
        if (endpoints.readonly === undefined) governance.tell(definitions.readonly.name, change);
        else endpoints.readonly.changed(change);
      },
    });
    const switchboard = createSwitchboard(config, definitions, warnings, console.error);
    // Loaded only where it is used: a server that starts alone is ready a fifth earlier without it and the registry.
    const { createTracing } = config.trace && !config.stdio ? await import('./trace.js') : {};
    const tracing = given ?? createTracing?.(warnings, operatorSecret, links);
    const common = commonOptions(config, {
      version: VERSION,
      ready: () => governance.engineReady().then(database.ready).then(governance.ready),
      // On stdio each process serves one client. Other processes that the client starts are not replicas.
      state: config.stdio ? undefined : governance.shared,
      operatorSecret,
    });
    const isTraced = tracing !== undefined && operatorSecret !== undefined;
    for (const name of names) {
      const governed = governance.of(name, definitions[name], links);
      const startView = (resource: string): StartView => {
        const authserver = config.issuers === undefined ? issuers[0] : undefined;
        return { commands: firstCommands(resource, name === 'readonly', issuers, authserver), isTraced };
      };
      const pages = isLocalOnly(config) ? withStartPage(links, startView, governed.pages) : governed.pages;
      endpoints[name] = createEndpoint({
        ...common,
        ...definitions[name],
        ...governed,
        policy: gatePolicy(governed.policy, switchboard.serviceOf(name)),
        url: publicUrl(config, name),
        auth: { ...auth, onRefused: (refusal) => logRefusal(name, refusal) },
        pages,
        ...tracing?.watch(name, pages),
      });
    }
    await switchboard.open(endpoints);
    // The demo data is prepared once everything else has started, before the first call needs it.
    if (names.length > 0)
      setImmediate(() => {
        database.preparing()?.catch((error: unknown) => warnings(error, 'the database is not prepared'));
      });
    return {
      endpoints,
      definitions,
      switchboard,
      tracing,
      async close(lingerMs) {
        switchboard.close();
        await Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close(lingerMs)));
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** The MCP servers that this process runs. */
function serversOf({ only }: Config): ServerName[] {
  return SERVERS.filter((name) => only === undefined || only === name);
}

/**
 * Starts the services over HTTP. When one cannot start, closes the others. @throws Node's EADDRINUSE and similar errors
 *
 * @param tracing watches the servers instead of the one that the settings ask for
 */
export async function start(given: Partial<Config> = {}, tracing?: Tracing): Promise<Running> {
  const config = configure(given);
  const { only, host, registryUrl, metricsPort } = config;
  checkApart(config);
  if (registryUrl !== undefined)
    for (const name of serversOf(config)) checkFollowable(registryUrl, identifierOf(config, name));
  const operatorSecret = operatorSecretOf(config);
  const addresses: Running['addresses'] = {};
  const links = (): Links => linksOf(addresses, isLocalOnly(config));
  let app: App | undefined;
  let authserver: AuthServer | undefined;
  let registry: RunningRegistry | undefined;
  let metricsServer: { close(): Promise<void> } | undefined;
  const close = async (lingerMs?: number): Promise<void> => {
    await Promise.all([app?.close(lingerMs), registry?.close(), authserver?.close(), metricsServer?.close()]);
  };
  try {
    // First, because the others accept its tokens. It asks for the resources only later, for each request.
    const resources = () => (app === undefined ? [] : resourcesOf(config, app.definitions, addresses));
    authserver = await openAuthServer(config, resources, links);
    if (authserver !== undefined) addresses.authserver = authserver.issuer;
    const issuers = issuersOf(config, authserver);
    app = await build(config, issuers, { operatorSecret, links, ...(tracing && { tracing }) });
    if (only === undefined || only === 'registry') {
      const { startRegistry } = await import('./registry.js');
      registry = await startRegistry(config, issuers, { version: VERSION, operatorSecret, links }, warnings);
      addresses.registry = registry.address;
    }
    const followed = registry?.address ?? registryUrl;
    for (const name of SERVERS) {
      if (followed !== undefined) app.switchboard.expect(name);
      const listening = await app.endpoints[name]?.listen(config[`${name}Port`], host);
      if (listening === undefined) continue;
      const address = config[`${name}Url`] ?? listening;
      addresses[name] = address;
      await registry?.add(address);
      if (followed !== undefined) await app.switchboard.follow(name, followed, address);
    }
    if (metricsPort !== undefined)
      metricsServer = await openMetricsPort(metricsPort, { ...app.endpoints, registry });
    app.tracing?.begin();
    return { addresses, issuers, operatorSecret, close };
  } catch (error) {
    await close();
    throw error;
  }
}
