/** Judges one text that holds a message, or in 2025-03-26 several, and remembers what later ones are judged by. */

import { isRevision, MODERN, type Revision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CAPABILITY_RULES } from './capabilities.js';
import { CLIENT_FEATURE_RULES } from './client-features.js';
import { CODES } from './codes.js';
import { ERROR_RULES } from './errors.js';
import {
  type Context,
  type HeardMessage,
  heardMessage,
  kindOf,
  otherSide,
  type Raw,
} from './heard-message.js';
import type { HeardRequest, Mismatch } from './heard-requests.js';
import { JSONRPC_RULES } from './jsonrpc.js';
import { LIFECYCLE_RULES } from './lifecycle.js';
import { META_RULES } from './meta.js';
import { MIRRORED_RULES } from './mirrored-headers.js';
import { PROGRESS_RULES } from './progress.js';
import { QUESTION_RULES } from './questions.js';
import { RAW_RULES } from './raw.js';
import { remember } from './remember.js';
import { RESULT_RULES, VERSION_RULES } from './results.js';
import { ROUND_RULES } from './rounds.js';
import { compile, type Rule } from './rule.js';
import { judgeShape } from './shapes/judge.js';
import { STREAM_RULES } from './streams.js';
import { SUBSCRIPTION_RULES } from './subscriptions.js';
import { TASK_RULES } from './tasks.js';
import { TASK_EXTENSION_RULES } from './tasks-extension.js';
import { TOOL_RULES } from './tools.js';
import type { Violation } from './violation.js';

/** The rules of messages, by topic. */
export const MESSAGE_RULES: readonly Rule<HeardMessage>[] = [
  ...JSONRPC_RULES,
  ...ERROR_RULES,
  ...STREAM_RULES,
  ...LIFECYCLE_RULES,
  ...CAPABILITY_RULES,
  ...META_RULES,
  ...MIRRORED_RULES,
  ...RESULT_RULES,
  ...QUESTION_RULES,
  ...ROUND_RULES,
  ...TOOL_RULES,
  ...TASK_RULES,
  ...TASK_EXTENSION_RULES,
  ...CLIENT_FEATURE_RULES,
  ...PROGRESS_RULES,
  ...SUBSCRIPTION_RULES,
];
const judgeRaw = compile<Raw>(RAW_RULES);
const judgeMessage = compile<HeardMessage>(MESSAGE_RULES);
const judgeVersion = compile<HeardMessage>(VERSION_RULES);

/** What only the caller knows of a client's request. */
export type Extra = {
  unknownRevision?: string | undefined;
  lacksMeta?: boolean;
  mismatches?: readonly Mismatch[];
};

/** Judges one value that came where a message belongs. */
export function hear(value: unknown, text: string, context: Context, extra: Extra = {}): Violation[] {
  const raw: Raw = { ...context, value, text };
  const violations = judgeRaw(raw, undefined, '');
  if (!isRecord(value)) return violations;
  const kind = kindOf(value);
  if (kind === undefined) {
    context.talk.requests[context.by].addBroken(value.id);
    return violations;
  }
  const request = kind === 'result' || kind === 'error' ? requestOf(value, context) : undefined;
  const revision = revisionOfAnswer(value, request, context.revision);
  const message = heardMessage(value, kind, { ...context, revision }, request, extra.mismatches ?? []);
  const isUnproven = isModernAnswer(message) && !provesModern(message);
  // Nothing here knows what a later revision demands of a result.
  if (isUnproven) {
    // A legacy server keeps to its own revision.
  } else if (kind === 'result' && request?.unknownRevision !== undefined)
    violations.push(...judgeVersion(message, kind, message.method));
  else violations.push(...judgeMessage(message, kind, message.method), ...judgeShape(message));
  remember(message, extra.unknownRevision, extra.lacksMeta ?? false);
  return violations;
}

function requestOf({ id }: JsonObject, { by, talk, exchange }: Context): HeardRequest | undefined {
  const requests = talk.requests[otherSide(by)];
  const request = requests.isUnclear(id) ? undefined : requests.find(id);
  // An answer to a POST answers a request of that POST. On a stream of its own, a resumed one, it may answer any.
  if (by === 'client' || exchange === undefined || exchange.method !== 'POST' || exchange.old) return request;
  return request?.exchange === exchange ? request : undefined;
}

const isModernAnswer = ({ by, kind, revision }: HeardMessage): boolean =>
  by === 'server' && revision === MODERN && (kind === 'result' || kind === 'error');

/** Whether the server speaks the modern revision: this answer shows it, or an earlier one did. */
function provesModern({ talk, method, result, error }: HeardMessage): boolean {
  talk.servesModern ||=
    'resultType' in result ||
    (method === 'server/discover' && 'supportedVersions' in result) ||
    MODERN_CODES.includes(error.code);
  return talk.servesModern;
}
const MODERN_CODES: readonly unknown[] = [
  CODES.headerMismatch,
  CODES.missingCapability,
  CODES.unsupportedVersion,
];

/** The answer to a handshake says which revision it speaks itself. */
function revisionOfAnswer(
  { result }: JsonObject,
  request: HeardRequest | undefined,
  revision: Revision,
): Revision {
  const answerRevision =
    request?.method === 'initialize' && isRecord(result) ? result.protocolVersion : undefined;
  return isRevision(answerRevision) ? answerRevision : (request?.revision ?? revision);
}
