/** The wiring of the servers: connects them to the database, governance, switches and pages that they need. */

import { incidentUri } from '../demo/tools/incident-resource.js';
import { withPublicErrors } from '../demo/tools/public-database-errors.js';
import { gatePolicy } from '../governance/policy/gate.js';
import type { Links } from '../pages/bar.js';
import type { StartView } from '../pages/start.js';
import type { Change } from '../wire/mcp/connection.js';
import { authOptions, unlimitedIssuers } from './access.js';
import { createEndpoint, type Endpoint } from './endpoint.js';
import type { Pages } from './endpoint-options.js';
import { logRefusal, warnings } from './errors.js';
import { openGovernance } from './governance.js';
import { isLocalOnly } from './links.js';
import {
  commonOptions,
  loadTools,
  openBuckets,
  openDatabase,
  type ServerDefinition,
  serverDefinitions,
} from './server-definitions.js';
import { checkPlaintext, refuseSharedSecrets } from './settings/checks.js';
import { type Config, publicUrl } from './settings/config.js';
import { SERVERS, type ServerName } from './settings/setting.js';
import { withPages, withStartPage } from './start-page.js';
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
  close(lingerMs?: number): Promise<void>;
};

/** What is given by the caller instead of the settings. */
export type Given = {
  /** Watches the servers instead of the tracing that the settings ask for. */
  tracing?: Tracing | undefined;
  /** Pages that the first MCP server serves too. */
  lesson?: { pages(links: () => Links): Pages } | undefined;
};

type BuildOptions = Given & {
  operatorSecret?: string | undefined;
  /** The addresses of the pages, once they are known. */
  links?: () => Links;
};

/**
 * @param issuers whose tokens are accepted
 * @throws Error with a one-line message when the settings cannot be served
 */
export async function build(
  config: Config,
  issuers: readonly string[],
  { operatorSecret, links = () => ({}), tracing, lesson }: BuildOptions = {},
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
      const taught = name === names[0] ? lesson : undefined;
      const own = taught ? withPages(taught.pages(links), governed.pages) : governed.pages;
      const pages = isLocalOnly(config) ? withStartPage(links, startView, own) : own;
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
export function serversOf({ only }: Config): ServerName[] {
  return SERVERS.filter((name) => only === undefined || only === name);
}
