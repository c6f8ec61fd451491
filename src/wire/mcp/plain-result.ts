/**
 * What handlers return, as plain JSON and valid, before anything looks at it: schemas, masks, the audit log and the wire all
 * see the same. Structured content is made into text once; that text is what is masked, checked and sent.
 */
import { jsonText } from '../jsonrpc/json-text.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { ContentBlock, PromptResult, ResourceContents } from './definitions.js';
import {
  asInvalid,
  expectMeta,
  InvalidResult,
  inside,
  plainBlock,
  plainBlocks,
  plainItems,
  plainMembers,
  plainResource,
  spoken,
} from './plain-content.js';

export type PlainResult = {
  content: ContentBlock[] | undefined;
  /** The JSON text of the structured content. */
  structured: string | undefined;
  isError: boolean;
  _meta: JsonObject | undefined;
};

const ADVICE = 'return { content: [{ type: "text", text: "…" }] }, { structuredContent: … }, or both';

/** The result of a tool. @throws InvalidResult */
export function plainResult(owner: string, returned: unknown): PlainResult {
  const result = spoken(returned);
  if (!isRecord(result)) throw new InvalidResult(owner, '', kindOf(result), ADVICE);
  const { content, structuredContent, isError, _meta } = result;
  const absent = content === undefined || content === null;
  if (absent && structuredContent === undefined) expectNothingElse(owner, result);
  if (isError !== undefined && typeof isError !== 'boolean')
    throw new InvalidResult(owner, '/isError', kindOf(isError), 'return true or false there');
  const part = { owner, pointer: '' };
  const plain: PlainResult = {
    content: absent ? undefined : plainBlocks(content, inside(part, 'content')),
    structured: undefined,
    isError: isError === true,
    _meta: undefined,
  };
  if (structuredContent !== undefined) plain.structured = structuredText(owner, structuredContent);
  if (_meta !== undefined) plain._meta = plainMembers(_meta, inside(part, '_meta'), 'an object there');
  return plain;
}

/** What a prompt's author returns. @throws InvalidResult */
export function plainPrompt(owner: string, returned: unknown): PromptResult {
  const part = { owner, pointer: '' };
  const result = spoken(returned);
  if (!isRecord(result)) throw new InvalidResult(owner, '', kindOf(result), 'return { messages: [...] }');
  const { messages, ...others } = result;
  const rest = plainMembers(others, part, 'an object');
  if (rest.description !== undefined && typeof rest.description !== 'string')
    throw new InvalidResult(owner, '/description', kindOf(rest.description), 'return a string there');
  expectMeta(rest, part);
  const inMessages = inside(part, 'messages');
  return {
    ...rest,
    messages: plainItems(messages, inMessages, 'an array of { role, content }').map((given, at) => {
      const inMessage = inside(inMessages, at);
      const message = spoken(given);
      if (!isRecord(message))
        throw new InvalidResult(owner, inMessage.pointer, kindOf(message), 'return { role, content } there');
      const { role, content } = message;
      if (role !== 'user' && role !== 'assistant')
        throw new InvalidResult(
          owner,
          `${inMessage.pointer}/role`,
          typeof role === 'string' ? preview(role) : kindOf(role),
          'a role is "user" or "assistant"',
        );
      return { role, content: plainBlock(content, inside(inMessage, 'content')) };
    }),
  };
}

/** Undefined where there is nothing under the URI. @throws InvalidResult */
export function plainContents(owner: string, returned: unknown): ResourceContents[] | undefined {
  if (returned === undefined) return undefined;
  const part = { owner, pointer: '' };
  return plainItems(returned, part, 'an array of { uri, mimeType, text }, or undefined for nothing').map(
    (one, at) => plainResource(one, inside(part, at)),
  );
}

/** Values for an argument that is being typed. @throws InvalidResult */
export function plainCompletions(owner: string, returned: unknown): string[] {
  const part = { owner, pointer: '' };
  return plainItems(returned, part, 'an array of strings').map((value, at) => {
    if (typeof value === 'string') return value;
    throw new InvalidResult(owner, `/${at}`, kindOf(value), 'return a string there');
  });
}

function structuredText(owner: string, structuredContent: unknown): string {
  try {
    return jsonText(structuredContent);
  } catch (error) {
    throw asInvalid(error, owner, '/structuredContent');
  }
}

/** A tool may have nothing to say, but not say it under a name that nobody reads. */
function expectNothingElse(owner: string, result: JsonObject): void {
  const kind = Object.prototype.toString.call(result).slice('[object '.length, -1);
  const others = Object.keys(result).filter((name) => !KNOWN.includes(name));
  if (others.length === 0 && kind === 'Object') return;
  const names = others.slice(0, 5).map((name) => preview(name));
  const holds = names.length === 0 ? '' : ` with ${names.join(', ')}`;
  throw new InvalidResult(
    owner,
    '',
    `a value of type ${kind}${holds} and neither content nor structuredContent`,
    ADVICE,
  );
}

const KNOWN = ['content', 'structuredContent', 'isError', '_meta'];
