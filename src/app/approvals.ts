/** Connects approvals by a person to the settings: their store, the approval pages, Slack, and the operator's files about people. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SharedState } from '../cluster/shared-state.js';
import type { AcceptedIssuers } from '../governance/approval/accounts.js';
import { createIsOwn, oneAccountOnly, type PersonOf, readPersons } from '../governance/approval/accounts.js';
import { APPROVALS_CLIENT, APPROVALS_PATH } from '../governance/approval/addresses.js';
import { recordSteps } from '../governance/approval/approval-steps.js';
import { createApprovals } from '../governance/approval/approvals.js';
import {
  createRoutes,
  isSlackApprover,
  readRoutes,
  readSlackApprovers,
  routeOfApprovers,
  type SlackApprovers,
  type SlackRoutes,
} from '../governance/approval/slack/routes.js';
import { createSlack } from '../governance/approval/slack/slack.js';
import { createApproving } from '../governance/approval/waiting/approving.js';
import { createApproverPages } from '../governance/approval/web/approver.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import { deriveKeys } from '../oauth/derived-keys.js';
import type { AuthOptions } from '../oauth/protection.js';
import type { Links } from '../pages/bar.js';
import { afterUnlessDone, now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import { createSealer, readSealingKeys } from '../wire/server/sealer.js';
import { approvalMetrics } from './approval-metrics.js';
import type { EndpointOptions } from './endpoint-options.js';
import { report } from './log/log.js';
import type { ServerDefinition } from './server-definitions.js';
import { checkPlaintextUrl } from './settings/checks.js';
import type { Config } from './settings/config.js';
import { readSecretFile } from './settings/sources.js';
import { isShared } from './shared-state.js';

type SlackSettings = { signingSecret: string; approvers: SlackApprovers; routes: SlackRoutes };
export type People = { personOf: PersonOf; slack: SlackSettings | undefined };

type Parts = {
  state: SharedState;
  audit: AuditOptions;
  auth: AuthOptions;
  people: People;
  links: () => Links;
  onError: OnError;
};

export function approvalsOf(
  config: Config,
  definition: ServerDefinition,
  { state, audit, auth, people: { personOf, slack }, links, onError }: Parts,
): Required<Pick<EndpointOptions, 'approving' | 'pages' | 'collect'>> {
  const fourEyes = config.approval === 'four-eyes';
  const isOwn = createIsOwn(personOf);
  const secrets = readSealingKeys(config.approvalKeys);
  if (isShared(config) && config.approvalKeys.length === 0) onError(NO_SHARED_KEYS, 'approval.keys-missing');
  // Both are known once the server listens, because a free port may be part of them.
  let keys: readonly Uint8Array[] = [];
  let argsSealer = createSealer(secrets, now);
  let origin = '';
  const metrics = approvalMetrics(() => approvals.countPending());
  const approvals = createApprovals({
    state,
    server: definition.name,
    keys: () => keys,
    clock: now,
    newId: randomUUID,
    ttlMs: config.approvalMs,
    fourEyes,
    isOwn,
    // A session on the pages ends with the token that granted the scope. An approver in Slack is one as long as the file says so.
    isApprover: (approval) => approval.decidedVia !== 'slack' || isSlackApprover(slack?.approvers, approval),
    reveal: config.approvalReveal,
    sealer: () => argsSealer,
    onStep: metrics.counting(recordSteps(audit)),
    onError,
  });
  const pageUrl = (id: string): string => `${origin}${APPROVALS_PATH}/${id}`;
  const cards =
    slack && createSlack({ ...slack, approvals, pageUrl, clock: now, after: afterUnlessDone, onError });
  return {
    collect: metrics.text,
    approving: createApproving(approvals, pageUrl, (approval) => void cards?.post(approval), {
      hasCard: (approval) => cards?.shows(approval) === true,
      waitingCallsPerPrincipal: config.waitingCallsPerPrincipal,
    }),
    pages({ resource, verifier }) {
      origin = new URL(resource).origin;
      keys = deriveKeys(secrets, 'approval-records', resource);
      argsSealer = createSealer(deriveKeys(secrets, 'approval-arguments', resource), now);
      const pages = createApproverPages({
        service: approvals,
        verifier,
        issuer: auth.issuers[0]?.issuer ?? '',
        resource,
        origin,
        client: config.approvalsClient ?? { id: APPROVALS_CLIENT },
        sealer: createSealer(deriveKeys(secrets, 'approver-sessions', resource), now),
        state,
        clock: now,
        fourEyes,
        isOwn,
        links,
        onError,
        describe: (tool) => definition.tools.find((one) => one.name === tool),
      });
      return {
        handle: (request, response, path) =>
          pages.handle(request, response, path) || cards?.handle(request, response, path) === true,
        close: () => pages.close(),
      };
    },
  };
}

const NO_SHARED_KEYS =
  'none set: approvals and sign-ins are valid only in this process; give all replicas the same BAREWIRE_APPROVAL_KEYS';

/**
 * Reads the operator's files about people: which accounts are one person, and who decides in Slack.
 *
 * @throws Error that names the setting when a part is missing or a file is wrong
 */
