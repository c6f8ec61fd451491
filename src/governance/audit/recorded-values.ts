/** What a record takes from a request: its redacted arguments and result, or only their size, and the trace it belongs to. */
import type { Reply } from '../../wire/mcp/reply.js';
import type { JsonObject } from '../../wire/value.js';
import { payloadChars } from '../policy/payload.js';
import { redact } from '../policy/redact.js';

/** Longer arguments and results are not redacted but only counted: no record keeps that much. */
const MAX_CHARS = 64 * 1024;

export function recordedResponse({ response, text }: Reply): unknown {
  if ('result' in response) return recordedResult(response.result, text.length);
  const { code, message } = response.error;
  return { code, message: redact(message) };
}

export function recordedArguments(args: JsonObject): unknown {
  const chars = payloadChars(args, MAX_CHARS);
  return chars > MAX_CHARS ? { omitted: `more than ${MAX_CHARS} characters` } : redact(args);
}

/** The structured content if there is any, because the text beside it only repeats it. */
export function recordedResult(
  { structuredContent, content, contents, messages }: JsonObject,
  chars: number,
): unknown {
  if (chars > MAX_CHARS) return { omitted: `${chars} characters` };
  return redact(
    structuredContent === undefined ? (content ?? contents ?? messages ?? null) : structuredContent,
  );
}

/**
 * The 32 hexadecimal digits of a `traceparent` header; undefined when it is absent or not valid, because the clause says to ignore it.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const [, version, traceId, parentId, rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(traceparent ?? '') ?? [];
  if (version === undefined || version === 'ff') return undefined;
  // Only a later version may say more.
  if (version === '00' && rest !== undefined) return undefined;
  return /[^0]/.test(traceId ?? '') && /[^0]/.test(parentId ?? '') ? traceId : undefined;
}
