/** Judges one text that holds a message, or in 2025-03-26 several, and remembers what later ones are judged by. */
import { isRevision, MODERN, type Revision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Asked, Mismatch } from './asked.js';
import { CAPABILITY_RULES } from './capabilities.js';
import { CLIENT_FEATURE_RULES } from './client-features.js';
import { CODES } from './codes.js';
import { ERROR_RULES } from './errors.js';
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
import { type Context, kindOf, otherSide, type Raw, readSaid, type Said } from './said.js';
import { judgeShape } from './shapes/judge.js';
import { STREAM_RULES } from './streams.js';
import { SUBSCRIPTION_RULES } from './subscriptions.js';
import { TASK_RULES } from './tasks.js';
import { TASK_EXTENSION_RULES } from './tasks-extension.js';
import { TOOL_RULES } from './tools.js';
import type { Violation } from './violation.js';

/** The rules of messages, by topic. */
export const MESSAGE_RULES: readonly Rule<Said>[] = [
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
const judgeMessage = compile<Said>(MESSAGE_RULES);
const judgeVersion = compile<Said>(VERSION_RULES);

/** The JSON value of a text; undefined if it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What only the caller knows of a client's request. */
export type Extra = { claimed?: string | undefined; lacksMeta?: boolean; mismatches?: readonly Mismatch[] };

/** Judges one value that came where a message belongs. */
export function hear(value: unknown, text: string, context: Context, extra: Extra = {}): Violation[] {
  const raw: Raw = { ...context, value, text };
  const found = judgeRaw(raw, undefined, '');
  if (!isRecord(value)) return found;
  const kind = kindOf(value);
  if (kind === undefined) {
    context.talk.requests[context.by].addBroken(value.id);
    return found;
  }
  const asked = kind === 'result' || kind === 'error' ? askedFor(value, context) : undefined;
  const revision = revisionOfAnswer(value, asked, context.revision);
  const said = readSaid(value, kind, { ...context, revision }, asked, extra.mismatches ?? []);
  const isUnproven = isModernAnswer(said) && !provesModern(said);
  // Nothing here knows what a later revision demands of a result.
  if (isUnproven) {
    // A legacy server keeps to its own revision.
  } else if (kind === 'result' && asked?.claimed !== undefined)
    found.push(...judgeVersion(said, kind, said.method));
  else found.push(...judgeMessage(said, kind, said.method), ...judgeShape(said));
  remember(said, extra.claimed, extra.lacksMeta ?? false);
  return found;
}

function askedFor({ id }: JsonObject, { by, talk, exchange }: Context): Asked | undefined {
  const requests = talk.requests[otherSide(by)];
  const asked = requests.isUnclear(id) ? undefined : requests.find(id);
  // An answer to a POST answers a request of that POST. On a stream of its own, a resumed one, it may answer any.
  if (by === 'client' || exchange === undefined || exchange.method !== 'POST' || exchange.old) return asked;
  return asked?.exchange === exchange ? asked : undefined;
}

const isModernAnswer = ({ by, kind, revision }: Said): boolean =>
  by === 'server' && revision === MODERN && (kind === 'result' || kind === 'error');

/** Whether the server speaks the modern revision: this answer shows it, or an earlier one did. */
function provesModern({ talk, method, result, error }: Said): boolean {
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
function revisionOfAnswer({ result }: JsonObject, asked: Asked | undefined, revision: Revision): Revision {
  const settled = asked?.method === 'initialize' && isRecord(result) ? result.protocolVersion : undefined;
  return isRevision(settled) ? settled : (asked?.revision ?? revision);
}
