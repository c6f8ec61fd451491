/** Arguments and results as a record has them: redacted, and only counted where they are too long. */

import type { Reply } from '../../wire/mcp/reply.js';
import type { JsonObject } from '../../wire/value.js';
import { payloadChars } from '../policy/payload.js';
import { redact } from '../policy/redact.js';

/** Characters beyond which arguments and answers are not redacted, only counted: no record keeps that much. */
const MAX_SHOWN = 64 * 1024;

export function responseOf({ response, text }: Reply): unknown {
  if ('result' in response) return shown(response.result, text.length);
  const { code, message } = response.error;
  return { code, message: redact(message) };
}

export function given(args: JsonObject): unknown {
  const chars = payloadChars(args, MAX_SHOWN);
  return chars > MAX_SHOWN ? { omitted: `more than ${MAX_SHOWN} characters` } : redact(args);
}

/** Structured content says it all; the text beside it only repeats it. */
export function shown(
  { structuredContent, content, contents, messages }: JsonObject,
  chars: number,
): unknown {
  if (chars > MAX_SHOWN) return { omitted: `${chars} characters` };
  return redact(
    structuredContent === undefined ? (content ?? contents ?? messages ?? null) : structuredContent,
  );
}
