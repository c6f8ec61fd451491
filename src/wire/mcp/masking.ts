/**
 * Masks what a handler returns or sends to a caller who may not read personal columns. The mask comes with the decision on the request
 * and maps text to text, changing only the JSON in it. It applies to structured content, to `_meta`, and to every text in content,
 * resources, prompts, completions, progress, log messages and questions.
 */
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { Authorization, Mask, Subject } from './decision.js';
import {
  type ContentBlock,
  INPUT_METHODS,
  type InputRequest,
  type PromptResult,
  type ResourceContents,
} from './definitions.js';
import { checkFlat } from './input.js';
import { InvalidResult, plainJson } from './plain.js';

export function maskContents(contents: ResourceContents[], mask: Mask | undefined): ResourceContents[] {
  return mask === undefined ? contents : contents.map((one) => maskResource(one, mask));
}

export function maskPrompt(prompt: PromptResult, mask: Mask | undefined): PromptResult {
  if (mask === undefined) return prompt;
  const { description, messages, ...rest } = prompt;
  return {
    ...maskMeta(rest, mask),
    ...(description === undefined ? {} : { description: mask(description) }),
    messages: messages.map(({ role, content }) => ({ role, content: maskBlock(content, mask) })),
  };
}

/** Returns the same value if nothing in it is masked. */
export function maskJson<T>(value: T, mask: Mask | undefined): T {
  if (mask === undefined) return value;
  const text = JSON.stringify(value);
  const masked = mask(text);
  return masked === text ? value : JSON.parse(masked);
}

export function maskBlock(block: ContentBlock, mask: Mask): ContentBlock {
  const masked = maskMeta(block, mask);
  if (masked.type === 'text') return { ...masked, text: mask(masked.text) };
  return masked.type === 'resource' ? { ...masked, resource: maskResource(masked.resource, mask) } : masked;
}

function maskResource<T extends ResourceContents>(resource: T, mask: Mask): T {
  const masked = maskMeta(resource, mask);
  return 'text' in masked ? { ...masked, text: mask(masked.text) } : masked;
}

function maskMeta<T extends object>(value: T, mask: Mask): T {
  return '_meta' in value && isRecord(value._meta) ? { ...value, _meta: maskJson(value._meta, mask) } : value;
}

/** Whose message it is, and what its reader may see. */
type Sender = { subject: Subject; authorization: Authorization };

/** The text of a progress or log message. @throws InvalidResult */
export function plainText(sender: Sender, text: unknown): string {
  if (typeof text === 'string') return sender.authorization.decision?.mask?.(text) ?? text;
  throw new InvalidResult(nameOf(sender), '', kindOf(text), 'give a string', 'sent a message with');
}

/** @throws InvalidResult */
export function logParams(sender: Sender, level: string, data: unknown, logger: unknown): JsonObject {
  const plain =
    typeof data === 'string'
      ? plainText(sender, data)
      : maskJson(plainJson(data, nameOf(sender), '', 'logged'), sender.authorization.decision?.mask);
  return logger === undefined
    ? { level, data: plain }
    : { level, logger: plainText(sender, logger), data: plain };
}

/** The name of the handler in the log. */
function nameOf({ subject: { target = 'a handler' } }: Sender): string {
  return target;
}

/**
 * A question to the client. Its texts are masked; its schema is not, because a property there may well be called e-mail.
 *
 * @throws InvalidResult
 */
export function plainQuestion(sender: Sender, question: InputRequest): InputRequest {
  const { mask } = sender.authorization.decision ?? {};
  const owner = nameOf(sender);
  const value = plainJson(question, owner, '', 'asked');
  const { params, method: methodName } = isRecord(value) ? value : {};
  const method = INPUT_METHODS.find((one) => one === methodName);
  if (!isRecord(params) || method === undefined) {
    const advice = 'ask { method, params } as elicit() or sample() make it';
    throw new InvalidResult(owner, '', preview(value), advice, 'asked');
  }
  const problem = questionProblem({ method, params });
  if (problem !== undefined) throw new InvalidResult(owner, '', preview(value), problem, 'asked');
  if (mask === undefined) return { method, params };
  const { message, messages, systemPrompt } = params;
  if (typeof message === 'string') params.message = mask(message);
  if (typeof systemPrompt === 'string') params.systemPrompt = mask(systemPrompt);
  if (messages !== undefined) params.messages = maskJson(messages, (text) => maskTexts(text, mask));
  return { method, params };
}

/** What is wrong with a question; undefined if nothing is (2026-07-28/elicitation/006 to /012). */
function questionProblem({ method, params }: InputRequest): string | undefined {
  if (method === 'roots/list') return undefined;
  const { message, mode, url, requestedSchema, messages, maxTokens } = params;
  if (method === 'sampling/createMessage') {
    if (!Array.isArray(messages) || !messages.every(isSamplingMessage))
      return 'messages must be an array of { role, content }';
    return Number.isSafeInteger(maxTokens) ? undefined : 'maxTokens must be a whole number';
  }
  if (typeof message !== 'string') return 'message must be a string';
  if (mode === 'url')
    return typeof url === 'string' && URL.canParse(url) ? undefined : 'url must be a valid URL';
  if (mode !== undefined && mode !== 'form') return 'mode must be "form" or "url"';
  try {
    checkFlat(isRecord(requestedSchema) ? requestedSchema : {});
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** 2026-07-28/sampling/006. */
function isSamplingMessage(message: unknown): boolean {
  if (!isRecord(message)) return false;
  const { role, content } = message;
  return (role === 'user' || role === 'assistant') && (isRecord(content) || Array.isArray(content));
}

/** Masks the messages for a model; each text in them may be JSON itself. */
function maskTexts(json: string, mask: Mask): string {
  const masked = JSON.parse(json, (_name, value: unknown) =>
    typeof value === 'string' ? mask(value) : value,
  );
  return mask(JSON.stringify(masked));
}
