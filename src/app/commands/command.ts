/**
 * The program's other commands: `audit …` reads the logs that the servers write, `policy explain` says why a call would be allowed or
 * refused, `slo` says whether a server has kept its promise. Three speak with other people's programs: `check` plays transcripts against
 * any server, `tap` shows what passes between a client and a server, `call` and `list` are a client. Exit codes: 0 for success, 1 for a
 * bad finding, 2 for a wrong command line; a command may have more.
 */
import type { Environment } from '../settings/sources.js';
import type { Io } from './io.js';

/** Resolves with the exit code. */
type Command = (args: readonly string[], environment: Environment, io: Io) => Promise<number>;

/** Each loads its own code, and nothing of the others. */
const COMMANDS = new Map<string | undefined, () => Promise<Command>>([
  ['audit', async () => (await import('./audit.js')).auditCommand],
  ['call', async () => (await import('./call.js')).callCommand],
  ['check', async () => (await import('./check.js')).checkCommand],
  ['config', async () => (await import('./config.js')).configCommand],
  ['list', async () => (await import('./call.js')).listCommand],
  ['policy', async () => (await import('./policy.js')).policyCommand],
  ['slo', async () => (await import('./slo.js')).sloCommand],
  ['tap', async () => (await import('./tap.js')).tapCommand],
]);

/** False when the arguments are for the server itself. */
export function isCommand([name]: readonly string[]): boolean {
  return COMMANDS.has(name);
}

export async function runCommand(
  [name, ...args]: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const load = COMMANDS.get(name);
  if (load === undefined) throw new RangeError(`there is no command ${name}`);
  try {
    const command = await load();
    return await command(args, environment, io);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    io.complain(`barewire ${name}: ${error.message}`);
    return 2;
  }
}
