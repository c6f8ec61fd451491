/** Parses a command line, and suggests what an unknown word was probably meant to be. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../../wire/mcp/nearest.js';
import { holdsPassword, WrongSetting } from './setting.js';

export type Options = { [flag: string]: { type: 'boolean' | 'string'; short?: string } };
type Parsed<Known extends Options> = ReturnType<
  typeof parseArgs<{ options: Known; allowPositionals: boolean }>
>;

/**
 * @param help the command that lists the flags
 * @param allowWords whether arguments may also be words without dashes
 * @throws WrongSetting with one line for the user
 */
export function parseFlags<const Known extends Options>(
  args: readonly string[],
  options: Known,
  help: string,
  allowWords = false,
): Parsed<Known> {
  const advice = `; ${help} lists the flags`;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: allowWords });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Node's message goes on with advice after the first sentence.
    const [message = ''] = error.message.split('. ');
    if (args.some((word) => holdsPassword(word) && message.includes(word)))
      throw new WrongSetting(`unexpected argument${advice}`);
    const [, flag] = /^Unknown option '--([^']*)'$/.exec(message) ?? [];
    if (flag === undefined) throw new WrongSetting(message + advice);
    const flags = Object.keys(options).map((name) => `--${name}`);
    throw new WrongSetting(`unknown flag --${flag}${didYouMean(flag, flags) || advice}`);
  }
}

/** @throws WrongSetting that suggests one of `names`, or else gives the advice */
export function refuseWord(word: string, expected: string, names: readonly string[], advice: string): never {
  const received = holdsPassword(word) ? 'another word' : JSON.stringify(word);
  const suggestion = didYouMean(word, names) || `; ${advice}`;
  throw new WrongSetting(`expected ${expected}, received ${received}${suggestion}`);
}
