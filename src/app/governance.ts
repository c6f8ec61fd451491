/**
 * Governance, wired from the settings: the policy, the state that replicas share, and the audit log of each server. approvals.ts
 * wires approvals.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { postChange } from '../cluster/join-replicas.js';
import type { SharedState } from '../cluster/shared-state.js';
import { createMemoryState } from '../cluster/state/memory-state.js';
import { AuditLocked } from '../governance/audit/lock.js';
import { type Audit, openAudit } from '../governance/audit/log.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import type { Signing } from '../governance/audit/series.js';
import { createOpa } from '../governance/policy/opa/ask.js';
import { createPolicy } from '../governance/policy/policy.js';
import type { AuthOptions } from '../oauth/protection.js';
import type { Links } from '../pages/bar.js';
import { now } from '../wire/clock.js';
import type { Change } from '../wire/mcp/connection.js';
import type { Policy } from '../wire/mcp/mcp-server.js';
import { acceptedOf } from './access.js';
import { approvalsOf, readPeople } from './approvals.js';
import { openSigning } from './audit-signing.js';
import type { EndpointOptions } from './endpoint-options.js';
import type { OnError } from './errors.js';
import type { ServerDefinition } from './server-definitions.js';
import { auditFolderOf, type Config } from './settings/config.js';
import type { ServerName } from './settings/setting.js';

type Governed = { policy: Policy; audit: AuditOptions } & Pick<
  EndpointOptions,
  'approving' | 'pages' | 'documents'
>;

export type Governance = {
  /** What replicas share; undefined unless `DATABASE_URL` names a server that stores it. */
  shared: SharedState | undefined;
  /** Notifies the clients of a server that runs in another process. */
  tell(server: string, change: Change): void;
  /** `face` has the server's name, as rules and records know it, and its tools. */
  of(name: ServerName, face: ServerDefinition, links: () => Links): Governed;
  /** Rejects while a policy engine is configured but does not decide. */
  engineReady(): Promise<void>;
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** @throws Error with a one-line message when another process holds a log, or two settings do not fit together */
export async function openGovernance(
  config: Config,
  names: readonly ServerName[],
  auth: AuthOptions,
  onError: OnError,
): Promise<Governance> {
  checkEngine(config);
  if (config.policyDryRun) onError(new Error('every call passes, whatever is decided'), 'policy dry run');
  const people = await readPeople(config, acceptedOf(auth));
  const state = await openState(config, onError);
  const signing = await openSigning(config, onError);
  const logs = new Map<ServerName, Audit>();
  const close = async (): Promise<void> => {
    await Promise.all([...logs.values()].map((log) => log.close()));
    await state.close();
  };
  try {
    for (const name of names) logs.set(name, await openLog(config, name, await signing.of(name), onError));
  } catch (error) {
    await close();
    throw error;
  }
  const engines: (() => Promise<void>)[] = [];
  const shared = config.databaseUrl === undefined ? undefined : state;
  return {
    shared,
    tell(server, change) {
      if (shared !== undefined)
        postChange(shared, server, change).catch((error) => onError(error, 'replicas'));
    },
    of(name, face, links) {
      const log = logs.get(name);
      if (log === undefined) throw new Error(`the ${name} server was not to be started`);
      const audit = { log, required: config.auditRequired, anonymousPerMinute: config.auditAnonymous };
      const policy = policyOf(config, face, state, onError);
      if (policy.ready !== undefined) engines.push(policy.ready);
      // On stdio there is no approval page to open.
      const asks =
        config.approval !== 'token' && !config.stdio && face.tools.some(({ destructive }) => destructive);
      const { documents } = signing;
      if (!asks) return { policy, audit, documents };
      return {
        policy,
        audit,
        documents,
        ...approvalsOf(config, face, { state, audit, auth, people, links, onError }),
      };
    },
    engineReady: async () => void (await Promise.all(engines.map((ready) => ready()))),
    ready: () => state.ready(),
    close,
  };
}

/** Replicas share this state if `DATABASE_URL` names a server; otherwise it is this process's own. */
async function openState({ databaseUrl }: Config, onError: OnError): Promise<SharedState> {
  if (databaseUrl === undefined) return createMemoryState(now);
  const { createPostgresState } = await import('../cluster/state/postgres-state.js');
  return createPostgresState({ url: databaseUrl, clock: now, onError });
}

function policyOf(
  config: Config,
  { name, tools }: ServerDefinition,
  state: SharedState,
  onError: OnError,
): Policy {
  const { policy, opaUrl, opaMs, policyDryRun, quota, payloadCaps } = config;
  return createPolicy({
    name,
    probe: tools[0],
    clock: now,
    limits: { payloadCaps, callsPerMinute: quota },
    state,
    ...(policy === 'opa' && opaUrl !== undefined
      ? { opa: createOpa({ url: opaUrl, deadlineMs: opaMs }) }
      : {}),
    tokenApprovals: config.approval === 'either' || config.approval === 'token',
    dryRun: policyDryRun,
    onError,
  });
}

function checkEngine({ policy, opaUrl }: Config): void {
  if (policy === 'opa' && opaUrl === undefined)
    throw new Error('--policy opa: say with --opa-url where it is');
  if (policy === 'embedded' && opaUrl !== undefined)
    throw new Error('--opa-url is asked only with --policy opa');
}

/** Processes without a `--replica` name on one machine, such as those that clients start for stdio. */
const MAX_UNNAMED = 100;

/** A process without a name takes the first free one: the host's name, then the host's name with `-2`, and so on. */
async function openLog(
  config: Config,
  name: ServerName,
  signing: Signing | undefined,
  onError: OnError,
): Promise<Audit> {
  const open = (replica: string): Promise<Audit> =>
    openAudit({
      dir: join(auditFolderOf(config), name),
      replica,
      clock: now,
      signing,
      onError: (error) => onError(error, `audit ${name}`),
      onNotice: (folder, notice) => onError(JSON.stringify(notice), `audit ${name}/${folder}`),
    });
  if (config.replica !== undefined) return open(config.replica);
  for (let number = 1; ; number += 1) {
    try {
      return await open(number === 1 ? hostname() : `${hostname()}-${number}`);
    } catch (error) {
      if (!(error instanceof AuditLocked) || number === MAX_UNNAMED) throw error;
    }
  }
}
