/** The services as `start` runs them, on free ports, and tokens that may do everything on each of the servers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../../src/app.js';
import { queryAudit } from '../../src/audit/query.js';
import type { AuditRecord } from '../../src/audit/record.js';
import type { Config } from '../../src/config.js';
import { tokenFor } from './person.js';

/** A server that asks for a token, and one. */
export type Guarded = { url: URL; token: string };

export type Governed = Running & {
  readonly: Guarded;
  destructive: Guarded;
  /** The token lets one write. */
  registry: Guarded;
  /** All that the audit log of a server holds, in the order of time. */
  records(server: 'readonly' | 'destructive'): Promise<AuditRecord[]>;
};

const READ = 'postgres:query:readonly s3:list jira:read incidents:read';
const WRITE = 'jira:write incidents:write approved:by:human';

/** `more` are the scopes of tools that were loaded besides, on each of the servers. */
export async function startGoverned(
  given: Partial<Config> = {},
  more = '',
  moreOfDestructive = '',
): Promise<Governed> {
  const stateHome = await mkdtemp(join(tmpdir(), 'governed-state-'));
  const running = await start({
    readonlyPort: 0,
    destructivePort: 0,
    authserverPort: 0,
    registryPort: 0,
    stateHome,
    ...given,
  });
  const { readonly = '', destructive = '', registry = '', authserver = '' } = running.addresses;
  const own = more === '' ? '' : ` ${more}`;
  const [registering, reading, writing] = await Promise.all([
    tokenFor({ issuer: authserver, resource: registry, scope: 'registry:write' }),
    tokenFor({ issuer: authserver, resource: readonly, scope: `${READ}${own}` }),
    tokenFor({
      issuer: authserver,
      resource: destructive,
      scope: moreOfDestructive === '' ? WRITE : `${WRITE} ${moreOfDestructive}`,
    }),
  ]);
  return {
    ...running,
    readonly: { url: new URL(readonly), token: reading },
    destructive: { url: new URL(destructive), token: writing },
    registry: { url: new URL(registry), token: registering },
    records: (server) => recordsIn(join(stateHome, 'barewire', 'audit', server)),
    async close() {
      await running.close();
      await rm(stateHome, { recursive: true, force: true });
    },
  };
}

export async function recordsIn(dir: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of queryAudit(dir, {})) records.push(record);
  // Tenants have a chain each; a stable sort leaves the order within each as it is.
  return records.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
}

/** What a client's transport is told so that its requests carry the token. */
export function bearing(target: URL | Guarded): { url: URL; options: { requestInit?: RequestInit } } {
  if (target instanceof URL) return { url: target, options: {} };
  const headers = { authorization: `Bearer ${target.token}` };
  return { url: target.url, options: { requestInit: { headers } } };
}
