/**
 * What a handler hands over, on its way to a caller who may not read personal columns. What those are, the decision over the
 * request says, as a function from text to text: it masks the JSON that it finds there and leaves every other character. It
 * is applied to structured content, to `_meta`, and to every text: of content, resources, prompts, completions, progress,
 * log messages and questions. Words that are not JSON are the author's business, and so is what stands in base64.
 */
import { isRecord, type JsonObject } from '../value.js';
import type { Mask } from './audit-context.js';
import type { ContentBlock, PromptResult, ResourceContents } from './definitions.js';
import type { PlainResult } from './plain-result.js';

export function maskResult(result: PlainResult, mask: Mask | undefined): PlainResult {
  if (mask === undefined) return result;
  const structured = result.structured === undefined ? undefined : mask(result.structured);
  return {
    ...result,
    structured,
    // The tool's own words may repeat what was masked: the masked content is repeated in their place.
    content:
      structured === result.structured ? result.content?.map((block) => maskBlock(block, mask)) : undefined,
    _meta: maskMeta(result._meta, mask),
  };
}

export function maskContents(contents: ResourceContents[], mask: Mask | undefined): ResourceContents[] {
  return mask === undefined ? contents : contents.map((one) => maskResource(one, mask));
}

export function maskPrompt(prompt: PromptResult, mask: Mask | undefined): PromptResult {
  if (mask === undefined) return prompt;
  const { description, messages, ...rest } = prompt;
  return {
    ...withMeta(rest, mask),
    ...(description === undefined ? {} : { description: mask(description) }),
    messages: messages.map(({ role, content }) => ({ role, content: maskBlock(content, mask) })),
  };
}

/** A JSON value; the same one where nothing in it is masked. */
export function maskJson<T>(value: T, mask: Mask | undefined): T {
  if (mask === undefined) return value;
  const text = JSON.stringify(value);
  const masked = mask(text);
  return masked === text ? value : JSON.parse(masked);
}

function maskBlock(block: ContentBlock, mask: Mask): ContentBlock {
  const shown = withMeta(block, mask);
  if (shown.type === 'text') return { ...shown, text: mask(shown.text) };
  return shown.type === 'resource' ? { ...shown, resource: maskResource(shown.resource, mask) } : shown;
}

function maskResource<T extends ResourceContents>(resource: T, mask: Mask): T {
  const shown = withMeta(resource, mask);
  return 'text' in shown ? { ...shown, text: mask(shown.text) } : shown;
}

function withMeta<T extends object>(value: T, mask: Mask): T {
  return '_meta' in value && isRecord(value._meta) ? { ...value, _meta: maskMeta(value._meta, mask) } : value;
}

function maskMeta(meta: JsonObject | undefined, mask: Mask): JsonObject | undefined {
  return meta === undefined ? undefined : maskJson(meta, mask);
}
