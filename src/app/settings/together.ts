/** Whether the settings fit together. The servers check that before they open anything, and `config check` does the same. */
import { isLoopback, isLoopbackAddress } from '../../oauth/protected-resource.js';
import { checkFollowable } from '../../services/registry/follow/follow.js';
import { preview } from '../../wire/value.js';
import { checkApart, checkPlaintext, refuseSharedSecrets } from './checks.js';
import { type Config, identifierOf, publicUrl, serversOf } from './config.js';

/** @throws Error with a one-line message that names the settings */
export async function checkTogether(config: Config): Promise<void> {
  const { only, stdio, registryUrl } = config;
  if (stdio && (only === 'authserver' || only === 'registry'))
    throw new Error(`--stdio: the ${only} speaks HTTP only`);
  checkEngine(config);
  refuseSharedSecrets(config);
  checkApart(config);
  if (!stdio && startsAuthServer(config)) checkAuthServer(config);
  for (const name of serversOf(config)) {
    publicUrl(config, name);
    if (registryUrl !== undefined) checkFollowable(registryUrl, identifierOf(config, name));
  }
  if (only === undefined || only === 'registry') checkRegistryUrl(config);
  await checkPlaintext(config);
}

/** Only if `only` names it, or if the settings have neither `only` nor `issuers`. */
export function startsAuthServer({ only, issuers }: Config): boolean {
  return only === undefined ? issuers === undefined : only === 'authserver';
}

function checkAuthServer({ host, readonlyUrl, destructiveUrl, registryUrl }: Config): void {
  if (!isLoopbackAddress(host))
    throw new Error(
      `--host ${host}: the development authorization server runs on loopback only; name a real one with --issuer`,
    );
  for (const url of [readonlyUrl, destructiveUrl, registryUrl]) {
    if (url === undefined || isLoopback(new URL(url).hostname)) continue;
    // Anybody on this machine can get a token from it, which does not protect a public server.
    throw new Error(
      `${url}: the development authorization server serves loopback only; name a real one with --issuer`,
    );
  }
}

function checkEngine({ policy, opaUrl }: Config): void {
  if (policy === 'opa' && opaUrl === undefined)
    throw new Error('--policy opa: say with --opa-url where it is');
  if (policy === 'embedded' && opaUrl !== undefined)
    throw new Error('--opa-url is asked only with --policy opa');
}

function checkRegistryUrl({ host, registryUrl: url, stdio }: Config): void {
  if (stdio) return;
  if (url === undefined && !isLoopbackAddress(host))
    throw new Error(`--host ${host}: set --registry-url to the https URL that clients use`);
  if (url !== undefined && new URL(url).pathname !== '/')
    throw new Error(`--registry-url: expected an origin without a path, received ${preview(url)}`);
}
