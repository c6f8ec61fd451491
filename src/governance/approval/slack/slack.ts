/**
 * Slack as a second place to decide approvals: a card for each call that waits, with buttons. When a card cannot be posted, the
 * page still works. A button counts only from a user whom the operator named, in a request that Slack has signed.
 *
 * @see https://docs.slack.dev/interactivity/handling-user-interaction
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../../../oauth/protected-resource.js';
import type { After } from '../../../wire/clock.js';
import { Fault } from '../../../wire/fault.js';
import { NOSNIFF, readBody } from '../../../wire/http/body.js';
import type { OnError } from '../../../wire/log.js';
import { type JsonObject, preview } from '../../../wire/value.js';
import type { Approval, ApprovalService, DecisionResult, Tenant } from '../approval.js';
import { cardOf, note, outcomeOf } from './card.js';
import { type Interaction, readInteraction, signatureProblem } from './interaction.js';
import type { SlackApprover, SlackApprovers, SlackRoutes } from './routes.js';

export type SlackOptions = {
  /** The webhook for the cards of each tenant: `https://hooks.slack.com/services/…`. */
  routes: SlackRoutes;
  signingSecret: string;
  approvers: SlackApprovers;
  approvals: Pick<ApprovalService, 'decide'>;
  pageUrl: (id: string) => string;
  clock: () => Date;
  after: After;
  fetch?: typeof fetch;
  /** Slack gets its answer within this time, whatever the decision takes; 2.5 seconds by default. */
  deadlineMs?: number;
  /** No error contains a secret. */
  onError: OnError;
};

export type Slack = {
  /** Whether a channel may see the calls of this tenant. */
  shows(tenant: Tenant): boolean;
  /** Resolves when the card is posted, or after the last attempt failed. */
  post(approval: Approval): Promise<void>;
  /** False for any path but its own. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
};

const INTERACTIONS_PATH = '/slack/interactions';
const MAX_BODY = 64 * 1024;
/** Slack waits three seconds for an answer; the card shows the result of a decision that takes longer. */
const DEADLINE_MS = 2_500;
const POST_TIMEOUT_MS = 3_000;
const MAX_RETRY_S = 5;

export function createSlack(options: SlackOptions): Slack {
  const { routes, signingSecret, approvers, approvals, pageUrl, clock, after, onError } = options;
  const { deadlineMs = DEADLINE_MS, fetch: send = fetch } = options;
  const hasLocalWebhook = routes.webhooks.some((url) => isLoopback(new URL(url).hostname));
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve));

  /** Undefined when the message arrived; otherwise the seconds to wait before another attempt. */
  async function attempt(url: string, message: JsonObject): Promise<number | undefined> {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    if (response.status !== 429 && response.status < 500)
      throw new Error(`Slack answered ${response.status}`);
    return Math.min(MAX_RETRY_S, Number(response.headers.get('retry-after')) || 1);
  }

  /** Never rejects, not even when the message cannot be made. */
  async function postMessage(url: string, make: () => JsonObject): Promise<void> {
    try {
      const message = make();
      const retryS = await attempt(url, message);
      if (retryS === undefined) return;
      await wait(retryS * 1_000);
      if ((await attempt(url, message)) !== undefined) throw new Error('Slack is busy');
    } catch (error) {
      onError(error, 'approval.slack-failed');
    }
  }

  /** Slack's own host, or a loopback address when a webhook is on loopback too. */
  function isSlackUrl(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { origin, protocol, hostname } = new URL(url);
    if (origin === 'https://hooks.slack.com') return true;
    return protocol === 'http:' && isLoopback(hostname) && hasLocalWebhook;
  }

  function approverOf(slackUser: string, team: string | undefined): SlackApprover | undefined {
    const approver = approvers.get(slackUser);
    return approver?.team === undefined || approver.team === team ? approver : undefined;
  }

  async function decide({ slackUser, team, approve, id, responseUrl }: Interaction & { kind: 'press' }) {
    const approver = approverOf(slackUser, team);
    const reply = async (make: () => JsonObject): Promise<void> => {
      if (isSlackUrl(responseUrl)) await postMessage(responseUrl, make);
      else onError('response_url is not a Slack URL', 'approval.slack-refused');
    };
    if (approver === undefined) {
      onError(`the Slack user ${slackUser} is not an approver`, 'approval.slack-refused');
      return reply(() => note('You are not an approver here.'));
    }
    const { issuer, user, tenant } = approver;
    let result: DecisionResult;
    try {
      result = await approvals.decide(id, { issuer, user, tenant, via: 'slack' }, { approve, comment: '' });
    } catch (error) {
      onError(error, 'approval.slack-failed');
      return reply(() => note('This could not be decided just now. Press again, or open the page.'));
    }
    return reply(() => outcomeOf(result));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number, headers = {}): void =>
      void response.writeHead(status, { ...NOSNIFF, ...headers, 'content-length': '0' }).end();
    if (request.method !== 'POST') return end(405, { allow: 'POST' });
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
      return end(415);
    const body = await readBody(request, MAX_BODY);
    if (body instanceof Fault) return end(body.status('modern'));
    const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = request.headers;
    const signed = { timestamp: singleValue(timestamp), signature: singleValue(signature), body };
    const problem = signatureProblem(signingSecret, signed, clock().getTime() / 1_000);
    if (problem !== undefined) {
      onError(problem, 'approval.slack-refused', { refusal: '401' });
      return end(401);
    }
    const interaction = readInteraction(new TextDecoder().decode(body));
    if (interaction.kind === 'malformed') {
      onError(interaction.problem, 'approval.slack-refused', { refusal: '400' });
      return end(400);
    }
    if (interaction.kind === 'press') await Promise.race([decide(interaction), wait(deadlineMs)]);
    end(200);
  }

  return {
    shows: (tenant) => routes.webhookOf(tenant) !== undefined,
    async post(approval) {
      const webhook = routes.webhookOf(approval);
      if (webhook !== undefined) return postMessage(webhook, () => cardOf(approval, pageUrl(approval.id)));
      onError(`no channel for ${preview(approval.tenant)} of ${approval.issuer}`, 'approval.slack-unrouted');
    },
    handle(request, response, path) {
      if (path !== INTERACTIONS_PATH) return false;
      answer(request, response).catch((error: unknown) => {
        onError(error, 'approval.slack-failed');
        response.destroy();
      });
      return true;
    },
  };
}

function singleValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header;
}
