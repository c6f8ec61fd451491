/**
 * One POST to the MCP endpoint: body to message, message to revision, mirrored headers checked, then dispatched. A
 * modern request ends when its client leaves; a legacy one goes on (2025-11-25/transports/031).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#sending-messages
 */

import type { IncomingMessage } from 'node:http';
import { Fault } from '../fault.js';
import type { Answer } from '../http/answer.js';
import { readJson } from '../jsonrpc/json.js';
import {
  idOf,
  isId,
  type Message,
  type Notification,
  type Request,
  readMessage,
} from '../jsonrpc/message.js';
import { dispatch, type Reply, refuse } from '../mcp/dispatch.js';
import { revisionOverHttp } from '../mcp/era.js';
import { type After, Exchange, Stopped } from '../mcp/exchange.js';
import { claimsModern, metaOf, readCaller } from '../mcp/meta.js';
import { checkMirror } from '../mcp/mirror.js';
import type { McpServer } from '../mcp/server.js';
import { type Era, features, isRevision, type Revision } from '../revisions.js';
import { isRecord } from '../value.js';
import type { InFlight } from './in-flight.js';
import type { Bounds } from './options.js';

export type Post = { server: McpServer; inFlight: InFlight; bounds: Bounds };

export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export async function answerPost(
  post: Post,
  body: Uint8Array,
  request: IncomingMessage,
  answer: Answer,
): Promise<void> {
  const json = readJson(body, post.bounds.jsonDepth);
  if (json.kind === 'refused') return send(answer, refuse(idOf(json.value), json.fault, 'modern'));
  if (Array.isArray(json.value)) return answerBatch(post, json.value, request, answer);
  const reply = await answerMessage(post, readMessage(json.value), request, answer);
  if (reply === undefined) return answer.accept();
  if (reply === 'abandoned') return answer.abandon(abandoned(json.value));
  send(answer, reply);
}

type Outcome = Reply | 'abandoned' | undefined;

async function answerMessage(
  post: Post,
  message: Message,
  request: IncomingMessage,
  answer: Answer,
): Promise<Outcome> {
  const { headers } = request;
  const header = one(headers['mcp-protocol-version']);
  if (message.kind === 'refused') return refuse(message.id, message.fault, 'modern');
  if (message.kind === 'answer') {
    return refuse(
      undefined,
      new Fault('invalidRequest', 'no request of this server waits for a response'),
      'modern',
    );
  }
  const spoken = revisionOverHttp(message, header);
  const id = message.kind === 'request' ? message.id : undefined;
  if (spoken.kind === 'refused') return refuse(id, spoken.fault, 'modern');
  const { revision } = spoken;
  const { era } = features(revision);
  if (message.kind === 'notification')
    return takeNotification(post, message, era, one(headers['mcp-method']));
  const fault = era === 'modern' ? checkMirror(message, headers) : undefined;
  if (fault !== undefined) return refuse(id, fault, era);
  return run(post, message, revision, request, answer);
}

async function run(
  post: Post,
  message: Request,
  revision: Revision,
  request: IncomingMessage,
  answer: Answer,
): Promise<Outcome> {
  const { era } = features(revision);
  const caller = readCaller(metaOf(message.params));
  if (caller instanceof Fault) return refuse(message.id, caller, era);
  const exchange = new Exchange(revision, caller, {
    after,
    headers: request.headers,
    notify: (notification) => answer.notify(notification),
  });
  const done = post.inFlight.add(message.id, exchange);
  const left = (): void => exchange.stop(new Stopped('cancelled', 'the client closed the connection'));
  if (era === 'modern') answer.response.once('close', left);
  const reply = await dispatch(post.server, message, exchange);
  answer.response.off('close', left);
  done();
  return exchange.stopped?.why === 'cancelled' ? 'abandoned' : reply;
}

// A notification is never answered with a message, only taken or refused (2026-07-28/basic/027).
function takeNotification(
  post: Post,
  message: Notification,
  era: Era,
  mirrored: string | undefined,
): Outcome {
  if (era === 'modern') {
    if (mirrored === undefined || mirrored === message.method) return undefined;
    return refuse(
      undefined,
      new Fault('headerMismatch', 'Mcp-Method differs from the method in the body'),
      era,
    );
  }
  const { requestId, reason } = message.params;
  if (message.method === 'notifications/cancelled' && isId(requestId)) {
    post.inFlight.cancel(requestId, typeof reason === 'string' ? reason : 'the client cancelled the request');
  }
  return undefined;
}

async function answerBatch(
  post: Post,
  items: unknown[],
  request: IncomingMessage,
  answer: Answer,
): Promise<void> {
  const fault = checkBatch(items, one(request.headers['mcp-protocol-version']), post.bounds.batchMessages);
  if (fault !== undefined) return send(answer, refuse(undefined, fault, 'modern'));
  const messages = items.map(readMessage);
  const outcomes = await Promise.all(
    messages.map((message) => {
      // The handshake stands alone (2025-03-26/lifecycle/001).
      if (message.kind === 'request' && message.method === 'initialize') {
        return refuse(
          message.id,
          new Fault('invalidRequest', '"initialize" cannot be part of a batch'),
          'legacy',
        );
      }
      return answerMessage(post, message, request, answer);
    }),
  );
  const replies = outcomes.filter((outcome) => typeof outcome === 'object');
  if (replies[0] === undefined) return answer.accept();
  // Where nothing was asked, a refusal needs its status (2025-03-26/transports/005).
  const asked = messages.some(({ kind }) => kind === 'request' || kind === 'refused');
  if (!asked) return send(answer, replies[0]);
  answer.finish(
    200,
    replies.map(({ response }) => response),
  );
}

function checkBatch(items: unknown[], header: string | undefined, most: number): Fault | undefined {
  const modern = items.some(
    (item) => isRecord(item) && isRecord(item.params) && claimsModern(metaOf(item.params)),
  );
  const allowed = header === undefined || (isRevision(header) && features(header).batches);
  if (modern || !allowed)
    return new Fault('invalidRequest', 'a batch is accepted only under revision 2025-03-26');
  if (items.length === 0) return new Fault('invalidRequest', 'a batch has at least one message');
  if (items.length > most)
    return new Fault('invalidRequest', `a batch has at most ${most} messages, received ${items.length}`);
  return undefined;
}

function send(answer: Answer, { status, response }: Reply): void {
  answer.finish(status, response);
}

function abandoned(value: unknown): object {
  const fault = new Fault('cancelled', 'the request was cancelled by its sender');
  return refuse(idOf(value), fault, 'legacy').response;
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
