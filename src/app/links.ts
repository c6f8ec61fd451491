/** Where the navigation of the pages leads: to the services that run in this process, under their public addresses. */
import { APPROVALS_PATH } from '../governance/approval/addresses.js';
import { LEARN_PATH } from '../lesson/learn/address.js';
import { isLoopback, isLoopbackAddress } from '../oauth/protected-resource.js';
import type { Links } from '../pages/bar.js';
import type { Config } from './settings/config.js';
import type { Service } from './settings/setting.js';

/**
 * The trace is never among them: its address contains a secret, and anybody may open these pages.
 *
 * @param isLocal whether the first MCP server has the start page
 * @param teaches whether it has the lesson
 */
export function linksOf(
  addresses: { [Name in Service]?: string },
  isLocal: boolean,
  teaches: boolean,
): Links {
  const { readonly, destructive, registry, authserver } = addresses;
  const at = (path: string, address: string | undefined): string | undefined =>
    address && new URL(path, address).href;
  return {
    start: isLocal ? at('/', readonly ?? destructive) : undefined,
    learn: teaches ? at(LEARN_PATH, readonly ?? destructive) : undefined,
    registry: at('/', registry),
    approvals: at(APPROVALS_PATH, destructive),
    signin: at('/', authserver),
  };
}

/** Whether only programs of this machine reach the servers, so that what helps a learner may be there. */
export function isLocalOnly({ host, readonlyUrl, destructiveUrl, registryUrl }: Config): boolean {
  const urls = [readonlyUrl, destructiveUrl, registryUrl].filter((url) => url !== undefined);
  return isLoopbackAddress(host) && urls.every((url) => isLoopback(new URL(url).hostname));
}
