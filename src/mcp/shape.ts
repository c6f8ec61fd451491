/**
 * How a tool and its result look in each revision. A field that a revision does not know is left out, since older
 * clients may refuse what they cannot name.
 */

import type { Features } from '../revisions.js';
import { isRecord, type JsonObject } from '../value.js';
import type { ContentBlock, Tool, ToolResult } from './tool.js';

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

export function shapeResult(
  { content, structuredContent, isError, _meta }: ToolResult,
  shown: Features,
): JsonObject {
  const shaped: JsonObject = {
    content: (content ?? repeated(structuredContent)).map((block) => olderContent(block, shown)),
  };
  if (
    structuredContent !== undefined &&
    shown.structured &&
    (shown.structuredAny || isRecord(structuredContent))
  ) {
    shaped.structuredContent = structuredContent;
  }
  if (isError === true) shaped.isError = true;
  if (_meta !== undefined) shaped._meta = _meta;
  return shaped;
}

/** A failure that the caller's model may read and mend (2026-07-28/tools/034). */
export function failed(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

// Structured content is repeated as text for clients that do not know it (2026-07-28/tools/028).
function repeated(structuredContent: unknown): ContentBlock[] {
  return structuredContent === undefined ? [] : [{ type: 'text', text: JSON.stringify(structuredContent) }];
}

/** Audio begins with 2025-03-26, resource links with 2025-06-18: before, their gist is told in words. */
export function olderContent(block: ContentBlock, shown: Features): ContentBlock {
  if (block.type === 'resource_link' && !shown.structured)
    return { type: 'text', text: `${block.name}: ${block.uri}` };
  if (block.type === 'audio' && !shown.annotations)
    return { type: 'text', text: `(audio, ${block.mimeType})` };
  return block;
}
