/**
 * Starts all services on free ports, with their state in a temporary folder, and gets what their callers need: tokens that may do
 * everything, tokens of a stranger, an approver's session. Each is requested once, when it is first needed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryAudit } from '../../governance/audit/query.js';
import type { AuditRecord } from '../../governance/audit/record.js';
import { type Running, start } from '../app.js';
import type { Config } from '../settings/config.js';
import type { Tracing } from '../trace.js';
import { ApproverPerson } from './approver.js';
import { tokenFor } from './person.js';

export type GuardedServer = 'readonly' | 'destructive' | 'registry';
/** The scopes of additional tools. */
export type MoreScopes = { readonly?: string; destructive?: string };

export type GovernedServers = Running & {
  token(of: GuardedServer): Promise<string>;
  /** Of another user, who may do the same. Not for the registry. */
  stranger(of: GuardedServer): Promise<string>;
  /** The session of a person who has signed in on the approval pages of the destructive server. */
  approver(): Promise<string>;
  /** All records in the audit log of a server, in order of time. */
  records(server: 'readonly' | 'destructive'): Promise<AuditRecord[]>;
};

const READ = 'postgres:query:readonly s3:list jira:read incidents:read';
const WRITE = 'jira:write incidents:write approved:by:human';
const STRANGER = { login: 'dara.yilmaz7@example.com', password: 'demo' };

export async function openGoverned(
  settings: Partial<Config> = {},
  more: MoreScopes = {},
  tracing?: Tracing,
): Promise<GovernedServers> {
  const stateHome = await mkdtemp(join(tmpdir(), 'governed-state-'));
  const remove = (): Promise<void> => rm(stateHome, { recursive: true, force: true });
  const ports = { readonlyPort: 0, destructivePort: 0, authserverPort: 0, registryPort: 0 };
  const running = await start({ ...ports, stateHome, ...settings }, { tracing }).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  const { addresses } = running;
  const issuer = addresses.authserver ?? '';
  const scopes = {
    readonly: joinScopes(READ, more.readonly),
    destructive: joinScopes(WRITE, more.destructive),
    registry: 'registry:write',
  };
  const signedIn = once((url: string) => new ApproverPerson(new URL(url).origin, issuer).session());
  return {
    ...running,
    token: once((of) => tokenFor({ issuer, resource: addresses[of] ?? '', scope: scopes[of] })),
    stranger: once((of) => {
      const scope = of === 'destructive' ? 'jira:write' : scopes[of];
      return tokenFor({ issuer, resource: addresses[of] ?? '', scope, isApproved: true, person: STRANGER });
    }),
    approver: () => signedIn(addresses.destructive ?? ''),
    records: (server) => recordsIn(join(stateHome, 'barewire', 'audit', server)),
    async close() {
      await running.close();
      await remove();
    },
  };
}

export async function recordsIn(dir: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of queryAudit(dir, {})) records.push(record);
  // Each tenant has its own chain. The sort is stable, so the order within a chain stays.
  return records.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
}

const joinScopes = (own: string, more = '') => (more === '' ? own : `${own} ${more}`);

/** Remembers the promise, so that two callers at the same time share one request; one that fails is made again. */
function once<Name, T>(request: (of: Name) => Promise<T>): (of: Name) => Promise<T> {
  const results = new Map<Name, Promise<T>>();
  return (of) => {
    const result = results.get(of) ?? request(of);
    results.set(of, result);
    result.catch(() => results.delete(of));
    return result;
  };
}
