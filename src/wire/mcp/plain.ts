/**
 * Turns what handlers return into plain, valid JSON before anything else looks at it. Each member is read once, so that a getter or a
 * `toJSON` cannot give one value to the check and another to the wire. Results of tools are in result.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 */
import { jsonForm, jsonText, NotJson } from '../jsonrpc/json-text.js';
import { isRecord, type JsonObject, kindOf, pointerPart, preview } from '../value.js';
import type { ContentBlock, PromptResult, ResourceContents } from './definitions.js';

/** A handler's result that cannot be sent: it is not JSON, or not what its method returns. */
export class InvalidResult extends Error {
  override readonly name = 'InvalidResult';

  /** `owner` is the tool, prompt or resource, `verb` says what it did with the value, and `pointer` leads into the value. */
  constructor(owner: string, pointer: string, received: string, advice: string, verb = 'returned') {
    super(`${owner} ${verb} ${received}${pointer === '' ? '' : ` at ${pointer}`}; ${advice}`);
    // The stack shows this library's own frames, and the log is one line.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Turns a NotJson into an InvalidResult and returns any other error as it is; `pointer` leads to the value. */
export function asInvalid(error: unknown, owner: string, pointer = '', verb?: string): unknown {
  return error instanceof NotJson
    ? new InvalidResult(owner, pointer + error.pointer, error.received, error.advice, verb)
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

export function partAt({ owner, pointer }: Part, key: string | number): Part {
  return { owner, pointer: pointer + pointerPart(String(key)) };
}

/** @throws InvalidResult unless `isValid`; `value` is at `pointer` within the part, and `describe` describes it in the message. */
export function demand(
  isValid: boolean,
  part: Part,
  pointer: string,
  value: unknown,
  advice: string,
  describe: (value: unknown) => string = kindOf,
): asserts isValid {
  if (!isValid) throw new InvalidResult(part.owner, part.pointer + pointer, describe(value), advice);
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
  // Not by assignment, because a member may be called `__proto__`.
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

/** Undefined for a value that JSON leaves out. */
function plainValue(value: unknown, { owner, pointer }: Part, name: string): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined;
  return plainJson(value, owner, pointer + pointerPart(name));
}

/** The value after a round trip through its JSON text. @throws InvalidResult */
export function plainJson(value: unknown, owner: string, pointer: string, verb?: string): unknown {
  try {
    return JSON.parse(jsonText(value));
  } catch (error) {
    throw asInvalid(error, owner, pointer, verb);
  }
}

/** For each type of content block, the members that must be strings. */
const REQUIRED_TEXTS = new Map<unknown, readonly string[]>([
  ['text', ['text']],
  ['image', ['data', 'mimeType']],
  ['audio', ['data', 'mimeType']],
  ['resource_link', ['uri', 'name']],
  ['resource', []],
]);
const BLOCK_ADVICE =
  'a content block is of type text, image, audio, resource_link or resource; other JSON belongs in structuredContent';

export function plainBlock(value: unknown, part: Part): ContentBlock {
  const block = plainMembers(value, part, 'a content block such as { type: "text", text }');
  const texts = REQUIRED_TEXTS.get(block.type);
  demand(texts !== undefined, part, '/type', block.type, BLOCK_ADVICE, preview);
  demandTexts(block, texts, part);
  if (block.type === 'resource') block.resource = plainResource(block.resource, partAt(part, 'resource'));
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
  const isValid =
    isRecord(annotations) &&
    Array.isArray(audience) &&
    audience.every((one) => one === 'user' || one === 'assistant') &&
    typeof priority === 'number' &&
    priority >= 0 &&
    priority <= 1 &&
    typeof lastModified === 'string';
  const advice = 'annotations are { audience: ["user", "assistant"], priority: 0 to 1, lastModified }';
  demand(isValid, part, '/annotations', annotations, advice, preview);
}

/** What a prompt returns. @throws InvalidResult */
export function plainPrompt(owner: string, value: unknown): PromptResult {
  const part = { owner, pointer: '' };
  const result = jsonForm(value);
  demand(isRecord(result), part, '', result, 'return { messages: [...] }');
  const { messages, ...otherMembers } = result;
  const rest = plainMembers(otherMembers, part, 'an object');
  if (rest.description !== undefined) demandTexts(rest, ['description'], part);
  demandMeta(rest, part);
  const messagesPart = partAt(part, 'messages');
  const items = plainItems(messages, messagesPart, 'an array of { role, content }');
  return { ...rest, messages: items.map((item, at) => plainMessage(item, partAt(messagesPart, at))) };
}

function plainMessage(value: unknown, part: Part): PromptResult['messages'][number] {
  const message = jsonForm(value);
  demand(isRecord(message), part, '', message, 'return { role, content } there');
  const { role, content } = message;
  const describe = typeof role === 'string' ? preview : kindOf;
  const isRole = role === 'user' || role === 'assistant';
  demand(isRole, part, '/role', role, 'a role is "user" or "assistant"', describe);
  return { role, content: plainBlock(content, partAt(part, 'content')) };
}

/** Undefined if there is nothing at the URI. @throws InvalidResult */
export function plainContents(owner: string, value: unknown): ResourceContents[] | undefined {
  if (value === undefined) return undefined;
  const part = { owner, pointer: '' };
  const items = plainItems(value, part, 'an array of { uri, mimeType, text }, or undefined for nothing');
  return items.map((one, at) => plainResource(one, partAt(part, at)));
}

/** Values for an argument that is being typed. @throws InvalidResult */
export function plainCompletions(owner: string, value: unknown): string[] {
  const part = { owner, pointer: '' };
  return plainItems(value, part, 'an array of strings').map((value, at) => {
    demand(typeof value === 'string', part, `/${at}`, value, 'return a string there');
    return value;
  });
}
