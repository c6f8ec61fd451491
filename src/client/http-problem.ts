/** Reads the head of an HTTP answer, and says what one means that brings no result. */

import type { Id } from '../wire/jsonrpc/message.js';
import { preview } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';
import type { HttpResponse } from './http-connection.js';
import { answered, answerProblem } from './problems.js';
import { outcomeFor, readAnswers } from './transport.js';

export function mediaType({ headers }: HttpResponse): string {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw violation(`the server used Content-Encoding ${preview(encoding)} unasked`);
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Each value of `WWW-Authenticate`, as received. */
export function challengesOf({ rawHeaders }: HttpResponse): string[] {
  return rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'www-authenticate',
  );
}

/** `id`: of the request that was sent, if it was one. `inSession`: whether 404 means that the session is over. */
export function httpProblem(
  url: URL,
  response: HttpResponse,
  body: Buffer,
  id: Id | undefined,
  inSession: boolean,
): ClientError {
  const { statusCode: status, headers } = response;
  const failure = status >= 400 ? readFailure(body, id) : undefined;
  const challenges = challengesOf(response);
  const answer = answered(url, status);
  const detail = failure === undefined ? '' : `: ${failure.message}`;
  const details = { status, challenges, ...(failure && { code: failure.code, data: failure.data }) };
  if (status === 404 && inSession)
    return new ClientError('session', `${answer}: the session is over${detail}`, details);
  if (status === 401)
    return new ClientError('unauthorized', `${answer}: the server wants an access token${detail}`, details);
  if (status === 403 && challenges.length > 0)
    return new ClientError(
      'unauthorized',
      `${answer}: the access token does not allow this${detail}`,
      details,
    );
  if (failure !== undefined) return new ClientError('rpc', failure.message, details);
  const { kind, reason, ...found } = answerProblem(url, status, headers, body.toString('utf8'));
  return new ClientError(kind, reason, { ...details, ...found });
}

/** The JSON-RPC error in the body, if there is one. */
function readFailure(body: Buffer, id: Id | undefined): ClientError | undefined {
  try {
    const answers = readAnswers(body, false, () => undefined);
    const outcome = outcomeFor(id, answers);
    return outcome instanceof ClientError && outcome.kind === 'rpc' ? outcome : undefined;
  } catch {
    return undefined;
  }
}
