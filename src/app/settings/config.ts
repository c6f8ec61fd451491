/** The whole configuration: the settings of all topics, and the URLs and folders that follow from them. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isLoopbackAddress } from '../../oauth/protected-resource.js';
import {
  readSetting,
  SERVERS,
  SERVICES,
  type ServerName,
  type Service,
  type Setting,
  type Source,
} from './setting.js';
import { authserver, issuers, tokens } from './topics/access.js';
import { http, limits, registry, replicas, sessions } from './topics/capacity.js';
import { approval, audit, policy, slack } from './topics/governance.js';
import { database, operator, servers, tools } from './topics/serving.js';

export type Topic = { name: string; title: string; settings: { readonly [name: string]: Setting } };

/** In the order of `--help`. */
export const TOPICS: readonly Topic[] = [
  { name: 'servers', title: 'Servers and their addresses', settings: servers },
  { name: 'tools', title: 'Tools', settings: tools },
  { name: 'operator', title: 'Log, trace and metrics', settings: operator },
  { name: 'database', title: 'Database', settings: database },
  { name: 'issuers', title: 'Issuers of access tokens', settings: issuers },
  { name: 'tokens', title: 'Access tokens', settings: tokens },
  { name: 'authserver', title: 'Development authorization server', settings: authserver },
  { name: 'policy', title: 'Policy and quotas', settings: policy },
  { name: 'approval', title: 'Approval by a person', settings: approval },
  { name: 'slack', title: 'Approval in Slack', settings: slack },
  { name: 'audit', title: 'Audit log', settings: audit },
  { name: 'registry', title: 'Registry', settings: registry },
  { name: 'replicas', title: 'Replicas', settings: replicas },
  { name: 'sessions', title: 'Sessions of legacy clients', settings: sessions },
  { name: 'http', title: 'HTTP connections', settings: http },
  { name: 'limits', title: 'Limits on size and load', settings: limits },
];

type AllSettings = typeof servers &
  typeof tools &
  typeof operator &
  typeof database &
  typeof issuers &
  typeof tokens &
  typeof authserver &
  typeof policy &
  typeof approval &
  typeof slack &
  typeof audit &
  typeof registry &
  typeof replicas &
  typeof sessions &
  typeof http &
  typeof limits;

export type Config = { [Name in keyof AllSettings]: ReturnType<AllSettings[Name]['type']['read']> };

export const SETTINGS: readonly Setting[] = TOPICS.flatMap(({ settings }) => Object.values(settings));

const PORTS = {
  readonly: servers.readonlyPort,
  destructive: servers.destructivePort,
  registry: registry.registryPort,
  authserver: authserver.authserverPort,
};

/** Read before all others. */
export const CONFIG_FILE: Setting = servers.configFile;

export function readConfig(find: (setting: Setting) => Source | undefined): Config {
  const settings = TOPICS.flatMap((topic) => Object.entries(topic.settings));
  const values = settings.map(([name, setting]) => [name, readSetting(setting, find(setting))]);
  // Each value is what the type of its setting reads.
  const config = Object.fromEntries(values) as Config;
  const { portBase } = config;
  if (portBase === undefined) return config;
  const ports = SERVICES.flatMap((name, index) =>
    find(PORTS[name]) === undefined ? [[`${name}Port`, portBase + index]] : [],
  );
  return { ...config, ...Object.fromEntries(ports) };
}

const DEFAULTS = readConfig(() => undefined);

export function configure(overrides: Partial<Config>): Config {
  return { ...DEFAULTS, ...overrides };
}

/** The MCP servers that this process runs: on stdio one, by default the one that only reads. */
export function serversOf({ only, stdio }: Config): ServerName[] {
  if (only === undefined) return stdio ? ['readonly'] : [...SERVERS];
  return SERVERS.filter((name) => name === only);
}

/** @throws Error when the server listens beyond loopback and has no public URL */
export function publicUrl(config: Config, name: ServerName): string | undefined {
  const url = config[`${name}Url`];
  if (url !== undefined || isLoopbackAddress(config.host)) return url;
  throw new Error(`--host ${config.host}: set --${name}-url to the https URL that clients use`);
}

/** The identifier of a server, unless it listens on a free port. */
export function identifierOf(config: Config, name: ServerName): string {
  return config[`${name}Url`] ?? `${localOrigin(config, name)}/mcp`;
}

/** Where a service of this machine listens, in this process or in another one. */
export function localOrigin(config: Config, name: Service): string {
  return `${config.tlsCert === undefined ? 'http' : 'https'}://localhost:${config[`${name}Port`]}`;
}

type StateHome = Pick<Config, 'stateHome'>;

/** Where a process keeps its state on this machine. */
export function stateFolderOf({ stateHome }: StateHome): string {
  return join(stateHome ?? join(homedir(), '.local', 'state'), 'barewire');
}

/** It has a folder for each server. */
export function auditFolderOf(config: StateHome & Pick<Config, 'auditDir'>): string {
  return config.auditDir ?? join(stateFolderOf(config), 'audit');
}

export function registryFolderOf(config: StateHome & Pick<Config, 'registryDir'>): string {
  return config.registryDir ?? join(stateFolderOf(config), 'registry');
}
