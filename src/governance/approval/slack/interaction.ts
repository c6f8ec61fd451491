/**
 * What Slack sends when somebody presses a button, read and not judged; and who of its users are approvers, as an operator
 * says in a file.
 *
 * @see https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import { type Accepted, readIssuer, readTenant, readText } from '../web/accounts.js';
import { APPROVE, REFUSE } from './card.js';

/** With a `team`, only from that workspace: an id alone is one user's within a workspace. */
export type SlackApprover = { issuer: string; user: string; tenant: string; team?: string };
export type SlackApprovers = ReadonlyMap<string, SlackApprover>;

/** `press` without a verdict is a button that needs no answer, such as the link to the page. */
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
    return { kind: 'malformed', problem: '"payload" is not JSON' };
  }
  if (!isRecord(payload)) return { kind: 'malformed', problem: '"payload" must be an object' };
  const { type, user, actions, response_url: responseUrl } = payload;
  if (type !== 'block_actions') return { kind: 'nothing' };
  const action: unknown = Array.isArray(actions) ? actions[0] : undefined;
  if (!isRecord(action)) return { kind: 'malformed', problem: '"actions" has none' };
  const { action_id: actionId, value: id } = action;
  if (actionId !== APPROVE && actionId !== REFUSE) return { kind: 'nothing' };
  if (!isRecord(user) || typeof user.id !== 'string')
    return { kind: 'malformed', problem: '"user" has no "id"' };
  if (typeof id !== 'string') return { kind: 'malformed', problem: 'the action has no "value"' };
  if (typeof responseUrl !== 'string') return { kind: 'malformed', problem: 'there is no "response_url"' };
  const team = typeof user.team_id === 'string' ? { team: user.team_id } : {};
  return { kind: 'press', slackUser: user.id, ...team, approve: actionId === APPROVE, id, responseUrl };
}

/** @throws RangeError that names what is wrong in the file, including an account that no accepted token can have */
export function readSlackApprovers(text: string, accepted: Accepted): SlackApprovers {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RangeError(`expected JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(value))
    throw new RangeError(
      `expected {"SLACK_USER_ID": {"issuer", "user", "tenant"}}, received ${preview(value)}`,
    );
  return new Map(
    Object.entries(value).map(([id, one]) => {
      if (!/^[A-Z0-9]{2,30}$/.test(id))
        throw new RangeError(`expected the id of a Slack user such as U2CERLKJA, received ${preview(id)}`);
      return [id, readApprover(id, isRecord(one) ? one : {}, accepted)];
    }),
  );
}

function readApprover(id: string, one: JsonObject, accepted: Accepted): SlackApprover {
  const issuer = readIssuer(id, one, accepted);
  const user = readText(id, 'user', one.user);
  const approver = { issuer, user, tenant: readTenant(id, one, issuer, accepted) };
  return one.team === undefined ? approver : { ...approver, team: readText(id, 'team', one.team) };
}
