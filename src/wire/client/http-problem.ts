/** What an HTTP answer means that is not the answer to a request: an error in JSON-RPC, or a sentence that says what is there instead. */
import { STATUS_CODES } from 'node:http';
import { shorten } from '../value.js';
import { ClientError } from './client-error.js';
import type { HttpResponse } from './http-connection.js';
import { type Answer, type OutgoingRequest, readMessages, takeAnswer } from './transport.js';

type Circumstances = {
  /** The request that was sent; undefined for a notification or a GET. */
  message: OutgoingRequest | undefined;
  sessionLost: boolean;
  challenges: readonly string[];
};

/** Resolves with an error in JSON-RPC, if the body is one that answers the request. @throws ClientError for all else */
export function readProblem(
  url: URL,
  { statusCode: status, headers }: HttpResponse,
  body: Buffer,
  { message, sessionLost, challenges }: Circumstances,
): Answer {
  const said = `${url.href} answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const text = body.toString('utf8');
  const answer = status >= 400 ? readFailure(body, message) : undefined;
  const detail = answer !== undefined && 'error' in answer ? `: ${answer.error.message}` : '';
  if (sessionLost) throw new ClientError('session', `${said}: the session is over${detail}`, { status });
  if (status === 401 || (status === 403 && challenges.length > 0)) {
    const needs =
      status === 401 ? 'the server wants an access token' : 'the access token does not allow this';
    throw new ClientError('unauthorized', `${said}: ${needs}${detail}`, {
      status,
      challenges,
      ...failureOf(answer),
    });
  }
  if (answer !== undefined && message !== undefined) return { ...answer, status };

  if (status >= 300 && status < 400) {
    const { location } = headers;
    const target = location === undefined ? 'without saying where' : `to ${targetOf(location, url)}`;
    throw new ClientError('redirect', `${said}, which leads ${target}; give that address, if you trust it`, {
      status,
      ...(location === undefined ? {} : { location: targetOf(location, url) }),
    });
  }
  if (status === 407)
    throw new ClientError('proxy', `${said}: a proxy on the way wants credentials`, { status });
  if (/^\s*(<!doctype html|<html)/i.test(text) || /^text\/html/i.test(headers['content-type'] ?? ''))
    throw new ClientError(
      'html',
      `${said} with a page for browsers; this is not the address of an MCP server`,
      {
        status,
      },
    );
  if (status >= 400) {
    const excerpt = text.trim() === '' ? '' : `: ${shorten(text.trim().replace(/\s+/g, ' '), 200)}`;
    throw new ClientError('http', `${said}${detail === '' ? excerpt : detail}`, {
      status,
      ...failureOf(answer),
    });
  }
  if (status === 202 || status === 204 || body.length === 0)
    throw new ClientError('protocol', `${said} without a response to ${message?.method ?? 'the request'}`, {
      status,
    });
  const type = headers['content-type'] ?? 'no content type';
  throw new ClientError('protocol', `${said} with ${type}; expected application/json or text/event-stream`, {
    status,
  });
}

/** The JSON-RPC error in the body, if there is one. */
function readFailure(body: Buffer, message: OutgoingRequest | undefined): Answer | undefined {
  try {
    const answer = takeAnswer(readMessages(body, false), message?.id, () => undefined);
    return answer !== undefined && 'error' in answer ? answer : undefined;
  } catch {
    return undefined;
  }
}

function failureOf(answer: Answer | undefined): { code?: number; data?: unknown } {
  return answer !== undefined && 'error' in answer
    ? { code: answer.error.code, data: answer.error.data }
    : {};
}

function targetOf(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? new URL(location, base).href : location;
}
