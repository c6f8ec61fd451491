/**
 * Refuses connections that would leave this machine unencrypted: to the database, the policy engine and Slack's webhook. They
 * carry secrets or personal data, so the operator must name each host that is an exception. Issuers, the registry and public URLs
 * have stricter rules without exceptions (oauth/protected-resource.ts).
 */

import { isLoopbackAddress } from '../../oauth/protected-resource.js';
import type { Config } from './config.js';

type AllowPlaintext = Pick<Config, 'allowPlaintext'>;
type Connection = { setting: string; host: string; encrypted: boolean; remedy: string };

/** @throws Error that names the setting, the host and the remedy */
export async function checkPlaintext(config: Config): Promise<void> {
  refusePlaintext(config, [
    ...(await databaseConnections(config)),
    ...overHttp('--opa-url', config.opaUrl),
    ...overHttp('SLACK_WEBHOOK_URL', config.slackWebhookUrl),
  ]);
}

/** The same for a URL from a file. @throws Error as above */
export function checkPlaintextUrl(config: AllowPlaintext, setting: string, url: string): void {
  refusePlaintext(config, overHttp(setting, url));
}

function refusePlaintext({ allowPlaintext }: AllowPlaintext, connections: readonly Connection[]): void {
  const allowed = allowPlaintext.map(bare);
  for (const { setting, host, encrypted, remedy } of connections) {
    if (encrypted || isLocal(host) || allowed.includes(host)) continue;
    throw new Error(
      `${setting}: what is sent to ${host} would travel in the clear; ${remedy}, or allow it with --allow-plaintext ${host}`,
    );
  }
}

/** Asks `pg` where it will connect, because parameters and variables such as PGHOST and PGSSLMODE complete its URL. */
async function databaseConnections({ databaseUrl, databaseReaderUrl }: Config): Promise<Connection[]> {
  if (databaseUrl === undefined) return [];
  const { default: pg } = await import('pg');
  const urls = { DATABASE_URL: databaseUrl, DATABASE_READER_URL: databaseReaderUrl };
  return Object.entries(urls).flatMap(([setting, url]) => {
    if (url === undefined) return [];
    const { host, ssl } = readConnection(setting, () => new pg.Client({ connectionString: url }));
    return [{ setting, host: bare(host), encrypted: Boolean(ssl), remedy: 'add ?sslmode=verify-full' }];
  });
}

function readConnection<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // Safe to repeat: a message about the URL does not contain it, and one about a certificate file names only the file.
    const reason = cause instanceof Error ? cause.message : 'not readable';
    throw new Error(`${setting}: expected the URL of a PostgreSQL database: ${reason}`, { cause });
  }
}

function overHttp(setting: string, text: string | undefined): Connection[] {
  if (text === undefined) return [];
  const { hostname, protocol } = new URL(text);
  return [{ setting, host: bare(hostname), encrypted: protocol === 'https:', remedy: 'use https' }];
}

/** A host that begins with a slash is the path of a Unix socket. */
function isLocal(host: string): boolean {
  return host.startsWith('/') || isLoopbackAddress(host);
}

/** Lower case, and without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}
