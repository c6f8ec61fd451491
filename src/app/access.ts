/**
 * Who may call, wired from the settings: the trusted issuers, or the development authorization server if no issuer is named, and
 * who speaks on stdio.
 */
import type { AcceptedIssuers } from '../governance/approval/accounts.js';
import { READ_PERSONAL_DATA } from '../governance/policy/columns.js';
import { readIssuerRules } from '../oauth/issuer-rules.js';
import type { AuthOptions } from '../oauth/protection.js';
import { InvalidToken } from '../oauth/token-errors.js';
import { createVerifier, type WorkloadOptions } from '../oauth/verifier.js';
import type { AuthServer, AuthServerOptions, ProtectedResource } from '../services/authserver/authserver.js';
import { REGISTRY_WRITE } from '../services/registry/token-names.js';
import { readText } from '../services/watched-file.js';
import { Fault } from '../wire/fault.js';
import { parseJson } from '../wire/jsonrpc/json.js';
import type { Tool } from '../wire/mcp/definitions.js';
import type { Speaker } from '../wire/stdio/conversation.js';
import { STARTED_BY } from '../wire/stdio/serve.js';
import { isRecord, preview } from '../wire/value.js';
import { importOptional } from './import-optional.js';
import { report } from './log/log.js';
import type { ServerDefinition } from './server-definitions.js';
import { type Config, identifierOf, localOrigin, stateFolderOf } from './settings/config.js';
import { SERVERS, type ServerName } from './settings/setting.js';
import { startsAuthServer } from './settings/together.js';

/** The issuers in the settings; otherwise the development server, in this process or in another one on this machine. */
export function issuersOf(config: Config, authserver: AuthServer | undefined): readonly string[] {
  return config.issuers ?? [authserver?.issuer ?? localOrigin(config, 'authserver')];
}

export async function authOptions(config: Config, issuers: readonly string[]): Promise<AuthOptions> {
  const { introspection, tokenTypes, clockToleranceS, clientClaims, keysMaxAgeMs, keysCooldownMs } = config;
  const { issuerRules: file } = config;
  const rules =
    file === undefined ? undefined : readIssuerRules(parseJson(await readText(file)), file, issuers);
  const workloads = await workloadsOf(config, issuers);
  return {
    issuers: issuers.map((issuer, index) => ({
      issuer,
      ...(index === 0 && introspection !== undefined ? { introspection } : {}),
      ...rules?.get(issuer),
    })),
    ...(workloads === undefined ? {} : { workloads }),
    implies: config.scopeImplies,
    algorithms: config.tokenAlgorithms,
    tokenTypes,
    clientClaims,
    clockToleranceS,
    cacheEntries: config.tokenCacheEntries,
    cacheMs: config.tokenCacheMs,
    keysMaxAgeMs,
    keysCooldownMs,
  };
}

/** A warning at startup. With several issuers, it names those that may name any tenant or grant any scope, even an approval. */
export function unlimitedIssuers({ issuers }: AuthOptions): string | undefined {
  const unlimited = issuers.filter(({ tenants, scopes }) => tenants === undefined || scopes === undefined);
  if (issuers.length < 2 || unlimited.length === 0) return undefined;
  const names = unlimited.map(({ issuer }) => issuer).join(', ');
  return `no "tenants" or no "scopes" for ${names}: any tenant may be named, or any scope granted`;
}

/** Starts the development authorization server where the settings want it. */
export async function openAuthServer(
  config: Config,
  resources: () => ProtectedResource[],
  { certificate, links, observe }: Pick<AuthServerOptions, 'certificate' | 'links' | 'observe'>,
): Promise<AuthServer | undefined> {
  if (!startsAuthServer(config)) return undefined;
  const { startAuthServer } = await importOptional(
    () => import('../services/authserver/authserver.js'),
    'the development authorization server needs the package oidc-provider, which is not installed; install it (npm install oidc-provider), or name a real authorization server with --issuer',
  );
  return startAuthServer({
    host: config.host,
    port: config.authserverPort,
    stateDir: stateFolderOf(config),
    resources,
    password: config.authserverPassword,
    certificate,
    links,
    observe,
    onError: report,
  });
}

