/** The wiring of the servers: connects them to the database, governance, switches and pages that they need. */

import { incidentUri } from '../demo/tools/incident-resource.js';
import { withPublicErrors } from '../demo/tools/public-database-errors.js';
import type { Links } from '../pages/bar.js';
import type { StartView } from '../pages/start.js';
import type { Change } from '../wire/mcp/connection.js';
import { authOptions, unlimitedIssuers } from './access.js';
import { certificateMetrics, type RunningCertificate } from './certificate.js';
import { createDependencyTimes } from './dependencies.js';
import { createEndpoint, type Endpoint } from './endpoint.js';
import type { Pages } from './endpoint-options.js';
import { openGovernance } from './governance.js';
import { isLocalOnly } from './links.js';
import { logTokenRefusal } from './log/calls.js';
import { report } from './log/log.js';
import { logMetrics } from './log/log-metrics.js';
import { checkModules, loadModules, nameWarning } from './own-tools/load.js';
import { watchTools } from './own-tools/watch.js';
import {
  commonOptions,
  openBuckets,
  openDatabase,
  type ServerDefinition,
  serverDefinitions,
} from './server-definitions.js';
import { type Config, publicUrl, serversOf } from './settings/config.js';
import { SERVERS, type ServerName } from './settings/setting.js';
import { openSpans } from './spans.js';
import { withPages, withStartPage } from './start-page.js';
import { createSwitchboard, type Switchboard } from './switchboard.js';
import type { Tracing } from './trace.js';
import { firstCommands } from './welcome.js';

export const VERSION = '0.1.0';
/** Longer than a start takes, and shorter than a person takes to call a tool. */
const PREPARE_AFTER_MS = 200;

/** The servers and everything they need, opened but not yet listening. */
export type App = {
  endpoints: { [Name in ServerName]?: Endpoint };
  /** The definition of each server, including one that runs in another process. */
  definitions: { [Name in ServerName]: ServerDefinition };
  switchboard: Switchboard;
  close(lingerMs?: number): Promise<void>;
};

/** What is given by the caller instead of the settings. */
export type StartOptions = {
  /** Watches the servers instead of the tracing that the settings ask for. */
  tracing?: Tracing | undefined;
  /** Pages that the first MCP server serves too. */
  lesson?: { pages(links: () => Links): Pages } | undefined;
};

type BuildOptions = StartOptions & {
  certificate?: RunningCertificate | undefined;
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
  { certificate, operatorSecret, links = () => ({}), tracing, lesson }: BuildOptions = {},
): Promise<App> {
  const cleanups: (() => Promise<void>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  };
  try {
    const names = serversOf(config);
    const auth = await authOptions(config, issuers);
    const issuerWarning = unlimitedIssuers(auth);
    if (issuerWarning !== undefined) report(issuerWarning, 'auth.issuer-unlimited');
    const times = createDependencyTimes();
    const governance = await openGovernance(config, names, auth, times, report);
    // The last one to close, because until then there may be audit records to write.
    cleanups.push(() => governance.close());
    const database = withPublicErrors(await openDatabase(config), report, times.demo);
    cleanups.push(() => database.close());
    const buckets = openBuckets(config);
    cleanups.push(() => buckets.remove());

    const modules = await loadModules(config.tools);
    const own = modules.flatMap(({ tools }) => tools);
    const endpoints: App['endpoints'] = {};
    const definitions = serverDefinitions(config, {
      database,
      buckets: buckets.root,
      own,
      onAcknowledged(id) {
        const change: Change = { kind: 'resource', uri: incidentUri(id) };
        if (endpoints.readonly === undefined) governance.tell(definitions.readonly.name, change);
        else endpoints.readonly.changed(change);
      },
    });
    const builtin = SERVERS.flatMap((name) => definitions[name].tools).filter((tool) => !own.includes(tool));
    await checkModules(modules, builtin);
    const warning = nameWarning(own.map(({ name }) => name));
    if (warning !== undefined) report(warning, 'tool.name-unsuitable');
    const switchboard = createSwitchboard(config, definitions, report);
    const common = commonOptions(config, {
      version: VERSION,
      ready: () => governance.engineReady().then(database.ready).then(governance.ready),
      // On stdio each process serves one client. Other processes that the client starts are not replicas.
      state: config.stdio ? undefined : governance.sharedState,
      operatorSecret,
      certificate,
    });
    const spans = await openSpans();
    const isTraced = tracing !== undefined && operatorSecret !== undefined;
    for (const name of names) {
      const governanceOptions = governance.of(name, definitions[name], links);
      const startView = (resource: string): StartView => {
        const authserver = config.issuers === undefined ? issuers[0] : undefined;
        return { commands: firstCommands(resource, name === 'readonly', issuers, authserver), isTraced };
      };
      const servedLesson = name === names[0] ? lesson : undefined;
      const own = servedLesson
        ? withPages(servedLesson.pages(links), governanceOptions.pages)
        : governanceOptions.pages;
      const pages = isLocalOnly(config) ? withStartPage(links, startView, own) : own;
      endpoints[name] = createEndpoint({
        ...common,
        ...definitions[name],
        ...governanceOptions,
        spans,
        policy: { ...governanceOptions.policy, closed: switchboard.closedOf(name) },
        url: publicUrl(config, name),
        auth: { ...auth, onRefused: (refusal) => logTokenRefusal(definitions[name].name, refusal) },
        pages,
        collect: () =>
          [
            logMetrics(),
            certificateMetrics(certificate),
            times.text(),
            switchboard.metrics(name),
            governanceOptions.collect?.() ?? '',
          ].join(''),
        ...tracing?.watch(name, pages),
      });
    }
    await switchboard.open(endpoints);
    if (config.watch) {
      const stop = await watchTools(modules, { builtin, definitions, endpoints });
      cleanups.push(async () => stop());
    }
    // The demo data is prepared once everything else has started, before the first call needs it.
    if (names.length > 0)
      setTimeout(() => {
        database.preparing()?.catch((error: unknown) => report(error, 'database.unprepared'));
      }, PREPARE_AFTER_MS).unref();
    return {
      endpoints,
      definitions,
      switchboard,
      async close(lingerMs) {
        const closing = Object.values(endpoints).map((endpoint) => endpoint.close(lingerMs));
        await Promise.all([switchboard.close(), ...closing]);
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
