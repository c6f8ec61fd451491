/**
 * Slack as a second door to the desk: a card for each call that waits, and the buttons on it. A card that cannot be posted
 * costs nothing but the card: the page is still there. A button counts only from a user whom the operator named, in a
 * request that Slack has signed.
 *
 * @see https://docs.slack.dev/interactivity/handling-user-interaction
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../../../oauth/protected-resource.js';
import { Fault } from '../../../wire/fault.js';
import { readBody } from '../../../wire/http/body.js';
import { NOSNIFF } from '../../../wire/http/reply.js';
import { type JsonObject, preview } from '../../../wire/value.js';
import type { Approval, ApprovalService, Decided } from '../approval.js';
import { cardOf, note, outcomeOf } from './card.js';
import { type Interaction, readInteraction, type SlackApprover, type SlackApprovers } from './interaction.js';
import type { SlackRoutes } from './routes.js';
import { signatureProblem } from './signature.js';

export type SlackOptions = {
  /** Where the cards of each tenant are posted: `https://hooks.slack.com/services/…`. */
  routes: SlackRoutes;
  signingSecret: string;
  approvers: SlackApprovers;
  desk: Pick<ApprovalService, 'decide'>;
  pageUrl: (id: string) => string;
  clock: () => Date;
  after: (ms: number, run: () => void) => () => void;
  fetch?: typeof fetch;
  /** Slack is answered within so many milliseconds, whatever the desk does. */
  deadlineMs?: number;
  /** Told of what went wrong; never a secret. */
  onError: (error: unknown, about: string) => void;
};

export type Slack = {
  /** Whether a channel may see the calls of this tenant. */
  shows(tenant: Pick<Approval, 'issuer' | 'tenant'>): boolean;
  /** Resolves when the card is posted, or given up. */
  post(approval: Approval): Promise<void>;
  /** False for any path but its own. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
};

export const INTERACTIONS_PATH = '/slack/interactions';
const MAX_BODY = 64 * 1024;
/** Slack waits three seconds for an answer; what takes longer is told by the card. */
const DEADLINE_MS = 2_500;
const PATIENCE_MS = 3_000;
const LONGEST_RETRY_S = 5;

export function createSlack(options: SlackOptions): Slack {
  const { routes, signingSecret, approvers, desk, pageUrl, clock, after, onError } = options;
  const { deadlineMs = DEADLINE_MS, fetch: ask = fetch } = options;
  const hasLocalWebhook = routes.webhooks.some((url) => isLoopback(new URL(url).hostname));
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve));

  /** Seconds until another try, where there should be one. */
  async function send(url: string, message: JsonObject): Promise<number | undefined> {
    const response = await ask(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    if (response.status !== 429 && response.status < 500)
      throw new Error(`Slack answered ${response.status}`);
    return Math.min(LONGEST_RETRY_S, Number(response.headers.get('retry-after')) || 1);
  }

  /** Never rejects, not even where the message cannot be made. */
  async function tell(url: string, make: () => JsonObject): Promise<void> {
    try {
      const message = make();
      const retryS = await send(url, message);
      if (retryS === undefined) return;
      await wait(retryS * 1_000);
      if ((await send(url, message)) !== undefined) throw new Error('Slack is busy');
    } catch (error) {
      onError(error, 'slack');
    }
  }

  /** Slack's own host, or a loopback address when a webhook is on loopback too. */
  function mayTell(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { origin, protocol, hostname } = new URL(url);
    if (origin === 'https://hooks.slack.com') return true;
    return protocol === 'http:' && isLoopback(hostname) && hasLocalWebhook;
  }

  function approverOf(slackUser: string, from: string | undefined): SlackApprover | undefined {
    const approver = approvers.get(slackUser);
    return approver?.team === undefined || approver.team === from ? approver : undefined;
  }

  async function press(pressed: Interaction & { kind: 'press' }): Promise<void> {
    const { slackUser, approve, id, responseUrl } = pressed;
    const approver = approverOf(slackUser, pressed.team);
    const answer = (make: () => JsonObject): Promise<void> =>
      mayTell(responseUrl)
        ? tell(responseUrl, make)
        : Promise.resolve(onError(new Error("response_url is none of Slack's"), 'slack'));
    if (approver === undefined) {
      onError(new Error(`the Slack user ${slackUser} is no approver`), 'slack');
      return answer(() => note('You are not an approver here.'));
    }
    const { issuer, user, tenant } = approver;
    let decided: Decided;
    try {
      decided = await desk.decide(id, { issuer, user, tenant, via: 'slack' }, { approve, comment: '' });
    } catch (error) {
      onError(error, 'slack');
      return answer(() => note('This could not be decided just now. Press again, or open the page.'));
    }
    return answer(() => outcomeOf(decided));
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
    const signed = { timestamp: one(timestamp), signature: one(signature), body };
    const problem = signatureProblem(signingSecret, signed, clock().getTime() / 1_000);
    if (problem !== undefined) {
      onError(new Error(problem), 'slack 401');
      return end(401);
    }
    const interaction = readInteraction(new TextDecoder().decode(body));
    if (interaction.kind === 'malformed') {
      onError(new Error(interaction.problem), 'slack 400');
      return end(400);
    }
    if (interaction.kind === 'press') await Promise.race([press(interaction), wait(deadlineMs)]);
    end(200);
  }

  return {
    shows: (tenant) => routes.webhookOf(tenant) !== undefined,
    async post(approval) {
      const webhook = routes.webhookOf(approval);
      if (webhook !== undefined) return tell(webhook, () => cardOf(approval, pageUrl(approval.id)));
      onError(new Error(`no channel for ${preview(approval.tenant)} of ${approval.issuer}`), 'slack routes');
    },
    handle(request, response, path) {
      if (path !== INTERACTIONS_PATH) return false;
      answer(request, response).catch((error: unknown) => {
        onError(error, 'slack');
        response.destroy();
      });
      return true;
    },
  };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header;
}
