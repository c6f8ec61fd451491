/** Connects the registry to the settings: its store, the addresses and credentials it uses, and the servers it starts with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopbackAddress } from '../oauth/protected-resource.js';
import { networks, type Reach } from '../services/outbound/reach.js';
import { createRegistry, type Registry } from '../services/registry/registry.js';
import type { RegistryOptions } from '../services/registry/registry-options.js';
import { openFileStore } from '../services/registry/store/file-store.js';
import { createPostgresStore } from '../services/registry/store/postgres-store.js';
import type { Store } from '../services/registry/store/store.js';
import { REGISTRY_CLIENT } from '../services/registry/token-names.js';
import { type FileWatch, watchFile } from '../services/watched-file.js';
import { parseJson } from '../wire/jsonrpc/json.js';
import type { OnError } from '../wire/log.js';
import { readSealingKeys } from '../wire/server/sealer.js';
import { isRecord, preview } from '../wire/value.js';
import { authOptions } from './access.js';
import { certificateMetrics, type RunningCertificate } from './certificate.js';
import { logMetrics } from './log/log-metrics.js';
import type { Config } from './settings/config.js';
import { registryFolderOf } from './settings/config.js';
import { openSharedState } from './shared-state.js';

/** An unreachable store must not delay the start. */
const ADD_MS = 1_000;

export type RunningRegistry = {
  /** Its public URL, or the address it listens on. */
  address: string;
  /** As text for Prometheus. */
  metrics(): string;
  /** Adds a server of this process. Resolves when that is done, or after a short wait if it is not possible yet. */
  add(url: string): Promise<void>;
  close(): Promise<void>;
};

/** @throws Error with one line for the operator when it cannot be served */
export async function startRegistry(
  config: Config,
  issuers: readonly string[],
  common: Pick<RegistryOptions, 'version' | 'links'> & {
    certificate?: RunningCertificate | undefined;
    operatorSecret: string | undefined;
  },
  onError: OnError,
): Promise<RunningRegistry> {
  const { operatorSecret, ...options } = common;
  const { host, registryUrl: url, registryPort: port, registryPagesClient: pagesClient } = config;
  const client = clientOf(config);
  const registry = createRegistry({
    store: await storeOf(config, onError),
    state: await openSharedState(config, onError, 1),
    url,
    auth: await authOptions(config, issuers),
    issuer: issuers[0] ?? '',
    pagesClient,
    secrets: readSealingKeys(config.registryKeys),
    tokens: client && { client },
    reach: reachOf(config),
    ...options,
    ...(operatorSecret === undefined ? {} : { operatorSecret }),
    collect: () => logMetrics() + certificateMetrics(options.certificate),
    intervalMs: config.registryIntervalMs,
    concurrency: config.registryConcurrency,
    deadlineMs: config.registryCheckMs,
    allowHosts: config.allowHosts,
    allowOrigins: config.allowOrigins,
    onError,
  });
  let watchedFile: FileWatch | undefined;
  try {
    const address = await registry.listen(port, host);
    watchedFile = await addListed(config, registry, onError);
    return {
      address,
      metrics: () => registry.metrics(),
      add: (server) =>
        Promise.race([
          registry
            .add(server)
            .catch((error: unknown) => onError(error, 'registry.server-not-added', { about: server })),
          sleep(ADD_MS, undefined, { ref: false }),
        ]),
      async close() {
        watchedFile?.close();
        await registry.close();
      },
    };
  } catch (error) {
    watchedFile?.close();
    await registry.close();
    throw error;
  }
}

function storeOf(config: Config, onError: OnError): Store | Promise<Store> {
  const { databaseUrl } = config;
  return databaseUrl === undefined
    ? openFileStore(registryFolderOf(config), onError)
    : createPostgresStore(databaseUrl, onError);
}

/** Only a registry that is itself on loopback may contact servers on loopback. */
function reachOf({ host, registryUrl, registryNetworks }: Config): Reach {
  const loopback = isLoopbackAddress(registryUrl === undefined ? host : new URL(registryUrl).hostname);
  try {
    return { loopback, ...(registryNetworks.length === 0 ? {} : { networks: networks(registryNetworks) }) };
  } catch (error) {
    throw new Error(`--registry-allow-network: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The development authorization server has a client for the registry. At any other issuer, the operator registers one. */
function clientOf({ issuers, registryClient }: Config): { id: string; secret: string } | undefined {
  if (registryClient !== undefined)
    return { id: registryClient.clientId, secret: registryClient.clientSecret };
  return issuers === undefined ? REGISTRY_CLIENT : undefined;
}

/** A server that disappears from the file stays in the registry until somebody removes it there. */
async function addListed(
  { registryServers: file }: Config,
  registry: Registry,
  onError: OnError,
): Promise<FileWatch | undefined> {
  if (file === undefined) return undefined;
  const add = (urls: readonly string[]): void => {
    for (const url of urls)
      registry
        .add(url)
        .catch((error: unknown) => onError(error, 'registry.server-not-added', { about: url }));
  };
  return watchFile(file, readServers, add, (error) => onError(error, 'registry.servers-unreadable'));
}

function readServers(file: string, text: string): string[] {
  const value: unknown = parseJson(text);
  const servers = isRecord(value) ? value.servers : undefined;
  if (Array.isArray(servers) && servers.every((url) => typeof url === 'string')) return servers;
  throw new Error(`${file}: expected {"servers": ["https://…", …]}, received ${preview(value)}`);
}
