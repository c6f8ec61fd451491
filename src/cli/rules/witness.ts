/** Finds clause violations in MCP traffic that somebody else produced. */
import { createHttpWitness } from './http-witness.js';
import { createStdioWitness } from './stdio-witness.js';
import type { Witness, WitnessOptions } from './violation.js';

export type {
  SeenRequest,
  SeenResponse,
  Side,
  Violation,
  Witness,
  WitnessOptions,
} from './violation.js';

export function createWitness({ transport, clients = 'one' }: WitnessOptions): Witness {
  return transport === 'stdio' ? createStdioWitness() : createHttpWitness(clients === 'one');
}