export async function readPeople(
  config: Config,
  accepted: AcceptedIssuers,
  onError: OnError = report,
): Promise<People> {
  const personOf =
    config.persons === undefined
      ? oneAccountOnly
      : await fromFile('--persons', config.persons, (text) => readPersons(text, accepted));
  return { personOf, slack: await readSlack(config, accepted, onError) };
}

async function readSlack(
  config: Config,
  accepted: AcceptedIssuers,
  onError: OnError,
): Promise<SlackSettings | undefined> {
  const { slackWebhookUrl, slackSigningSecret: signingSecret, slackApprovers, slackRoutes } = config;
  if ((slackWebhookUrl ?? signingSecret ?? slackApprovers ?? slackRoutes) === undefined) return undefined;
  if (
    (slackWebhookUrl ?? slackRoutes) === undefined ||
    signingSecret === undefined ||
    slackApprovers === undefined
  ) {
    throw new Error(
      'Slack needs all of SLACK_WEBHOOK_URL (or SLACK_ROUTES), SLACK_SIGNING_SECRET and SLACK_APPROVERS',
    );
  }
  const approvers = await fromFile('--slack-approvers', slackApprovers, (text) =>
    readSlackApprovers(text, accepted),
  );
  const routes =
    slackRoutes === undefined
      ? await fromFile('--slack-approvers', slackApprovers, () =>
          routeOfApprovers(slackWebhookUrl ?? '', approvers),
        )
      : await fromFile('--slack-routes', slackRoutes, (text) =>
          createRoutes(
            readRoutes(text, accepted).map(({ issuer, tenant, webhookFile }) => ({
              issuer,
              tenant,
              webhook: readWebhook(config, webhookFile, onError),
            })),
          ),
        );
  return { signingSecret, approvers, routes };
}

/** The file has a secret, so no message repeats its content. */
function readWebhook(config: Config, file: string | undefined, onError: OnError): string {
  if (file === undefined) {
    if (config.slackWebhookUrl !== undefined) return config.slackWebhookUrl;
    throw new RangeError('a route without "webhookFile" needs SLACK_WEBHOOK_URL');
  }
  const content = readSecretFile(file);
  if ('problem' in content) throw new RangeError(`"webhookFile"${content.problem}`);
  if (content.warning !== undefined)
    onError(`--slack-routes: "webhookFile"${content.warning}`, 'process.setting-doubtful');
  const url = content.secret.trim();
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new RangeError(`"webhookFile" ${file}: expected one http or https URL`);
  checkPlaintextUrl(config, `"webhookFile" ${file}`, url);
  return url;
}

async function fromFile<T>(flag: string, file: string, read: (text: string) => T | Promise<T>): Promise<T> {
  try {
    return await read(await readFile(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${flag} ${file}: ${why}`, { cause });
  }
}
