/**
 * Bytes to one JSON value, or the reason why not: UTF-8, well-formed, not too deep, no `__proto__` keys. What the
 * value means is message.ts's business.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
import { Fault } from '../fault.js';
import type { JsonObject } from '../value.js';

/** `value` of a refusal is what could be read nevertheless: its id belongs into the error. */
export type Json = { kind: 'json'; value: unknown } | { kind: 'refused'; fault: Fault; value?: unknown };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJson(bytes: Uint8Array, maxDepth: number): Json {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    return refused(new Fault('parseError', 'the bytes are not UTF-8', { cause }));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refused(new Fault('parseError', `the body is not JSON: ${said(cause)}`, { cause }));
  }
  const fault = walk(value, maxDepth, maxDepth);
  return fault === undefined ? { kind: 'json', value } : { kind: 'refused', fault, value };
}

// JSON.parse makes `__proto__` a plain own key, harmless here; whoever copies the object later with an assignment
// would change a prototype, so it does not get in.
function walk(value: unknown, left: number, maxDepth: number): Fault | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (left === 0) return new Fault('invalidRequest', `the body is nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = walk(item, left - 1, maxDepth);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const key in value) {
    if (key === '__proto__') return new Fault('invalidRequest', 'the key "__proto__" is not accepted');
    const fault = walk((value as JsonObject)[key], left - 1, maxDepth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

// V8 quotes the text around the mistake; the place is enough and does not repeat what may be a secret.
function said(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  if (message.includes('end of JSON')) return 'it ends too early or is empty';
  const position = /position \d+/.exec(message)?.[0];
  return position === undefined ? 'malformed' : `unexpected character at ${position}`;
}

function refused(fault: Fault): Json {
  return { kind: 'refused', fault };
}
