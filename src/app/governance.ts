/**
 * Governance, wired from the settings: the policy, the state that replicas share, and the audit log of each server. approvals.ts
 * wires approvals.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { postChange } from '../cluster/join-replicas.js';
import type { SharedState } from '../cluster/shared-state.js';
import { AuditLocked } from '../governance/audit/lock.js';
import { type Audit, openAudit } from '../governance/audit/log.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import type { Signing } from '../governance/audit/series.js';
import { createOpa } from '../governance/policy/opa/ask.js';
import { createPolicy } from '../governance/policy/policy.js';
import type { AuthOptions } from '../oauth/protection.js';
import type { Links } from '../pages/bar.js';
import { now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import type { Change } from '../wire/mcp/connection.js';
import type { Policy } from '../wire/mcp/mcp-server.js';
import { acceptedOf } from './access.js';
import { openSigning } from './audit-signing.js';
import type { DependencyTimes } from './dependencies.js';
import type { EndpointOptions } from './endpoint-options.js';
import { logEnd, logRefusal } from './log/calls.js';
import { isEventLogged } from './log/log.js';
import type { ServerDefinition } from './server-definitions.js';
import { auditFolderOf, type Config } from './settings/config.js';
import type { ServerName } from './settings/setting.js';
import { isShared, openSharedState } from './shared-state.js';

type GovernanceOptions = { policy: Policy; audit: AuditOptions } & Pick<
  EndpointOptions,
  'approving' | 'pages' | 'documents' | 'collect'
>;

export type Governance = {
  /** What replicas share; undefined unless a setting names a server that stores it. */
  sharedState: SharedState | undefined;
  /** Notifies the clients of a server that runs in another process. */
  tell(server: string, change: Change): void;
  /** `definition` has the server's name, as rules and records know it, and its tools. */
  of(name: ServerName, definition: ServerDefinition, links: () => Links): GovernanceOptions;
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
  times: DependencyTimes,
  onError: OnError,
): Promise<Governance> {
  if (config.policyDryRun) onError('every call passes, whatever is decided', 'policy.dry-run');
  // Loaded only where somebody may be asked, or has a file to check: a server that reads starts sooner without.
  const { approvalsOf, readPeople } = asksPeople(config, names) ? await import('./approvals.js') : {};
  const people = await readPeople?.(config, acceptedOf(auth));
  const openedState = await openSharedState(config, onError);
  const system = config.stateUrl === undefined ? 'postgresql' : 'redis';
  const state = isShared(config) ? times.timedState(openedState, system) : openedState;
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
  const sharedState = isShared(config) ? state : undefined;
  return {
    sharedState,
    tell(server, change) {
      if (sharedState !== undefined)
        postChange(sharedState, server, change).catch((error) =>
          onError(error, 'state.replica-failed', { server }),
        );
    },
    of(name, definition, links) {
      const log = logs.get(name);
      if (log === undefined) throw new Error(`the ${name} server was not to be started`);
      const { auditRequired: required, auditAnonymous: anonymousPerMinute } = config;
      const onEnded = isEventLogged('call.ended') ? logEnd : undefined;
      const audit = { log, required, anonymousPerMinute, onRefused: logRefusal, onEnded };
      const policy = policyOf(config, definition, state, times, onError);
      if (policy.ready !== undefined) engines.push(policy.ready);
      // On stdio there is no approval page to open.
      const asks =
        config.approval !== 'token' &&
        !config.stdio &&
        definition.tools.some(({ destructive }) => destructive);
      const { documents } = signing;
      if (!asks || approvalsOf === undefined || people === undefined) return { policy, audit, documents };
      return {
        policy,
        audit,
        documents,
        ...approvalsOf(config, definition, { state, audit, auth, people, links, onError }),
      };
    },
    engineReady: async () => void (await Promise.all(engines.map((ready) => ready()))),
    ready: () => state.ready(),
    close,
  };
}

/** Whether a server may ask people, or a setting says something about them that has to be checked. */
function asksPeople(config: Config, names: readonly ServerName[]): boolean {
  const { persons, slackWebhookUrl, slackSigningSecret, slackApprovers, slackRoutes } = config;
  const peopleSetting = persons ?? slackWebhookUrl ?? slackSigningSecret ?? slackApprovers ?? slackRoutes;
  return names.includes('destructive') || peopleSetting !== undefined;
}

function policyOf(
  config: Config,
  { name, tools }: ServerDefinition,
  state: SharedState,
  times: DependencyTimes,
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
      ? { opa: times.timedOpa(createOpa({ url: opaUrl, deadlineMs: opaMs })) }
      : {}),
    tokenApprovals: config.approval === 'either' || config.approval === 'token',
    dryRun: policyDryRun,
    onError,
  });
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
      keepDays: config.auditKeep,
      onError: (error) => onError(error, 'audit.unwritable', { about: name }),
      onRetentionError: (error) => onError(error, 'audit.retention-failed', { about: name }),
      onNotice: (folder, notice) =>
        onError(JSON.stringify(notice), 'audit.irregular', { about: `${name}/${folder}` }),
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
