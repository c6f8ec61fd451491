/**
 * The person in the loop, wired from the settings: where approvals are kept, and the doors by which they are given, the pages
 * and Slack.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SharedState } from '../cluster/shared-state.js';
import { APPROVALS_CLIENT, APPROVALS_PATH } from '../governance/approval/addresses.js';
import { createApproving, recordSteps } from '../governance/approval/approval-steps.js';
import { createApprovals } from '../governance/approval/approvals.js';
import { readSlackApprovers, type SlackApprovers } from '../governance/approval/slack/interaction.js';
import {
  createRoutes,
  readRoutes,
  routeOfApprovers,
  type SlackRoutes,
} from '../governance/approval/slack/routes.js';
import { createSlack } from '../governance/approval/slack/slack.js';
import type { Accepted } from '../governance/approval/web/accounts.js';
import { createApproverPages } from '../governance/approval/web/approver.js';
import {
  createIsOwn,
  oneAccountOnly,
  type PersonOf,
  readPersons,
} from '../governance/approval/web/persons.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import { deriveKeys } from '../oauth/derived-keys.js';
import { afterUnlessDone, now } from '../wire/clock.js';
import { createSealer, readSealingKeys } from '../wire/server/sealer.js';
import type { EndpointOptions } from './endpoint-options.js';
import type { ServerDefinition } from './server-definitions.js';
import type { Config } from './settings/config.js';
import { checkPlaintextUrl } from './settings/plaintext.js';
import { readSecretFile } from './settings/secret-file.js';

type Warn = (line: string) => void;
type SlackSettings = { signingSecret: string; approvers: SlackApprovers; routes: SlackRoutes };
export type People = { personOf: PersonOf; slack: SlackSettings | undefined };

type Parts = {
  state: SharedState;
  audit: AuditOptions;
  issuers: readonly string[];
  people: People;
  onError: (error: unknown, about: string) => void;
};

export function approvalsOf(
  config: Config,
  { name, tools }: ServerDefinition,
  { state, audit, issuers, people: { personOf, slack }, onError }: Parts,
): Required<Pick<EndpointOptions, 'approving' | 'pages'>> {
  const fourEyes = config.approval === 'four-eyes';
  const isOwn = createIsOwn(personOf);
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
    isOwn,
    onStep: recordSteps(audit),
    onError,
  });
  // Known with the resource, which may be the address that a free port gave.
  let origin = '';
  const pageUrl = (id: string): string => `${origin}${APPROVALS_PATH}/${id}`;
  const door = slack && createSlack({ ...slack, desk, pageUrl, clock: now, after: afterUnlessDone, onError });
  return {
    approving: createApproving(desk, pageUrl, (approval) => void door?.post(approval), {
      hasCard: (approval) => door?.shows(approval) === true,
      waitingCallsPerPrincipal: config.waitingCallsPerPrincipal,
    }),
    pages({ resource, verifier }) {
      origin = new URL(resource).origin;
      keys = deriveKeys(approvalSecrets, 'approval-records', resource);
      const pages = createApproverPages({
        service: desk,
        verifier,
        issuer: issuers[0] ?? '',
        resource,
        origin,
        client: config.approvalsClient ?? { id: APPROVALS_CLIENT },
        sealer: createSealer(deriveKeys(approvalSecrets, 'approver-sessions', resource), now),
        state,
        clock: now,
        fourEyes,
        isOwn,
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
  'none set: approvals and sign-ins are valid only in this process; give all replicas the same BAREWIRE_APPROVAL_KEYS',
);

/**
 * Reads the operator's files about people: which accounts are one person, and who decides in Slack.
 *
 * @throws Error that names the setting when a part is missing or a file is wrong
 */
export async function readPeople(
  config: Config,
  accepted: Accepted,
  warn: Warn = (line) => console.error(`barewire: ${line}`),
): Promise<People> {
  const personOf =
    config.persons === undefined
      ? oneAccountOnly
      : await fromFile('--persons', config.persons, (text) => readPersons(text, accepted));
  return { personOf, slack: await readSlack(config, accepted, warn) };
}

async function readSlack(config: Config, accepted: Accepted, warn: Warn): Promise<SlackSettings | undefined> {
  const { slackWebhookUrl: webhook, slackSigningSecret: signingSecret } = config;
  const { slackApprovers: approversFile, slackRoutes: routesFile } = config;
  if ([webhook, signingSecret, approversFile, routesFile].every((one) => one === undefined)) return undefined;
  if ((webhook ?? routesFile) === undefined || signingSecret === undefined || approversFile === undefined) {
    throw new Error(
      'Slack needs all of SLACK_WEBHOOK_URL (or SLACK_ROUTES), SLACK_SIGNING_SECRET and SLACK_APPROVERS',
    );
  }
  const approvers = await fromFile('--slack-approvers', approversFile, (text) =>
    readSlackApprovers(text, accepted),
  );
  const routes =
    routesFile === undefined
      ? await fromFile('--slack-approvers', approversFile, () => routeOfApprovers(webhook ?? '', approvers))
      : await fromFile('--slack-routes', routesFile, (text) =>
          createRoutes(
            readRoutes(text, accepted).map(({ issuer, tenant, webhookFile }) => ({
              issuer,
              tenant,
              webhook: readWebhook(config, webhookFile, webhook, warn),
            })),
          ),
        );
  return { signingSecret, approvers, routes };
}

/** The file has a secret, so no message repeats its content. */
function readWebhook(
  config: Config,
  file: string | undefined,
  webhook: string | undefined,
  warn: Warn,
): string {
  if (file === undefined) {
    if (webhook !== undefined) return webhook;
    throw new RangeError('a route without "webhookFile" needs SLACK_WEBHOOK_URL');
  }
  const read = readSecretFile(file);
  if ('problem' in read) throw new RangeError(`"webhookFile"${read.problem}`);
  if (read.warning !== undefined) warn(`--slack-routes: "webhookFile"${read.warning}`);
  const url = read.secret.trim();
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
