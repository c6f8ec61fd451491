/** Settings that a server refuses to start with, because they would weaken what protects its secrets. */

import { canonicalResource } from '../../oauth/audience.js';
import { isLoopbackAddress } from '../../oauth/protected-resource.js';
import { type Config, identifierOf } from './config.js';
import { SERVERS } from './setting.js';

type AllowPlaintext = Pick<Config, 'allowPlaintext'>;

/**
 * Refuses connections that would leave this machine unencrypted: to the database, the policy engine and Slack's webhook. They
 * carry secrets or personal data, so the operator must name each host that is an exception. Issuers, the registry and public URLs
 * have stricter rules without exceptions (oauth/protected-resource.ts).
 *
 * @throws Error that names the setting, the host and the remedy
 */
export async function checkPlaintext(config: Config): Promise<void> {
  const { databaseUrl, databaseReaderUrl, stateUrl, opaUrl, slackWebhookUrl } = config;
  if (databaseUrl !== undefined) {
    await checkDatabase(config, 'DATABASE_URL', databaseUrl);
    if (databaseReaderUrl !== undefined)
      await checkDatabase(config, 'DATABASE_READER_URL', databaseReaderUrl);
  }
  if (stateUrl !== undefined && /^(redis|valkey):/.test(stateUrl))
    checkHost(config, '--state-url', new URL(stateUrl).hostname, 'use valkeys://');
  if (opaUrl !== undefined) checkPlaintextUrl(config, '--opa-url', opaUrl);
  if (slackWebhookUrl !== undefined) checkPlaintextUrl(config, 'SLACK_WEBHOOK_URL', slackWebhookUrl);
}

/** The same for one http or https URL, which a file may hold. @throws Error as above */
export function checkPlaintextUrl(config: AllowPlaintext, setting: string, url: string): void {
  const { hostname, protocol } = new URL(url);
  if (protocol !== 'https:') checkHost(config, setting, hostname, 'use https');
}

/** Asks `pg` where it will connect, because parameters and variables such as PGHOST and PGSSLMODE complete its URL. */
async function checkDatabase(config: AllowPlaintext, setting: string, url: string): Promise<void> {
  const { default: pg } = await import('pg');
  let connection: { host: string; ssl: unknown };
  try {
    connection = new pg.Client({ connectionString: url });
  } catch (cause) {
    // Safe to repeat: a message about the URL does not contain it, and one about a certificate file names only the file.
    const reason = cause instanceof Error ? cause.message : 'not readable';
    throw new Error(`${setting}: expected the URL of a PostgreSQL database: ${reason}`, { cause });
  }
  if (!connection.ssl) checkHost(config, setting, connection.host, 'add ?sslmode=verify-full');
}

function checkHost({ allowPlaintext }: AllowPlaintext, setting: string, name: string, remedy: string): void {
  const host = normalized(name);
  // A host that begins with a slash is the path of a Unix socket.
  if (host.startsWith('/') || isLoopbackAddress(host) || allowPlaintext.map(normalized).includes(host))
    return;
  throw new Error(
    `${setting}: what is sent to ${host} would travel in the clear; ${remedy}, or allow it with --allow-plaintext ${host}`,
  );
}

/** Lower case, and without the brackets of an IPv6 address. */
function normalized(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

/**
 * Refuses one secret for two purposes, because anybody who has it for one could derive the keys of the other.
 *
 * @throws Error that names both variables
 */
export function refuseSharedSecrets({ stateKeys, approvalKeys, registryKeys }: Config): void {
  const variables = new Map<string, string>();
  const settings = {
    BAREWIRE_STATE_KEYS: stateKeys,
    BAREWIRE_APPROVAL_KEYS: approvalKeys,
    BAREWIRE_REGISTRY_KEYS: registryKeys,
  };
  for (const [variable, keys] of Object.entries(settings)) {
    // The last base64url letter has unused bits, so two texts can be the same secret.
    for (const key of new Set(keys.map((text) => Buffer.from(text, 'base64url').toString('hex')))) {
      const other = variables.get(key);
      if (other !== undefined)
        throw new Error(`${other} and ${variable}: expected different secrets, received one secret in both`);
      variables.set(key, variable);
    }
  }
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
