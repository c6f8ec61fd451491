/**
 * What Slack sends when somebody presses a button: whether it is genuine, and what it says.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 * @see https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord } from '../../../wire/value.js';
import { APPROVE, REFUSE } from './card.js';

/** How old a signed request may be, seconds: an old one may be a replay. */
const WINDOW_S = 300;

type SignedRequest = {
  timestamp: string | undefined;
  signature: string | undefined;
  body: Uint8Array;
};

/** Undefined for a valid signature; otherwise what is wrong, for the log and not for the sender. `now` in seconds since 1970. */
export function signatureProblem(
  secret: string,
  { timestamp = '', signature = '', body }: SignedRequest,
  now: number,
): string | undefined {
  if (!/^\d{1,12}$/.test(timestamp)) return 'there is no timestamp';
  if (Math.abs(now - Number(timestamp)) > WINDOW_S)
    return `the timestamp is ${Math.round(now - Number(timestamp))} s old`;
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  const expected = Buffer.from(`v0=${mac}`);
  const received = Buffer.from(signature);
  // Comparing buffers of different lengths would throw.
  if (expected.length !== received.length || !timingSafeEqual(expected, received))
    return 'the signature does not match';
  return undefined;
}

/** `nothing`: a button that needs no answer, such as the link to the page, or another kind of message. */
export type Interaction =
  | { kind: 'press'; slackUser: string; team?: string; approve: boolean; id: string; responseUrl: string }
  | { kind: 'nothing' }
  | { kind: 'malformed'; problem: string };

export function readInteraction(body: string): Interaction {
  const form = new URLSearchParams(body);
  if (form.get('ssl_check') === '1') return { kind: 'nothing' };
  let payload: unknown;
  try {
    payload = parseJson(form.get('payload') ?? '');
  } catch {
    return malformed('"payload" is not JSON');
  }
  if (!isRecord(payload)) return malformed('"payload" must be an object');
  const { type, user, actions, response_url: responseUrl } = payload;
  if (type !== 'block_actions') return { kind: 'nothing' };
  const action: unknown = Array.isArray(actions) ? actions[0] : undefined;
  if (!isRecord(action)) return malformed('"actions" has none');
  const { action_id: actionId, value: id } = action;
  if (actionId !== APPROVE && actionId !== REFUSE) return { kind: 'nothing' };
  if (!isRecord(user) || typeof user.id !== 'string') return malformed('"user" has no "id"');
  if (typeof id !== 'string') return malformed('the action has no "value"');
  if (typeof responseUrl !== 'string') return malformed('there is no "response_url"');
  const team = typeof user.team_id === 'string' ? { team: user.team_id } : {};
  return { kind: 'press', slackUser: user.id, ...team, approve: actionId === APPROVE, id, responseUrl };
}

const malformed = (problem: string): Interaction => ({ kind: 'malformed', problem });