/** Both servers and the registry, wherever they run. `addresses` are those of this process, which may be on free ports. */
export function resourcesOf(
  config: Config,
  definitions: { [Name in ServerName]: ServerDefinition },
  addresses: { [Name in ServerName | 'registry']?: string },
): ProtectedResource[] {
  const servers = SERVERS.map((name) => {
    const { title, tools } = definitions[name];
    const resource = addresses[name] ?? identifierOf(config, name);
    return { resource, name: title, tools, scopes: [READ_PERSONAL_DATA] };
  });
  const registry = addresses.registry ?? config.registryUrl ?? localOrigin(config, 'registry');
  return [...servers, { resource: registry, name: 'The registry', tools: [], scopes: [REGISTRY_WRITE] }];
}

/**
 * Who speaks on stdio. With a token in the environment, it is the bearer of that token, which is checked for each request
 * (2026-07-28/authorization/003). Without one, it is the user who started the process, with the scope of every tool.
 */
export async function stdioSpeaker(
  config: Config,
  name: ServerName,
  toolsNow: () => readonly Tool[],
): Promise<Speaker> {
  const { stdioToken } = config;
  if (stdioToken === undefined) {
    return () => ({ ...STARTED_BY, scopes: [...new Set(toolsNow().map(({ scope }) => scope))] });
  }
  const verifier = createVerifier(
    await authOptions(config, issuersOf(config, undefined)),
    identifierOf(config, name),
  );
  const refusalOf = (error: unknown): Fault => {
    if (error instanceof InvalidToken)
      return new Fault('unauthorized', error.publicMessage, { cause: error });
    return new Fault('unavailable', 'the token cannot be checked just now; try again', { cause: error });
  };
  return () => {
    try {
      const principal = verifier.verify(stdioToken);
      return principal instanceof Promise ? principal.catch(refusalOf) : principal;
    } catch (error) {
      return refusalOf(error);
    }
  };
}

/** The issuers and tenants of accounts that the operator's files may name. */
export function acceptedOf({ issuers, workloads }: AuthOptions): AcceptedIssuers {
  const names = issuers.map(({ issuer }) => issuer);
  return {
    issuers: workloads === undefined ? names : [...names, `spiffe://${workloads.trustDomain}`],
    tenants: new Map(issuers.flatMap(({ issuer, tenants }) => (tenants ? [[issuer, tenants]] : []))),
  };
}

/** Workloads count as one more issuer. If there are other issuers, the workloads' tenant must be set. */
async function workloadsOf(
  { workloads: file }: Config,
  issuers: readonly string[],
): Promise<WorkloadOptions | undefined> {
  if (file === undefined) return undefined;
  const workloads = await readWorkloads(file);
  if (workloads.tenant !== undefined || issuers.length === 0) return workloads;
  throw new Error(
    `--workloads ${file}: member "tenant": expected the name of the workloads' tenant, because ${issuers.join(' and ')} vouches for callers as well, received none`,
  );
}

async function readWorkloads(file: string): Promise<WorkloadOptions> {
  const value: unknown = parseJson(await readText(file));
  const { trustDomain, bundle, scopes = {}, tenant } = isRecord(value) ? value : {};
  if (typeof trustDomain === 'string' && typeof bundle === 'string' && isScopes(scopes))
    return { trustDomain, bundle, scopes, ...(typeof tenant === 'string' ? { tenant } : {}) };
  throw new Error(
    `--workloads ${file}: expected {"trustDomain", "bundle", "scopes": {"spiffe://…": ["scope"]}, "tenant"}, received ${preview(value)}`,
  );
}

function isScopes(value: unknown): value is { [id: string]: string[] } {
  const texts = (one: unknown): boolean =>
    Array.isArray(one) && one.every((text) => typeof text === 'string');
  return isRecord(value) && Object.values(value).every(texts);
}
