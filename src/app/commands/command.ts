/**
 * The program's other commands: `audit …` reads what the servers have written, `policy explain` says why a call would be let
 * through or not. Arguments in, lines out, an exit code back: 0, 1 where what was asked for is not well, 2 for a mistake
 * in the asking. What each does is in its own file.
 */
import { auditCommand } from './audit.js';
import type { Environment, Io } from './io.js';
import { policyCommand } from './policy.js';

const COMMANDS: { [name: string]: typeof auditCommand } = { audit: auditCommand, policy: policyCommand };

/** False when the arguments are for the server itself. */
export function isCommand([name = '']: readonly string[]): boolean {
  return Object.hasOwn(COMMANDS, name);
}

export async function runCommand(
  [name = '', ...rest]: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new RangeError(`there is no command ${name}`);
  try {
    return await command(rest, environment, io);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // node's sentences about arguments run on with advice; the first says it all.
    const odd = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const message = odd ? `${error.message.split('. ')[0]}; ${name} --help lists the flags` : error.message;
    io.complain(`barewire ${name}: ${message}`);
    return 2;
  }
}
