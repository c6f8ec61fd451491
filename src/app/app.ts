import type { Links } from '../pages/bar.js';
import type { AuthServer } from '../services/authserver/authserver.js';
import { now } from '../wire/clock.js';
import { issuersOf, openAuthServer, resourcesOf } from './access.js';
import { type App, build, type StartOptions, VERSION } from './build.js';
import { openCertificate } from './certificate.js';
import { isLocalOnly, linksOf } from './links.js';
import { report } from './log/log.js';
import { openMetricsPort, operatorSecretOf } from './metrics.js';
import type { RunningRegistry } from './registry.js';
import { type Config, configure } from './settings/config.js';
import { SERVERS, type Service } from './settings/setting.js';
import { checkTogether } from './settings/together.js';

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

/**
 * Starts the services over HTTP. When one cannot start, closes the others. @throws Node's EADDRINUSE and similar errors
 *
 * @param more watches the servers, or is served by them
 */
export async function start(overrides: Partial<Config> = {}, more: StartOptions = {}): Promise<Running> {
  const config = configure(overrides);
  const { only, host, registryUrl, metricsPort, metricsHost } = config;
  await checkTogether(config);
  const operatorSecret = operatorSecretOf(config);
  const addresses: Running['addresses'] = {};
  const links = (): Links => linksOf(addresses, isLocalOnly(config), more.lesson !== undefined);
  // Loaded only where it is used: a server that starts alone is ready a fifth earlier without it and the registry.
  const { createTracing } = config.trace ? await import('./trace.js') : {};
  const tracing = more.tracing ?? createTracing?.(report, operatorSecret, links);
  const certificate = await openCertificate(config, report, now);
  let app: App | undefined;
  let authserver: AuthServer | undefined;
  let registry: RunningRegistry | undefined;
  let metricsServer: { close(): Promise<void> } | undefined;
  const close = async (lingerMs?: number): Promise<void> => {
    await Promise.all([app?.close(lingerMs), registry?.close(), metricsServer?.close()]);
    // The others ask it about tokens until they are closed.
    await authserver?.close();
    certificate?.close();
  };
  try {
    // First, because the others accept its tokens. It asks for the resources only later, for each request.
    const resources = () => (app === undefined ? [] : resourcesOf(config, app.definitions, addresses));
    authserver = await openAuthServer(config, resources, {
      certificate,
      links,
      observe: tracing?.watchAuthserver,
    });
    if (authserver !== undefined) addresses.authserver = authserver.issuer;
    const issuers = issuersOf(config, authserver);
    app = await build(config, issuers, { ...more, certificate, tracing, operatorSecret, links });
    if (only === undefined || only === 'registry') {
      const { startRegistry } = await import('./registry.js');
      registry = await startRegistry(
        config,
        issuers,
        { version: VERSION, certificate, operatorSecret, links },
        report,
      );
      addresses.registry = registry.address;
    }
    const registryAddress = registry?.address ?? registryUrl;
    for (const name of SERVERS) {
      if (registryAddress !== undefined) app.switchboard.expect(name);
      const listening = await app.endpoints[name]?.listen(config[`${name}Port`], host);
      if (listening === undefined) continue;
      const address = config[`${name}Url`] ?? listening;
      addresses[name] = address;
      await registry?.add(address);
      if (registryAddress !== undefined) await app.switchboard.follow(name, registryAddress, address);
    }
    if (metricsPort !== undefined)
      metricsServer = await openMetricsPort(
        { metricsPort, metricsHost, operatorSecret: config.operatorSecret },
        { ...app.endpoints, registry },
        certificate,
      );
    tracing?.begin();
    return { addresses, issuers, operatorSecret, close };
  } catch (error) {
    await close();
    throw error;
  }
}
