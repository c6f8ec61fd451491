/** What the authorization server did with a request, from its masked answer: status, error, what was issued, and to whom. */
import { isRecord, shorten } from '../../wire/value.js';
import { jsonOf, type TracedExchange, type TracedResponse, type Verdict } from './exchange.js';
import { type Header, headerOf } from './headers.js';
import { maskText } from './mask.js';
import { basicOf } from './mask-oauth.js';

const MAX_ID = 120;
const TOKENS = ['access_token', 'id_token', 'refresh_token'];

/** @param headers of the request as they came: the masked ones no longer name the client */
export function oauthVerdict(exchange: TracedExchange, headers: readonly Header[]): Verdict {
  const { answer, line, body } = exchange;
  const value = answer && jsonOf(answer.body);
  const members = isRecord(value) ? value : {};
  const query = new URLSearchParams(line.split(' ')[1]?.split('?')[1] ?? '');
  const clientId =
    basicOf(headers)[0] ??
    query.get('client_id') ??
    new URLSearchParams(body.text).get('client_id') ??
    (answer?.status === 201 ? members.client_id : undefined);
  return {
    ...(answer === undefined ? {} : { outcome: outcomeOf(answer, members) }),
    ...(typeof clientId === 'string' && clientId !== ''
      ? { clientId: shorten(maskText(clientId), MAX_ID) }
      : {}),
  };
}

function outcomeOf(
  { line, status, headers, body }: TracedResponse,
  members: { [name: string]: unknown },
): string {
  const statusText = line.replace(/^HTTP\/\S+ /, '').trim();
  if (typeof members.error === 'string') return refusal(statusText, members.error, members.error_description);
  const location = headerOf(headers, 'location');
  if (location !== undefined) {
    const query = new URLSearchParams(location.split('?')[1] ?? '');
    const error = query.get('error');
    if (error !== null)
      return refusal(`${statusText}, sent back to the client`, error, query.get('error_description'));
    const withCode = query.has('code') ? ' with a code' : '';
    return `${statusText}: sent on to ${location.split('?', 1)[0]}${withCode}`;
  }
  if (body.isPage === true) return `${statusText}: a page for a person`;
  const tokens = TOKENS.filter((name) => name in members);
  if (status === 200 && tokens.length > 0) {
    const scope = typeof members.scope === 'string' ? ` for the scopes ${members.scope}` : '';
    return `${statusText}: issued ${tokens.join(', ')}${scope}`;
  }
  return statusText;
}

function refusal(statusText: string, error: string, description: unknown): string {
  return `${statusText}: ${error}${typeof description === 'string' ? `, ${description}` : ''}`;
}
