/** What is remembered of a message after it was judged. */

import { isRevision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { type HeardMessage, otherSide } from './heard-message.js';
import { type HeardRequest, keyOf } from './heard-requests.js';
import { readMirrored } from './mirrored-params.js';
import { ACKNOWLEDGED } from './subscriptions.js';
import type { Talk } from './talk.js';
import { taskIn } from './tasks.js';

/** Longer texts are not remembered. */
const MAX_TEXT = 4096;
const MAX_TOOLS = 2000;

const textOr = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;

export function remember(
  message: HeardMessage,
  unknownRevision: string | undefined,
  lacksMeta: boolean,
): void {
  const { kind, talk } = message;
  if (message.revision === '2026-07-28') talk.modern = true;
  if (kind === 'request') rememberRequest(message, unknownRevision, lacksMeta);
  else if (kind === 'notification') rememberNotification(message);
  else if (message.request !== undefined) rememberAnswer(message, message.request);
  const task = taskIn(message);
  if (task !== undefined && task.id.length <= MAX_TEXT) talk.tasks.set(task.id, task.status);
}

function rememberRequest(
  message: HeardMessage,
  unknownRevision: string | undefined,
  lacksMeta: boolean,
): void {
  const { by, json, method, params, meta, talk, exchange } = message;
  const { id } = json;
  if (typeof id !== 'string' && typeof id !== 'number') return;
  const capabilities = meta['io.modelcontextprotocol/clientCapabilities'];
  const request: HeardRequest = {
    id,
    method,
    revision: unknownRevision === undefined ? message.revision : undefined,
    ...(unknownRevision === undefined ? {} : { unknownRevision }),
    exchange,
    subject: textOr(params.name) ?? textOr(params.uri) ?? textOr(params.taskId),
    cursor: textOr(params.cursor),
    capabilities: isRecord(capabilities) ? capabilities : undefined,
    hasLogLevel: meta['io.modelcontextprotocol/logLevel'] !== undefined,
    lacksMeta,
    asTask: isRecord(params.task),
    mode: method === 'elicitation/create' ? (textOr(params.mode) ?? 'form') : undefined,
    filter:
      method === 'subscriptions/listen' && isRecord(params.notifications) ? params.notifications : undefined,
    isAcknowledged: false,
    progressToken: meta.progressToken,
    lastProgress: undefined,
    isLost: false,
    isAnswered: false,
    mismatches: message.mismatches,
  };
  talk.requests[by].add(request);
  if (by === 'client') exchange?.requests.push(request);
  if (by === 'client' && method === 'initialize') {
    talk.handshake = 'asked';
    talk.negotiatedRevision = message.revision;
    talk.clientCapabilities = isRecord(params.capabilities) ? params.capabilities : undefined;
  } else if (by === 'client' && talk.handshake === 'answered' && method !== 'ping') talk.early++;
}

function rememberNotification({ by, method, params, meta, talk, exchange }: HeardMessage): void {
  if (method === 'notifications/initialized' && by === 'client') talk.handshake = 'complete';
  if (method === 'notifications/tools/list_changed') {
    talk.tools.clear();
    talk.allToolsSeen = false;
  }
  if (method === 'notifications/progress' && typeof params.progress === 'number') {
    const request = talk.requests[otherSide(by)].withToken(params.progressToken);
    if (request !== undefined) request.lastProgress = params.progress;
  }
  if (method === ACKNOWLEDGED) {
    const id = meta['io.modelcontextprotocol/subscriptionId'];
    const request = exchange === undefined ? talk.requests.client.find(id) : exchange.requests[0];
    if (request !== undefined) request.isAcknowledged = true;
  }
}

function rememberAnswer(message: HeardMessage, request: HeardRequest): void {
  const { by, kind, talk, result } = message;
  request.isAnswered = true;
  talk.requests[otherSide(by)].close(
    request,
    kind === 'result' && ('task' in result || result.resultType === 'task'),
  );
  if (by === 'client') return;
  if (request.method === 'initialize') rememberHandshake(message);
  if (kind !== 'result') return;
  const { nextCursor, requestState, capabilities, supportedVersions, cacheScope } = result;
  if (request.method === 'server/discover' && isRecord(capabilities) && Array.isArray(supportedVersions))
    talk.discovery = { versions: supportedVersions.slice(0, 100), capabilities };
  if (request.method === 'tools/list') rememberTools(talk, result, request.cursor);
  rememberText(talk.cursors, nextCursor, `${request.method} `, true);
  rememberText(talk.scopes, nextCursor, `${request.method} `, cacheScope);
  rememberText(talk.states, requestState, '', keyOf(request.id));
}

function rememberText<Value>(
  map: { set(key: string, value: Value): void; forgetful: boolean },
  text: unknown,
  prefix: string,
  value: Value,
): void {
  if (typeof text !== 'string') return;
  if (text.length <= MAX_TEXT) map.set(prefix + text, value);
  else map.forgetful = true;
}

function rememberHandshake({ kind, talk, result }: HeardMessage): void {
  if (kind === 'error') {
    talk.handshake = 'none';
    talk.negotiatedRevision = undefined;
    return;
  }
  const { protocolVersion, capabilities } = result;
  talk.handshake = 'answered';
  talk.early = 0;
  talk.negotiatedRevision = isRevision(protocolVersion) ? protocolVersion : undefined;
  talk.serverCapabilities = isRecord(capabilities) ? capabilities : undefined;
}

function rememberTools(talk: Talk, { tools, nextCursor }: JsonObject, cursor: unknown): void {
  if (!Array.isArray(tools)) return;
  const isFirst = cursor === undefined;
  const isNext = !isFirst && cursor === talk.nextToolPage;
  if (isFirst) talk.tools.clear();
  for (const tool of tools.slice(0, MAX_TOOLS)) {
    const name = isRecord(tool) ? textOr(tool.name) : undefined;
    if (!isRecord(tool) || name === undefined) continue;
    const { params, faults } = readMirrored(isRecord(tool.inputSchema) ? tool.inputSchema : {}, '');
    const taskSupport = isRecord(tool.execution) ? tool.execution.taskSupport : undefined;
    talk.tools.set(name, {
      mirroredParams: faults.length === 0 ? params : undefined,
      hasOutputSchema: isRecord(tool.outputSchema),
      taskSupport: textOr(taskSupport),
    });
  }
  talk.allToolsSeen = (isFirst || isNext) && nextCursor === undefined && tools.length <= MAX_TOOLS;
  talk.nextToolPage = isFirst || isNext ? textOr(nextCursor) : talk.nextToolPage;
}
