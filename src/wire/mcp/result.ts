/**
 * The result of a tool: read once as plain JSON, masked, checked against the tool's outputSchema, and shaped for the caller's revision.
 * Structured content is made into text once; that text is what is masked, checked and sent.
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
  inside,
  type PlainResult,
  plainBlock,
  plainItems,
  plainMembers,
} from './plain.js';
import { STRUCTURED_TEXT } from './reply.js';
import type { RequestContext } from './request-context.js';

/** A tool, and the check of what it returns. */
type CheckedTool = { tool: Tool; checkOutput?: Check | undefined };

/** Turns the handler's value into the result for its caller. @throws InvalidResult */
export function shapeOf(
  { entry, context }: { entry: CheckedTool; context: RequestContext },
  returned: unknown,
): JsonObject {
  const plain = plainResult(entry.tool.name, returned);
  check(entry, plain, 'a value that breaks its outputSchema');
  const mask = context.authorization.decision?.mask;
  if (mask === undefined) return shapeResult(plain, context.features);
  const shown = maskResult(plain, mask);
  if (shown.structured !== plain.structured)
    check(entry, shown, 'a value that cannot be masked within its outputSchema');
  return shapeResult(shown, context.features);
}

function maskResult(result: PlainResult, mask: Mask): PlainResult {
  const structured = result.structured === undefined ? undefined : mask(result.structured);
  const _meta = result._meta && maskJson(result._meta, mask);
  const { isError } = result;
  if (structured === undefined || structured === result.structured) {
    const content = result.content?.map((block) => maskBlock(block, mask));
    return { content, structured, value: result.value, isError, _meta };
  }
  // The tool's own words may repeat what was masked: the masked content is repeated in their place.
  return { content: undefined, structured, value: JSON.parse(structured), isError, _meta };
}

/** A result with isError need not match the outputSchema. */
function check({ tool, checkOutput }: CheckedTool, { isError, value }: PlainResult, received: string): void {
  const problem = isError ? undefined : checkOutput?.(value);
  if (problem !== undefined) throw new InvalidResult(tool.name, '', received, problemText(problem));
}

const ADVICE = 'return { content: [{ type: "text", text: "…" }] }, { structuredContent: … }, or both';
const MEMBERS = ['content', 'structuredContent', 'isError', '_meta'];

/** What the handler returned, as plain JSON: schemas, masks, the audit log and the wire all see the same. @throws InvalidResult */
export function plainResult(owner: string, returned: unknown): PlainResult {
  const part = { owner, pointer: '' };
  const result = jsonForm(returned);
  if (!isRecord(result)) throw new InvalidResult(owner, '', kindOf(result), ADVICE);
  const { content, structuredContent, isError, _meta } = result;
  const absent = content === undefined || content === null;
  if (absent && structuredContent === undefined) demandNothingElse(owner, result);
  if (isError !== undefined && typeof isError !== 'boolean')
    throw new InvalidResult(owner, '/isError', kindOf(isError), 'return true or false there');
  const plain: PlainResult = {
    content: absent ? undefined : plainBlocks(content, inside(part, 'content')),
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
  if (_meta !== undefined) plain._meta = plainMembers(_meta, inside(part, '_meta'), 'an object there');
  return plain;
}

function plainBlocks(value: unknown, part: { owner: string; pointer: string }): ContentBlock[] {
  return plainItems(value, part, 'an array of content').map((block, at) =>
    plainBlock(block, inside(part, at)),
  );
}

/** A tool may return nothing, but not a value under a name that nobody reads. */
function demandNothingElse(owner: string, result: JsonObject): void {
  const kind = Object.prototype.toString.call(result).slice('[object '.length, -1);
  const others = Object.keys(result).filter((name) => !MEMBERS.includes(name));
  if (others.length === 0 && kind === 'Object') return;
  const names = others.slice(0, 5).map((name) => preview(name));
  const holds = names.length === 0 ? '' : ` with ${names.join(', ')}`;
  const received = `a value of type ${kind}${holds} and neither content nor structuredContent`;
  throw new InvalidResult(owner, '', received, ADVICE);
}

export function shapeResult(
  { content, structured, value, isError, _meta }: PlainResult,
  features: Features,
): JsonObject {
  // Structured content is repeated as text for clients that do not know it (2026-07-28/tools/028).
  const repeated: ContentBlock[] = structured === undefined ? [] : [{ type: 'text', text: structured }];
  const shaped: JsonObject & { [STRUCTURED_TEXT]?: string } = {
    content: content?.map((block) => olderContent(block, features)) ?? repeated,
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
export function failed(text: string, features: Features): JsonObject {
  const content: ContentBlock[] = [{ type: 'text', text }];
  const none = { structured: undefined, value: undefined, _meta: undefined };
  return shapeResult({ content, isError: true, ...none }, features);
}

/** Audio begins with 2025-03-26, resource links with 2025-06-18: an older client gets the gist in words. */
export function olderContent(block: ContentBlock, features: Features): ContentBlock {
  if (block.type === 'resource_link' && !features.structured)
    return { type: 'text', text: `${block.name}: ${block.uri}` };
  if (block.type === 'audio' && !features.annotations)
    return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
