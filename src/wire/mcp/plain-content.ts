/**
 * Pieces of content as plain JSON: each member of what a handler returned is read once, and what was read is checked and
 * sent. A getter or a `toJSON` cannot say one thing to the check and another to the wire.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 */
import { jsonText, NotJson, pointerPart } from '../jsonrpc/json-text.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { ContentBlock, ResourceContents } from './definitions.js';

/** Where a part of what `owner` returned stands. */
export type Part = { owner: string; pointer: string };

/** @throws InvalidResult */
export function plainBlocks(value: unknown, part: Part): ContentBlock[] {
  return plainItems(value, part, 'an array of content').map((block, at) =>
    plainBlock(block, inside(part, at)),
  );
}

/** @throws InvalidResult */
export function plainBlock(value: unknown, part: Part): ContentBlock {
  const block = plainMembers(value, part, 'a content block such as { type: "text", text }');
  switch (block.type) {
    case 'text':
      expectTexts(block, ['text'], part);
      break;
    case 'image':
    case 'audio':
      expectTexts(block, ['data', 'mimeType'], part);
      break;
    case 'resource_link':
      expectTexts(block, ['uri', 'name'], part);
      break;
    case 'resource':
      block.resource = plainResource(block.resource, inside(part, 'resource'));
      break;
    default:
      throw new InvalidResult(
        part.owner,
        `${part.pointer}/type`,
        preview(block.type),
        'a content block is of type text, image, audio, resource_link or resource; other JSON belongs into structuredContent',
      );
  }
  expectAnnotations(block, part);
  expectMeta(block, part);
  return block as ContentBlock;
}

/** @throws InvalidResult */
export function plainResource(value: unknown, part: Part): ResourceContents {
  const resource = plainMembers(
    value,
    part,
    'contents such as { uri, mimeType, text } or { uri, mimeType, blob }',
  );
  expectTexts(resource, ['uri', typeof resource.blob === 'string' ? 'blob' : 'text'], part);
  if (resource.mimeType !== undefined) expectTexts(resource, ['mimeType'], part);
  expectMeta(resource, part);
  return resource as ResourceContents;
}

/** @throws InvalidResult */
export function plainItems(value: unknown, { owner, pointer }: Part, expected: string): unknown[] {
  if (Array.isArray(value)) return [...value];
  throw new InvalidResult(owner, pointer, kindOf(value), `return ${expected}`);
}

/** The members of an object, each read once. @throws InvalidResult */
export function plainMembers(given: unknown, part: Part, expected: string): JsonObject {
  const value = spoken(given);
  if (!isRecord(value))
    throw new InvalidResult(part.owner, part.pointer, kindOf(value), `return ${expected}`);
  const members: [name: string, member: unknown][] = [];
  for (const name of Object.keys(value)) {
    const member = plainValue(value[name], part, name);
    if (member !== undefined) members.push([name, member]);
  }
  // Not assigned: a member may be called `__proto__`.
  return Object.fromEntries(members);
}

/** What stands for an object that says so itself. */
export function spoken(value: unknown): unknown {
  return isRecord(value) && typeof value.toJSON === 'function' ? value.toJSON('') : value;
}

/** Undefined for what JSON leaves out. */
function plainValue(value: unknown, part: Part, name: string): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined;
  try {
    return JSON.parse(jsonText(value));
  } catch (error) {
    throw asInvalid(error, part.owner, part.pointer + pointerPart(name));
  }
}

export function inside({ owner, pointer }: Part, key: string | number): Part {
  return { owner, pointer: pointer + pointerPart(String(key)) };
}

function expectTexts(object: JsonObject, names: readonly string[], { owner, pointer }: Part): void {
  const name = names.find((one) => typeof object[one] !== 'string');
  if (name === undefined) return;
  throw new InvalidResult(owner, `${pointer}/${name}`, kindOf(object[name]), 'return a string there');
}

export function expectMeta({ _meta }: JsonObject, { owner, pointer }: Part): void {
  if (_meta === undefined || isRecord(_meta)) return;
  throw new InvalidResult(owner, `${pointer}/_meta`, kindOf(_meta), 'return an object there');
}

function expectAnnotations({ annotations }: JsonObject, { owner, pointer }: Part): void {
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
  if (good) return;
  const advice = 'annotations are { audience: ["user", "assistant"], priority: 0 to 1, lastModified }';
  throw new InvalidResult(owner, `${pointer}/annotations`, preview(annotations), advice);
}

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
