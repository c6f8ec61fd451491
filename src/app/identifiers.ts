/** The public URLs of the services, which are also the audiences of tokens, and the resources that tokens are issued for. */

import { READ_PERSONAL_DATA } from '../governance/policy/columns.js';
import { canonicalResource } from '../oauth/audience.js';
import { isLoopbackAddress } from '../oauth/protected-resource.js';
import type { ProtectedResource } from '../services/authserver/authserver.js';
import { REGISTRY_WRITE } from '../services/registry/token-names.js';
import { SERVERS, type ServerDefinition, type ServerName } from './server-definitions.js';
import type { Config } from './settings/config.js';

/** @throws Error when the server listens beyond loopback and has no public URL */
export function publicUrl(config: Config, name: ServerName): string | undefined {
  const url = config[`${name}Url`];
  if (url !== undefined || isLoopbackAddress(config.host)) return url;
  throw new Error(`--host ${config.host}: set --${name}-url to the https URL that clients use`);
}

/** @throws Error when both servers have one identifier, because a token for one would then be valid at the other */
export function checkApart(config: Config): void {
  const [readonly, destructive] = SERVERS.map((name) => canonicalResource(identifierOf(config, name)));
  // A free port is not known yet, but it differs from the other.
  const hasFreePort = SERVERS.some(
    (name) => config[`${name}Url`] === undefined && config[`${name}Port`] === 0,
  );
  if (hasFreePort || readonly !== destructive) return;
  throw new Error(`--readonly-url and --destructive-url must differ, received ${readonly} for both`);
}

/** The identifier of a server, unless it listens on a free port. */
export function identifierOf(config: Config, name: ServerName): string {
  return config[`${name}Url`] ?? `http://localhost:${config[`${name}Port`]}/mcp`;
}

/** Both servers and the registry, wherever they run. `addresses` are those of this process, which may be on free ports. */
export function resourcesOf(
  config: Config,
  definitions: { [Name in ServerName]: ServerDefinition },
  addresses: { [Name in ServerName | 'registry']?: string | undefined },
): ProtectedResource[] {
  const servers = SERVERS.map((name) => {
    const { title, tools } = definitions[name];
    const resource = addresses[name] ?? identifierOf(config, name);
    return { resource, name: title, tools, scopes: [READ_PERSONAL_DATA] };
  });
  const registry = addresses.registry ?? config.registryUrl ?? `http://localhost:${config.registryPort}`;
  return [...servers, { resource: registry, name: 'The registry', tools: [], scopes: [REGISTRY_WRITE] }];
}
