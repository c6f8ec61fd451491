/**
 * By which URLs the services are known, to clients and as the audiences of tokens, and what tokens are issued for.
 */

import { READ_PERSONAL_DATA } from '../governance/policy/columns.js';
import { canonicalResource } from '../oauth/audience.js';
import { isLoopbackAddress } from '../oauth/protected-resource.js';
import type { ProtectedResource } from '../services/authserver/authserver.js';
import { REGISTRY_WRITE } from '../services/registry/token-names.js';
import { SERVERS, type ServerDefinition, type ServerName } from './server-definitions.js';
import type { Config } from './settings/config.js';

/** @throws Error where clients cannot know the server by the address it listens on. */
export function publicUrl(config: Config, name: ServerName): string | undefined {
  const url = config[`${name}Url`];
  if (url !== undefined || isLoopbackAddress(config.host)) return url;
  throw new Error(`--host ${config.host}: say with --${name}-url by which https URL clients know the server`);
}

/** @throws Error when nothing would tell a token for one server from a token for the other. */
export function checkApart(config: Config): void {
  const [readonly, destructive] = SERVERS.map((name) => canonicalResource(identifierOf(config, name)));
  // A free port is not known yet, and never that of the other.
  const free = SERVERS.some((name) => config[`${name}Url`] === undefined && config[`${name}Port`] === 0);
  if (free || readonly !== destructive) return;
  throw new Error(`--readonly-url and --destructive-url must differ, received ${readonly} for both`);
}

/** Of a server, as it is known unless a free port gave it another. */
export function identifierOf(config: Config, name: ServerName): string {
  return config[`${name}Url`] ?? `http://localhost:${config[`${name}Port`]}/mcp`;
}

/** Every server of this project and the registry, wherever they run. `known` are the addresses that a free port gave. */
export function resourcesOf(
  config: Config,
  faces: { [Name in ServerName]: ServerDefinition },
  known: { [Name in ServerName | 'registry']?: string | undefined },
): ProtectedResource[] {
  const servers = SERVERS.map((name) => {
    const { title, tools } = faces[name];
    const resource = known[name] ?? identifierOf(config, name);
    return { resource, name: title, tools, scopes: [READ_PERSONAL_DATA] };
  });
  const registry = known.registry ?? config.registryUrl ?? `http://localhost:${config.registryPort}`;
  return [...servers, { resource: registry, name: 'The registry', tools: [], scopes: [REGISTRY_WRITE] }];
}
