/** Reads the command line and the environment into a configuration, or into one line that says what is wrong. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../../wire/mcp/nearest.js';
import { type Config, readConfig, SETTINGS, TOPICS, type Topic } from './config.js';
import {
  flagsOf,
  holdsPassword,
  SERVERS,
  type ServerName,
  type Setting,
  type Source,
  WrongSetting,
} from './setting.js';
import { type Environment, type Flags, openSources, refuseSecrets, type Warn } from './sources.js';

type Options = { [flag: string]: { type: 'boolean' | 'string'; short?: string; multiple?: boolean } };

/** A setting that a flag, a variable or a file sets. */
export type SourcedSetting = { setting: Setting; source: Source };

export type Arguments =
  | { kind: 'run'; config: Config }
  /** About one topic, or about all of them. */
  | { kind: 'help'; topic?: Topic }
  | { kind: 'version' }
  | { kind: 'wrong'; message: string };

/** The program's other commands, which read their own arguments. */
export const COMMANDS = ['audit', 'call', 'check', 'config', 'list', 'policy', 'slo', 'tap'];

const OPTIONS: Options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  ...Object.fromEntries(
    SETTINGS.flatMap((setting) => {
      const type = setting.type.placeholder === undefined ? 'boolean' : 'string';
      return flagsOf(setting).map((flag) => [flag, { type }]);
    }),
  ),
};

/** @param warn gets a line about each secret that other users can read, and about secrets that are not needed */
export function readArguments(
  argv: readonly string[],
  environment: Environment,
  warn: Warn = (line) => console.error(`barewire: ${line}`),
): Arguments {
  try {
    refuseSecrets(argv, SETTINGS);
    const { values: flags, positionals } = parseFlags(argv, OPTIONS, '--help', true);
    const [word] = positionals;
    if (flags.help === true)
      return word === undefined ? { kind: 'help' } : { kind: 'help', topic: topicOf(word) };
    if (word !== undefined)
      refuseWord(
        word,
        `flags, or one of the commands ${COMMANDS.join(', ')}`,
        COMMANDS,
        '--help lists the flags',
      );
    if (flags.version === true) return { kind: 'version' };
    return { kind: 'run', config: readConfiguration(flags, environment, warn).config };
  } catch (error) {
    if (error instanceof WrongSetting) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

/** The configuration, and what it is made from. @throws WrongSetting */
function readConfiguration(
  flags: Flags,
  environment: Environment,
  warn: Warn,
): { config: Config; settings: SourcedSetting[] } {
  const settings: SourcedSetting[] = [];
  const find = openSources(flags, environment, warn);
  const config = readConfig((setting) => {
    const source = find(setting);
    if (source !== undefined) settings.push({ setting, source });
    return source;
  });
  warnOfNeedlessSecrets(config, settings, warn);
  return { config, settings };
}

/** The same for a command that does not start servers, with what the configuration is made from. @throws WrongSetting */
export function readSettings(
  argv: readonly string[],
  environment: Environment,
  warn: Warn,
): { config: Config; settings: readonly SourcedSetting[] } {
  refuseSecrets(argv, SETTINGS);
  return readConfiguration(parseFlags(argv, OPTIONS, '--help').values, environment, warn);
}

function topicOf(word: string): Topic {
  const names = TOPICS.map(({ name }) => name);
  return (
    TOPICS.find(({ name }) => name === word) ??
    refuseWord(word, 'a topic after --help', names, `the topics are ${names.join(', ')}`)
  );
}

/**
 * One store of secrets for all services is convenient, but it makes a readonly replica as valuable to an attacker as the one that
 * approves calls.
 */
function warnOfNeedlessSecrets(
  { only, stdio }: Config,
  settings: readonly SourcedSetting[],
  warn: Warn,
): void {
  const service = only ?? (stdio ? 'readonly' : undefined);
  if (service === undefined) return;
  const needless = settings.filter(({ setting: { neededBy } }) => neededBy?.includes(service) === false);
  if (needless.length === 0) return;
  const variables = needless.map(({ setting }) => setting.variable).join(', ');
  warn(`the ${service} service does not need ${variables}; leave them out`);
}

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
    if (flag === undefined) throw new WrongSetting((readWrongValue(message) ?? message) + advice);
    const flags = Object.keys(options).map((name) => `--${name}`);
    throw new WrongSetting(`unknown flag --${flag}${didYouMean(flag, flags) || advice}`);
  }
}

/** What Node says of a flag with too few or too many values, in the form of our own messages. */
function readWrongValue(message: string): string | undefined {
  const [, flag, problem = ''] = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' ([^.]+)/.exec(message) ?? [];
  if (flag === undefined) return undefined;
  if (problem === 'argument missing') return `${flag}: expected a value, received nothing`;
  if (problem === 'argument is ambiguous')
    return `${flag}: expected a value, received a flag; write ${flag}=VALUE if the value begins with a dash`;
  return problem === 'does not take an argument' ? `${flag}: expected no value, received one` : undefined;
}

/** @throws WrongSetting that suggests one of `names`, or else gives the advice */
export function refuseWord(word: string, expected: string, names: readonly string[], advice: string): never {
  const quotedWord = holdsPassword(word) ? 'another word' : JSON.stringify(word);
  const received = word === '' ? 'nothing' : quotedWord;
  const suggestion = didYouMean(word, names) || `; ${advice}`;
  throw new WrongSetting(`expected ${expected}, received ${received}${suggestion}`);
}

/** Reads the flag `--server` of a command. @throws RangeError */
export function readServerName(text: string): ServerName {
  const server = SERVERS.find((name) => name === text);
  if (server !== undefined) return server;
  throw new RangeError(`--server: expected ${SERVERS.join(' or ')}, received "${text}"`);
}
