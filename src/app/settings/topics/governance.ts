/** Which calls may run, who approves them, and where they are recorded. */
import { APPROVAL_TTL_MS } from '../../../governance/approval/approval.js';
import { optional, setting } from '../setting.js';
import * as tables from '../tables.js';
import * as types from '../types.js';

/** Who decides whether a call may run, and how often and with how much it may be made. */
export const policy = {
  policy: setting('policy', types.oneOf('embedded', 'opa'), 'embedded', {
    help: 'What decides about calls: the rules in this program, or an Open Policy Agent.',
  }),
  opaUrl: optional('opa-url', types.HTTP_URL, {
    help: 'URL of the Open Policy Agent. A URL without a path gets /v1/data/barewire/decision.',
  }),
  opaMs: setting('opa-ms', types.milliseconds(1, 60_000), 250, {
    help: 'Time the agent has for a decision. A call without a decision by then is refused.',
  }),
  policyDryRun: setting('policy-dry-run', types.SWITCH, 'false', {
    help: 'Decide and record, but let every call pass. Tokens are still checked.',
  }),
  // Every server limits how often its tools are called (2026-07-28/tools/038): far above what a person or a model needs.
  quota: setting('quota', tables.CALLS_PER_MINUTE, 6_000, {
    help: 'Calls per minute for each tenant and tool, and other numbers for single tools. 0 means no limit.',
  }),
  payloadCaps: setting('payload-cap', tables.PAYLOAD_CAPS, '', {
    help: 'Maximum characters in the arguments of single tools, below the general limit of 8192.',
  }),
};

/** When a person must approve a call, and who counts as a different person. */
export const approval = {
  approval: setting('approval', types.oneOf('either', 'token', 'call', 'four-eyes'), 'either', {
    help: 'What a destructive call needs. token: an approval by a person in the access token. call: an approval of exactly this call. either: one of the two. four-eyes: like call, but by somebody other than the person who asked (see --persons).',
  }),
  approvalMs: setting('approval-ms', types.milliseconds(100, 900_000), APPROVAL_TTL_MS, {
    help: 'How long a call waits for its approval, and how long the approval stays valid.',
  }),
  approvalReveal: setting('approval-reveal', types.oneOf('page', 'never'), 'page', {
    help: 'Who sees arguments that are masked elsewhere. page: approvers, on the page of the call; the audit log says who. never: nobody, and a call with masked arguments cannot be approved.',
  }),
  waitingCallsPerPrincipal: setting('waiting-calls-per-principal', types.count(1, 10_000), 100, {
    help: "One user's calls, through all clients and including tasks, that may wait for a person at the same time in each process. All users together may have 10000.",
  }),
  persons: optional('persons', types.FILE, {
    defaultText: 'each user of each issuer is a separate person',
    help: 'JSON {"persons": {"NAME": [{"issuer", "user"}, …]}}: accounts, including those of programs, that four-eyes counts as one person.',
  }),
  approvalsClient: optional('approvals-client', types.CLIENT, {
    neededBy: ['destructive'],
    help: 'Client of the approval pages at the first issuer, registered with the redirect URI <origin>/approvals/callback.',
  }),
  approvalKeys: setting('approval-keys', types.KEYS, '', {
    neededBy: ['destructive'],
    defaultText: 'each process generates its own',
    help: 'Secrets of 32 bytes in base64url for approval records and sign-ins on the approval pages; replicas of the destructive server share them. The first seals, all open. Anybody who has one can act as any approver.',
  }),
};

/** Cards for waiting calls in Slack. The variables have Slack's usual names. */
export const slack = {
  slackWebhookUrl: optional(
    'slack-webhook-url',
    { ...types.HTTP_URL, secret: true },
    {
      variable: 'SLACK_WEBHOOK_URL',
      neededBy: ['destructive'],
      help: 'Webhook that gets a card for each waiting call: those of the one tenant in --slack-approvers, or of the tenants that --slack-routes sends here. The next two settings are required with it.',
    },
  ),
  slackSigningSecret: optional('slack-signing-secret', types.secret('SECRET'), {
    variable: 'SLACK_SIGNING_SECRET',
    neededBy: ['destructive'],
    help: 'Secret with which Slack signs its requests to /slack/interactions on the destructive server.',
  }),
  slackApprovers: optional('slack-approvers', types.FILE, {
    variable: 'SLACK_APPROVERS',
    help: 'JSON {"SLACK_USER_ID": {"issuer", "user", "tenant", "team"?}}: the Slack users who may decide, and as which account. Each issuer must match one of --issuer exactly.',
  }),
  slackRoutes: optional('slack-routes', types.FILE, {
    variable: 'SLACK_ROUTES',
    help: 'JSON {"routes": [{"issuer", "tenant", "webhookFile"}]}: a channel for each tenant, with its webhook URL in a file (default: SLACK_WEBHOOK_URL). The tenant "*" means every tenant without a route of its own; these tenants see each other\'s calls.',
  }),
};

/** The audit log. */
export const audit = {
  auditKeys: setting('audit-key', types.list('FILE,…'), '', {
    help: 'Files with Ed25519 keys, as PEM or JWK. The first, a private key, signs the heads of the audit logs every second and at the end; all are published at /.well-known/barewire-audit-keys, so that `audit verify --keys` can check them. To rotate, put the new key first and keep the old one.',
  }),
  auditAnchor: optional('audit-anchor', types.text('FILE|URL'), {
    help: 'Where signed heads are kept as well: a file they are appended to, or a URL they are posted to, at most once a minute for each tenant. Choose a place that somebody with access to the logs cannot change.',
  }),
  auditDir: optional('audit-dir', types.FOLDER, {
    defaultText: '~/.local/state/barewire/audit',
    help: 'Folder of the audit logs, with a folder for each server in it.',
  }),
  auditKeep: optional('audit-keep', types.count(1, 36_500), {
    defaultText: 'all are kept',
    help: 'How many days audit records are kept. Whole days (UTC) are removed once each of their records is older; a tombstone takes their place, so that the log still verifies; --audit-key signs it.',
  }),
  auditRequired: setting('audit-required', types.SWITCH, 'false', {
    help: 'While the audit log cannot be written, refuse reads as well. Calls that change something are always refused then.',
  }),
  auditAnonymous: setting('audit-anonymous', types.count(1, 1_000_000), 60, {
    help: 'How many refused callers without a valid token get a full audit record, for each reason and minute. The others are only counted.',
  }),
};
