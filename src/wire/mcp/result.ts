/**
 * The result of a tool: read once as plain JSON, masked, checked against the tool's outputSchema, and shaped for the caller's revision.
 * Structured content is made into text once; that text is what is masked, checked and sent.
 */
import { jsonText } from '../jsonrpc/json-text.js';
import type { Features } from '../revisions.js';
import type { Check } from '../schema/compile.js';
import { problemText } from '../schema/problem.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import type { ContentBlock, Tool } from './definitions.js';
import { maskResult } from './masking.js';
import {
  asInvalid,
  demand,
  InvalidResult,
  inside,
  jsonForm,
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
  const mask = context.authorization.decision?.mask;
  const shown = mask === undefined ? plain : maskResult(plain, mask);
  const value = structuredValue(shown);
  if (shown.structured === plain.structured)
    check(entry, plain, value, 'a value that breaks its outputSchema');
  else {
    check(entry, plain, structuredValue(plain), 'a value that breaks its outputSchema');
    check(entry, shown, value, 'a value that cannot be masked within its outputSchema');
  }
  return shapeResult(shown, value, context.features);
}

function structuredValue({ structured }: PlainResult): unknown {
  return structured === undefined ? undefined : JSON.parse(structured);
}

/** A result with isError need not match the outputSchema. */
function check(
  { tool, checkOutput }: CheckedTool,
  { isError }: PlainResult,
  value: unknown,
  received: string,
): void {
  const problem = isError ? undefined : checkOutput?.(value);
  if (problem !== undefined) throw new InvalidResult(tool.name, '', received, problemText(problem));
}

const ADVICE = 'return { content: [{ type: "text", text: "…" }] }, { structuredContent: … }, or both';
const MEMBERS = ['content', 'structuredContent', 'isError', '_meta'];

/** What the handler returned, as plain JSON: schemas, masks, the audit log and the wire all see the same. @throws InvalidResult */
export function plainResult(owner: string, returned: unknown): PlainResult {
  const part = { owner, pointer: '' };
  const result = jsonForm(returned);
  demand(isRecord(result), part, '', result, ADVICE);
  const { content, structuredContent, isError, _meta } = result;
  const absent = content === undefined || content === null;
  if (absent && structuredContent === undefined) demandNothingElse(owner, result);
  demand(
    isError === undefined || typeof isError === 'boolean',
    part,
    '/isError',
    isError,
    'return true or false there',
  );
  const plain: PlainResult = {
    content: absent ? undefined : plainBlocks(content, inside(part, 'content')),
    structured: undefined,
    isError: isError === true,
    _meta: undefined,
  };
  try {
    if (structuredContent !== undefined) plain.structured = jsonText(structuredContent);
  } catch (error) {
    throw asInvalid(error, owner, '/structuredContent');
  }
  if (_meta !== undefined) plain._meta = plainMembers(_meta, inside(part, '_meta'), 'an object there');
  return plain;
}

function plainBlocks(value: unknown, part: { owner: string; pointer: string }): ContentBlock[] {
  return plainItems(value, part, 'an array of content').map((block, at) =>
    plainBlock(block, inside(part, at)),
  );
}

/** A tool may have nothing to say, but not say it under a name that nobody reads. */
function demandNothingElse(owner: string, result: JsonObject): void {
  const kind = Object.prototype.toString.call(result).slice('[object '.length, -1);
  const others = Object.keys(result).filter((name) => !MEMBERS.includes(name));
  if (others.length === 0 && kind === 'Object') return;
  const names = others.slice(0, 5).map((name) => preview(name));
  const holds = names.length === 0 ? '' : ` with ${names.join(', ')}`;
  const received = `a value of type ${kind}${holds} and neither content nor structuredContent`;
  throw new InvalidResult(owner, '', received, ADVICE);
}

/** `structuredContent` is the value whose text the result has. */
export function shapeResult(
  { content, structured, isError, _meta }: PlainResult,
  structuredContent: unknown,
  shown: Features,
): JsonObject {
  // Structured content is repeated as text for clients that do not know it (2026-07-28/tools/028).
  const repeated: ContentBlock[] = structured === undefined ? [] : [{ type: 'text', text: structured }];
  const shaped: JsonObject & { [STRUCTURED_TEXT]?: string } = {
    content: content?.map((block) => olderContent(block, shown)) ?? repeated,
  };
  if (structured !== undefined && shown.structured && (shown.structuredAny || isRecord(structuredContent))) {
    shaped.structuredContent = structuredContent;
    shaped[STRUCTURED_TEXT] = structured;
  }
  if (isError) shaped.isError = true;
  if (_meta !== undefined) shaped._meta = _meta;
  return shaped;
}

/** A failure that the caller's model can read and correct (2026-07-28/tools/034). */
export function failed(text: string, shown: Features): JsonObject {
  const content: ContentBlock[] = [{ type: 'text', text }];
  return shapeResult({ content, structured: undefined, isError: true, _meta: undefined }, undefined, shown);
}

/** Audio begins with 2025-03-26, resource links with 2025-06-18: an older client gets the gist in words. */
export function olderContent(block: ContentBlock, shown: Features): ContentBlock {
  if (block.type === 'resource_link' && !shown.structured)
    return { type: 'text', text: `${block.name}: ${block.uri}` };
  if (block.type === 'audio' && !shown.annotations)
    return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
