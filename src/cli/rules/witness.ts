/** Finds clause violations in MCP traffic that somebody else produced. */
import type { Witness, WitnessOptions } from './violation.js';

export type { SeenRequest, SeenResponse, Side, Violation, Witness, WitnessOptions } from './violation.js';

export function createWitness(_options: WitnessOptions): Witness {
  return {
    request: () => [],
    response: () => [],
    message: () => [],
    end: () => [],
    line: () => [],
  };
}
