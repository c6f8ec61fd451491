/**
 * Results on their way to a caller who may not read personal columns. What that is,
 * the decision over the request says; it is applied to structured content and wherever a text is itself JSON. What else
 * a tool's own words say is the tool's business.
 */
import { problemText } from '../schema/problem.js';
import type { Mask } from './account.js';
import type { Entry } from './catalog.js';
import type { ResourceContents } from './resources.js';
import type { ContentBlock, ToolResult } from './tool.js';

/** @throws Error when what is left breaks the promise of the tool's schema: then nothing may leave. */
export function maskResult(
  result: ToolResult,
  mask: Mask | undefined,
  { tool, checkOutput }: Entry,
): ToolResult {
  if (mask === undefined) return result;
  const { structuredContent, content } = result;
  const structured = mask(structuredContent);
  if (structured !== structuredContent) {
    const problem = result.isError === true ? undefined : checkOutput?.(structured);
    if (problem !== undefined)
      throw new Error(`${tool.name} cannot be masked within its outputSchema: ${problemText(problem)}`);
    // The tool's own words may repeat what was masked: the masked content is repeated in their place.
    const { content: _words, ...rest } = result;
    return { ...rest, structuredContent: structured };
  }
  const masked = content?.map((block) => maskBlock(block, mask));
  // Most words are no JSON, and stay as they are.
  return masked === undefined || masked.every((block, index) => block === content?.[index])
    ? result
    : { ...result, content: masked };
}

export function maskContents(contents: ResourceContents[], mask: Mask | undefined): ResourceContents[] {
  if (mask === undefined) return contents;
  return contents.map((one) => ('text' in one ? { ...one, text: maskText(one.text, mask) } : one));
}

function maskBlock(block: ContentBlock, mask: Mask): ContentBlock {
  if (block.type === 'text') {
    const text = maskText(block.text, mask);
    return text === block.text ? block : { ...block, text };
  }
  if (block.type !== 'resource' || !('text' in block.resource)) return block;
  return { ...block, resource: { ...block.resource, text: maskText(block.resource.text, mask) } };
}

/** A text that is JSON with its columns masked; every other text as it is. */
function maskText(text: string, mask: Mask): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const masked = mask(value);
  // Laid out as it was.
  const [, indent] = /^[[{]\n( +)/.exec(text) ?? [];
  return masked === value ? text : JSON.stringify(masked, undefined, indent);
}
