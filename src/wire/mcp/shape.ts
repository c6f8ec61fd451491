/**
 * How a tool and its result look in each revision. A field that a revision does not know is left out, since older
 * clients may refuse what they cannot name.
 */

import type { Features } from '../revisions.js';
import { isRecord, type JsonObject } from '../value.js';
import type { ContentBlock, Tool } from './definitions.js';
import type { PlainResult } from './plain-result.js';
import { STRUCTURED_TEXT } from './reply.js';

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
