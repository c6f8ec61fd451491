/**
 * The person in the loop, wired from the settings: where approvals are kept, and the doors by which they are given, the pages
 * and Slack.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { APPROVALS_CLIENT, APPROVALS_PATH } from './approval/addresses.js';
import { createApprovals } from './approval/approvals.js';
import { createApproverPages } from './approver/approver.js';
import { readSlackApprovers, type SlackApprovers } from './approver/slack/interaction.js';
import { createSlack } from './approver/slack/slack.js';
import { deriveKeys } from './auth/derived-keys.js';
import { createSealer, readSealingKeys } from './auth/sealer.js';
import { afterUnlessDone, now } from './clock.js';
import type { Config } from './config.js';
import { createApproving, recordSteps } from './endpoint/approving.js';
import type { AuditOptions, EndpointOptions } from './endpoint/options.js';
import type { Face } from './servers.js';
import type { SharedState } from './shared-state.js';

type SlackSettings = { webhookUrl: string; signingSecret: string; approvers: SlackApprovers };

type Parts = {
  state: SharedState;
  audit: AuditOptions;
  issuers: readonly string[];
  slack: SlackSettings | undefined;
  onError: (error: unknown, about: string) => void;
};

export function approvalsOf(
  config: Config,
  { name, tools }: Face,
  { state, audit, issuers, slack, onError }: Parts,
): Required<Pick<EndpointOptions, 'approving' | 'pages'>> {
  const fourEyes = config.approval === 'four-eyes';
  const approvalSecrets = readSealingKeys(config.approvalKeys);
  if (config.databaseUrl !== undefined && config.approvalKeys.length === 0)
    onError(UNSHARED, 'approval keys');
  let keys: readonly Uint8Array[] = [];
  const desk = createApprovals({
    state,
    server: name,
    keys: () => keys,
    clock: now,
    newId: randomUUID,
    ttlMs: config.approvalMs,
    fourEyes,
    onStep: recordSteps(audit),
    onError,
  });
  // Known with the resource, which may be the address that a free port gave.
  let origin = '';
  const pageUrl = (id: string): string => `${origin}${APPROVALS_PATH}/${id}`;
  const door = slack && createSlack({ ...slack, desk, pageUrl, clock: now, after: afterUnlessDone, onError });
  return {
    approving: createApproving(desk, pageUrl, (approval) => void door?.post(approval), {
      slack: door !== undefined,
    }),
    pages({ resource, verifier }) {
      origin = new URL(resource).origin;
      keys = deriveKeys(approvalSecrets, 'approval-records', resource);
      const pages = createApproverPages({
        desk,
        verifier,
        issuer: issuers[0] ?? '',
        resource,
        origin,
        client: config.approvalsClient ?? { id: APPROVALS_CLIENT },
        sealer: createSealer(deriveKeys(approvalSecrets, 'approver-sessions', resource), now),
        state,
        clock: now,
        fourEyes,
        onError,
        describe: (tool) => tools.find((one) => one.name === tool),
      });
      return {
        handle: (request, response, path) =>
          pages.handle(request, response, path) || door?.handle(request, response, path) === true,
        close: () => pages.close(),
      };
    },
  };
}

const UNSHARED = new Error(
  'none given: approvals and sign-ins hold only in this process; give all replicas the same BAREWIRE_APPROVAL_KEYS',
);

/** Slack where all of it is given. @throws Error when a part is missing, or the file of approvers cannot be read. */
export async function readSlack(config: Config): Promise<SlackSettings | undefined> {
  const { slackWebhookUrl: webhookUrl, slackSigningSecret: signingSecret, slackApprovers: file } = config;
  if (webhookUrl === undefined && signingSecret === undefined && file === undefined) return undefined;
  if (webhookUrl === undefined || signingSecret === undefined || file === undefined) {
    throw new Error('Slack needs all of --slack-webhook-url, --slack-signing-secret and --slack-approvers');
  }
  try {
    return { webhookUrl, signingSecret, approvers: readSlackApprovers(await readFile(file, 'utf8')) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--slack-approvers ${file}: ${why}`, { cause });
  }
}
