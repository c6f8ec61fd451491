/** The result of a call: checked against the tool's outputSchema, masked, and shaped for the caller's revision. */

import type { Features } from '../revisions.js';
import type { Check } from '../schema/compile.js';
import { problemText } from '../schema/problem.js';
import { isRecord, type JsonObject } from '../value.js';
import type { ContentBlock, Tool } from './definitions.js';
import { maskResult } from './masking.js';
import { InvalidResult } from './plain-content.js';
import { type PlainResult, plainResult } from './plain-result.js';
import { STRUCTURED_TEXT } from './reply.js';
import type { RequestContext } from './request-context.js';

/** A tool, and the check of what it returns. */
type CheckedTool = { tool: Tool; checkOutput?: Check | undefined };

/** Turns the handler's value into the result for its caller. @throws InvalidResult */
export function shapeOf({
  entry,
  context,
}: {
  entry: CheckedTool;
  context: RequestContext;
}): (returned: unknown) => JsonObject {
  return (returned) => {
    const plain = plainResult(entry.tool.name, returned);
    const masked = maskResult(plain, context.authorization.decision?.mask);
    const value = structuredValue(masked);
    if (masked.structured === plain.structured)
      check(entry, plain, value, 'a value that breaks its outputSchema');
    else {
      if (entry.checkOutput !== undefined)
        check(entry, plain, structuredValue(plain), 'a value that breaks its outputSchema');
      check(entry, masked, value, 'a value that cannot be masked within its outputSchema');
    }
    return shapeResult(masked, value, context.features);
  };
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

export function listedTool(tool: Tool, shown: Features): JsonObject {
  const { name, title, description, inputSchema, outputSchema, annotations, _meta } = tool;
  const listed: JsonObject = { name };
  if (shown.structured) listed.title = title;
  listed.description = description;
  listed.inputSchema = inputSchema;
  if (
    outputSchema !== undefined &&
    shown.structured &&
    (shown.structuredAny || outputSchema.type === 'object')
  ) {
    listed.outputSchema = outputSchema;
  }
  if (shown.annotations && annotations !== undefined) listed.annotations = annotations;
  if (shown.structured && _meta !== undefined) listed._meta = _meta;
  return listed;
}

/** `structuredContent` is the value whose text the result has. */
export function shapeResult(
  { content, structured, isError, _meta }: PlainResult,
  structuredContent: unknown,
  shown: Features,
): JsonObject {
  const shaped: JsonObject & { [STRUCTURED_TEXT]?: string } = {
    content: (content ?? repeated(structured)).map((block) => olderContent(block, shown)),
  };
  if (structured !== undefined && shown.structured && (shown.structuredAny || isRecord(structuredContent))) {
    shaped.structuredContent = structuredContent;
    shaped[STRUCTURED_TEXT] = structured;
  }
  if (isError) shaped.isError = true;
  if (_meta !== undefined) shaped._meta = _meta;
  return shaped;
}

/** A failure that the caller's model may read and mend (2026-07-28/tools/034). */
export function failed(text: string, shown: Features): JsonObject {
  const content: ContentBlock[] = [{ type: 'text', text }];
  return shapeResult({ content, structured: undefined, isError: true, _meta: undefined }, undefined, shown);
}

// Structured content is repeated as text for clients that do not know it (2026-07-28/tools/028).
function repeated(structured: string | undefined): ContentBlock[] {
  return structured === undefined ? [] : [{ type: 'text', text: structured }];
}

/** Audio begins with 2025-03-26, resource links with 2025-06-18: before, their gist is told in words. */
export function olderContent(block: ContentBlock, shown: Features): ContentBlock {
  if (block.type === 'resource_link' && !shown.structured)
    return { type: 'text', text: `${block.name}: ${block.uri}` };
  if (block.type === 'audio' && !shown.annotations)
    return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
