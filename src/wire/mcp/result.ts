/**
 * The result of a tool: read once as plain JSON, checked against the tool's outputSchema, masked, and shaped for the caller's revision.
 * Structured content becomes text once, and that text is masked, checked and sent.
 */
import { jsonForm, jsonText } from '../jsonrpc/json-text.js';
import type { Features } from '../revisions.js';
import type { Check } from '../schema/compile.js';
import { problemText } from '../schema/problem.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { Mask } from './decision.js';
import type { ContentBlock, Tool } from './definitions.js';
import { maskBlock, maskJson } from './masking.js';
import {
  asInvalid,
  InvalidResult,
  type PlainResult,
  partAt,
  plainBlock,
  plainItems,
  plainMembers,
} from './plain.js';
import { STRUCTURED_TEXT } from './reply.js';
import type { RequestContext } from './request-context.js';

/** A tool and the check of its results. */
type CheckedTool = { tool: Tool; checkOutput?: Check | undefined };

/** Turns the handler's value into the result for its caller. @throws InvalidResult */
export function shapeOf(
  { entry, context }: { entry: CheckedTool; context: RequestContext },
  returned: unknown,
): JsonObject {
  const plain = plainResult(entry.tool.name, returned);
  checkOutput(entry, plain, 'a value that breaks its outputSchema');
  const mask = context.authorization.decision?.mask;
  if (mask === undefined) return shapeResult(plain, context.features);
  const masked = maskResult(plain, mask);
  if (masked.structured !== plain.structured)
    checkOutput(entry, masked, 'a value that cannot be masked within its outputSchema');
  return shapeResult(masked, context.features);
}

function maskResult(result: PlainResult, mask: Mask): PlainResult {
  const structured = result.structured === undefined ? undefined : mask(result.structured);
  const _meta = result._meta && maskJson(result._meta, mask);
  const { isError } = result;
  if (structured === undefined || structured === result.structured) {
    const content = result.content?.map((block) => maskBlock(block, mask));
    return { content, structured, value: result.value, isError, _meta };
  }
  // The tool's own text may repeat what was masked, so the masked content replaces it.
  return { content: undefined, structured, value: JSON.parse(structured), isError, _meta };
}

/** A result with isError need not match the outputSchema. */
function checkOutput(entry: CheckedTool, { isError, value }: PlainResult, received: string): void {
  const problem = isError ? undefined : entry.checkOutput?.(value);
  if (problem !== undefined) throw new InvalidResult(entry.tool.name, '', received, problemText(problem));
}

const ADVICE = 'return { content: [{ type: "text", text: "…" }] }, { structuredContent: … }, or both';
const MEMBERS = ['content', 'structuredContent', 'isError', '_meta'];

/** The handler's value as plain JSON, so that schema, mask, audit log and wire all see the same. @throws InvalidResult */
export function plainResult(owner: string, returned: unknown): PlainResult {
  const part = { owner, pointer: '' };
  const result = jsonForm(returned);
  if (!isRecord(result)) throw new InvalidResult(owner, '', kindOf(result), ADVICE);
  const { content, structuredContent, isError, _meta } = result;
  const hasNoContent = content === undefined || content === null;
  if (hasNoContent && structuredContent === undefined) demandEmpty(owner, result);
  if (isError !== undefined && typeof isError !== 'boolean')
    throw new InvalidResult(owner, '/isError', kindOf(isError), 'return true or false there');
  const plain: PlainResult = {
    content: hasNoContent ? undefined : plainBlocks(content, partAt(part, 'content')),
    structured: undefined,
    value: undefined,
    isError: isError === true,
    _meta: undefined,
  };
  try {
    if (structuredContent !== undefined) plain.structured = jsonText(structuredContent);
  } catch (error) {
    throw asInvalid(error, owner, '/structuredContent');
  }
  if (plain.structured !== undefined) plain.value = JSON.parse(plain.structured);
  if (_meta !== undefined) plain._meta = plainMembers(_meta, partAt(part, '_meta'), 'an object there');
  return plain;
}

function plainBlocks(value: unknown, part: { owner: string; pointer: string }): ContentBlock[] {
  return plainItems(value, part, 'an array of content').map((block, at) =>
    plainBlock(block, partAt(part, at)),
  );
}

/** A tool may return an empty object, but not a value under a name that nobody reads. */
function demandEmpty(owner: string, result: JsonObject): void {
  const kind = Object.prototype.toString.call(result).slice('[object '.length, -1);
  const otherNames = Object.keys(result).filter((name) => !MEMBERS.includes(name));
  if (otherNames.length === 0 && kind === 'Object') return;
  const names = otherNames.slice(0, 5).map((name) => preview(name));
  const suffix = names.length === 0 ? '' : ` with ${names.join(', ')}`;
  const received = `a value of type ${kind}${suffix} and neither content nor structuredContent`;
  throw new InvalidResult(owner, '', received, ADVICE);
}

export function shapeResult(
  { content, structured, value, isError, _meta }: PlainResult,
  features: Features,
): JsonObject {
  // Structured content is repeated as text for clients that do not know it (2026-07-28/tools/028).
  const textBlocks: ContentBlock[] = structured === undefined ? [] : [{ type: 'text', text: structured }];
  const shaped: JsonObject & { [STRUCTURED_TEXT]?: string } = {
    content: content?.map((block) => olderContent(block, features)) ?? textBlocks,
  };
  if (structured !== undefined && features.structured && (features.structuredAny || isRecord(value))) {
    shaped.structuredContent = value;
    shaped[STRUCTURED_TEXT] = structured;
  }
  if (isError) shaped.isError = true;
  if (_meta !== undefined) shaped._meta = _meta;
  return shaped;
}

/** A failure that the caller's model can read and correct (2026-07-28/tools/034). */
export function errorResult(text: string): JsonObject {
  return { content: [{ type: 'text', text }], isError: true };
}

/** Audio came with 2025-03-26, resource links with 2025-06-18; an older client gets a text instead. */
export function olderContent(block: ContentBlock, features: Features): ContentBlock {
  if (block.type === 'resource_link' && !features.structured)
    return { type: 'text', text: `${block.name}: ${block.uri}` };
  if (block.type === 'audio' && !features.annotations)
    return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
