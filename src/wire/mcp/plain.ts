/**
 * What handlers return, as plain JSON and valid, before anything looks at it. Each member is read once, and what was read is checked
 * and sent: a getter or a `toJSON` cannot say one thing to the check and another to the wire. Results of tools are in result.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 */
import { jsonText, NotJson } from '../jsonrpc/json-text.js';
import { isRecord, type JsonObject, kindOf, pointerPart, preview } from '../value.js';
import type { ContentBlock, PromptResult, ResourceContents } from './definitions.js';

/** A handler's result that no client can be given: not JSON, or not what its method returns. */
export class InvalidResult extends Error {
  override readonly name = 'InvalidResult';

  /** `owner` is the tool, prompt or resource, and `did` how it handed the value over; `pointer` leads into the value. */
  constructor(owner: string, pointer: string, received: string, advice: string, did = 'returned') {
    super(`${owner} ${did} ${received}${pointer === '' ? '' : ` at ${pointer}`}; ${advice}`);
    // The stack shows this library's own frames, and the log is one line.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The same error, or the InvalidResult that a NotJson amounts to; `pointer` leads to the value that has no JSON. */
export function asInvalid(error: unknown, owner: string, pointer = '', did?: string): unknown {
  return error instanceof NotJson
    ? new InvalidResult(owner, pointer + error.pointer, error.received, error.advice, did)
    : error;
}

/** The result of a tool. */
export type PlainResult = {
  content: ContentBlock[] | undefined;
  /** The JSON text of the structured content. */
  structured: string | undefined;
  /** The value of that text. */
  value: unknown;
  isError: boolean;
  _meta: JsonObject | undefined;
};

/** A part of what `owner` returned. */
export type Part = { owner: string; pointer: string };

export function inside({ owner, pointer }: Part, key: string | number): Part {
  return { owner, pointer: pointer + pointerPart(String(key)) };
}

/** @throws InvalidResult unless `good`; `value` stands at `pointer` within the part, and `show` says how it is described. */
export function demand(
  good: boolean,
  part: Part,
  pointer: string,
  value: unknown,
  advice: string,
  show: (value: unknown) => string = kindOf,
): asserts good {
  if (!good) throw new InvalidResult(part.owner, part.pointer + pointer, show(value), advice);
}

/** What JSON takes for an object that has a `toJSON`. */
export function jsonForm(value: unknown): unknown {
  return isRecord(value) && typeof value.toJSON === 'function' ? value.toJSON('') : value;
}

export function plainItems(value: unknown, part: Part, expected: string): unknown[] {
  demand(Array.isArray(value), part, '', value, `return ${expected}`);
  return [...(value as unknown[])];
}

/** The members of an object, each read once. */
export function plainMembers(object: unknown, part: Part, expected: string): JsonObject {
  const value = jsonForm(object);
  demand(isRecord(value), part, '', value, `return ${expected}`);
  const members = Object.keys(value).map((name) => [name, plainValue(value[name], part, name)] as const);
  // Not assigned: a member may be called `__proto__`.
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

/** Undefined for what JSON leaves out. */
function plainValue(value: unknown, { owner, pointer }: Part, name: string): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined;
  try {
    return JSON.parse(jsonText(value));
  } catch (error) {
    throw asInvalid(error, owner, pointer + pointerPart(name));
  }
}

/** The members of a content block of each type that must be strings. */
const BLOCKS = new Map<unknown, readonly string[]>([
  ['text', ['text']],
  ['image', ['data', 'mimeType']],
  ['audio', ['data', 'mimeType']],
  ['resource_link', ['uri', 'name']],
  ['resource', []],
]);
const BLOCK_ADVICE =
  'a content block is of type text, image, audio, resource_link or resource; other JSON belongs into structuredContent';

export function plainBlock(value: unknown, part: Part): ContentBlock {
  const block = plainMembers(value, part, 'a content block such as { type: "text", text }');
  const texts = BLOCKS.get(block.type);
  demand(texts !== undefined, part, '/type', block.type, BLOCK_ADVICE, preview);
  demandTexts(block, texts, part);
  if (block.type === 'resource') block.resource = plainResource(block.resource, inside(part, 'resource'));
  demandAnnotations(block, part);
  demandMeta(block, part);
  return block as ContentBlock;
}

function plainResource(value: unknown, part: Part): ResourceContents {
  const expected = 'contents such as { uri, mimeType, text } or { uri, mimeType, blob }';
  const resource = plainMembers(value, part, expected);
  demandTexts(resource, ['uri', typeof resource.blob === 'string' ? 'blob' : 'text'], part);
  if (resource.mimeType !== undefined) demandTexts(resource, ['mimeType'], part);
  demandMeta(resource, part);
  return resource as ResourceContents;
}

function demandTexts(object: JsonObject, names: readonly string[], part: Part): void {
  for (const name of names)
    demand(typeof object[name] === 'string', part, `/${name}`, object[name], 'return a string there');
}

function demandMeta({ _meta }: JsonObject, part: Part): void {
  demand(_meta === undefined || isRecord(_meta), part, '/_meta', _meta, 'return an object there');
}

function demandAnnotations({ annotations }: JsonObject, part: Part): void {
  if (annotations === undefined) return;
  const { audience = [], priority = 0, lastModified = '' } = isRecord(annotations) ? annotations : {};
  const good =
    isRecord(annotations) &&
    Array.isArray(audience) &&
    audience.every((one) => one === 'user' || one === 'assistant') &&
    typeof priority === 'number' &&
    priority >= 0 &&
    priority <= 1 &&
    typeof lastModified === 'string';
  const advice = 'annotations are { audience: ["user", "assistant"], priority: 0 to 1, lastModified }';
  demand(good, part, '/annotations', annotations, advice, preview);
}

/** What a prompt's author returns. @throws InvalidResult */
export function plainPrompt(owner: string, value: unknown): PromptResult {
  const part = { owner, pointer: '' };
  const result = jsonForm(value);
  demand(isRecord(result), part, '', result, 'return { messages: [...] }');
  const { messages, ...others } = result;
  const rest = plainMembers(others, part, 'an object');
  if (rest.description !== undefined) demandTexts(rest, ['description'], part);
  demandMeta(rest, part);
  const inMessages = inside(part, 'messages');
  const items = plainItems(messages, inMessages, 'an array of { role, content }');
  return { ...rest, messages: items.map((item, at) => plainMessage(item, inside(inMessages, at))) };
}

function plainMessage(value: unknown, part: Part): PromptResult['messages'][number] {
  const message = jsonForm(value);
  demand(isRecord(message), part, '', message, 'return { role, content } there');
  const { role, content } = message;
  const show = typeof role === 'string' ? preview : kindOf;
  demand(
    role === 'user' || role === 'assistant',
    part,
    '/role',
    role,
    'a role is "user" or "assistant"',
    show,
  );
  return { role, content: plainBlock(content, inside(part, 'content')) };
}

/** Undefined where there is nothing under the URI. @throws InvalidResult */
export function plainContents(owner: string, value: unknown): ResourceContents[] | undefined {
  if (value === undefined) return undefined;
  const part = { owner, pointer: '' };
  const items = plainItems(value, part, 'an array of { uri, mimeType, text }, or undefined for nothing');
  return items.map((one, at) => plainResource(one, inside(part, at)));
}

/** Values for an argument that is being typed. @throws InvalidResult */
export function plainCompletions(owner: string, value: unknown): string[] {
  const part = { owner, pointer: '' };
  return plainItems(value, part, 'an array of strings').map((value, at) => {
    demand(typeof value === 'string', part, `/${at}`, value, 'return a string there');
    return value;
  });
}
