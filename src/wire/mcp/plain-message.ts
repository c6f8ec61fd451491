/**
 * What a handler sends while it runs: progress, log messages and questions, as plain JSON and masked like its result. A
 * message that cannot be sent is the handler's mistake and thrown back at it.
 */
import { jsonText } from '../jsonrpc/json-text.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { AuditContext, Mask } from './audit-context.js';
import type { InputRequest } from './definitions.js';
import { maskJson } from './masking.js';
import { asInvalid, InvalidResult } from './plain-content.js';

/** The words of a progress or log message. @throws InvalidResult */
export function plainWords(account: AuditContext, words: unknown): string {
  if (typeof words === 'string') return account.decision?.mask?.(words) ?? words;
  throw new InvalidResult(nameOf(account), '', kindOf(words), 'give a string', 'sent a message with');
}

/** @throws InvalidResult */
export function logParams(account: AuditContext, level: string, data: unknown, logger: unknown): JsonObject {
  const plain =
    typeof data === 'string'
      ? plainWords(account, data)
      : maskJson(plainJson(nameOf(account), data, 'logged'), account.decision?.mask);
  return logger === undefined
    ? { level, data: plain }
    : { level, logger: plainWords(account, logger), data: plain };
}

/** What the log calls the one that runs. */
function nameOf({ target = 'a handler' }: AuditContext): string {
  return target;
}

/**
 * A question to the client. Its words are masked; its schema is not, where a property may well be called e-mail.
 *
 * @throws InvalidResult
 */
export function plainQuestion(account: AuditContext, question: InputRequest): InputRequest {
  const { mask } = account.decision ?? {};
  const owner = nameOf(account);
  const value = plainJson(owner, question, 'asked');
  const { method, params }: { method?: unknown; params?: unknown } = isRecord(value) ? value : {};
  if (!isRecord(params) || !isMethod(method))
    throw new InvalidResult(
      owner,
      '',
      preview(value),
      'ask { method, params } as elicit() or sample() make it',
      'asked',
    );
  if (mask === undefined) return { method, params };
  const { message, messages, systemPrompt } = params;
  if (typeof message === 'string') params.message = mask(message);
  if (typeof systemPrompt === 'string') params.systemPrompt = mask(systemPrompt);
  if (messages !== undefined) params.messages = maskJson(messages, (text) => maskTexts(text, mask));
  return { method, params };
}

const METHODS: readonly InputRequest['method'][] = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
];

function isMethod(value: unknown): value is InputRequest['method'] {
  return METHODS.some((method) => method === value);
}

function plainJson(owner: string, value: unknown, did: string): unknown {
  try {
    return JSON.parse(jsonText(value));
  } catch (error) {
    throw asInvalid(error, owner, '', did);
  }
}

/** The messages for a model: every text in them may be JSON itself. */
function maskTexts(json: string, mask: Mask): string {
  return mask(
    JSON.stringify(
      JSON.parse(json, (_name, value: unknown) => (typeof value === 'string' ? mask(value) : value)),
    ),
  );
}
