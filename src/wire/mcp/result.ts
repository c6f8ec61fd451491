/** The result of a call: the handler's value, checked against the tool's outputSchema and masked. */

import { problemText } from '../schema/problem.js';
import type { JsonObject } from '../value.js';
import type { Entry } from './catalog.js';
import { maskResult } from './masking.js';
import type { Call } from './mcp-server.js';
import { InvalidResult } from './plain-content.js';
import { type PlainResult, plainResult } from './plain-result.js';
import { shapeResult } from './shape.js';

/** Turns the handler's value into the result for its caller. @throws InvalidResult */
export function shapeOf({ entry, exchange }: Call): (returned: unknown) => JsonObject {
  return (returned) => {
    const plain = plainResult(entry.tool.name, returned);
    const masked = maskResult(plain, exchange.audit.decision?.mask);
    const value = structuredValue(masked);
    if (masked.structured === plain.structured)
      check(entry, plain, value, 'a value that breaks its outputSchema');
    else {
      if (entry.checkOutput !== undefined)
        check(entry, plain, structuredValue(plain), 'a value that breaks its outputSchema');
      check(entry, masked, value, 'a value that cannot be masked within its outputSchema');
    }
    return shapeResult(masked, value, exchange.features);
  };
}

function structuredValue({ structured }: PlainResult): unknown {
  return structured === undefined ? undefined : JSON.parse(structured);
}

/** A result with isError need not match the outputSchema. */
function check(
  { tool, checkOutput }: Entry,
  { isError }: PlainResult,
  value: unknown,
  received: string,
): void {
  const problem = isError ? undefined : checkOutput?.(value);
  if (problem !== undefined) throw new InvalidResult(tool.name, '', received, problemText(problem));
}
