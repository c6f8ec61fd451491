/** The result of a call: what its handler returned, held against the tool's own promise and masked. */
import { problemText } from '../schema/problem.js';
import type { JsonObject } from '../value.js';
import type { Call } from './authority.js';
import type { Entry } from './catalog.js';
import { InvalidResult } from './invalid-result.js';
import { maskResult } from './masking.js';
import { type PlainResult, plainResult } from './plain-result.js';
import { shapeResult } from './shape.js';

/** From what the handler returned to what its caller is given. @throws InvalidResult */
export function shapeOf({ entry, exchange }: Call): (returned: unknown) => JsonObject {
  return (returned) => {
    const plain = plainResult(entry.tool.name, returned);
    const masked = maskResult(plain, exchange.account.decision?.mask);
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

/** A result that says it failed need not keep the tool's promise. */
function check(
  { tool, checkOutput }: Entry,
  { isError }: PlainResult,
  value: unknown,
  received: string,
): void {
  const problem = isError ? undefined : checkOutput?.(value);
  if (problem !== undefined) throw new InvalidResult(tool.name, '', received, problemText(problem));
}
