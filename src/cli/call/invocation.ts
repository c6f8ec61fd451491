/** What the words of a command line ask for: which server, and what to do there. */
import { didYouMean } from '../../wire/mcp/nearest.js';

/** Where the server is: an address, or a program to start. */
export type Target = { kind: 'http'; url: URL } | { kind: 'stdio'; command: readonly string[] };

export const PARTS = ['tools', 'resources', 'templates', 'prompts'] as const;
export type Part = (typeof PARTS)[number];

export type Action =
  /** `all`: the parts that the server does not have are not mentioned. */
  | { kind: 'list'; parts: readonly Part[]; all: boolean }
  | { kind: 'overview' }
  | { kind: 'tool'; name: string; words: readonly string[] }
  | { kind: 'read'; uri: string }
  | { kind: 'prompt'; name: string; words: readonly string[] };

export type Invocation = { target: Target; action: Action };

/** The command line is wrong. The message is for the person who wrote it. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** The words before `--`, and the command after it; undefined where there is no `--`. */
export function splitCommand(args: readonly string[]): {
  own: readonly string[];
  command: readonly string[] | undefined;
} {
  const at = args.indexOf('--');
  return at < 0 ? { own: args, command: undefined } : { own: args.slice(0, at), command: args.slice(at + 1) };
}

/** @throws WrongUsage */
export function readTarget(
  words: readonly string[],
  command: readonly string[] | undefined,
): { target: Target; rest: readonly string[] } {
  const [first, ...rest] = words;
  if (command !== undefined) {
    if (command.length === 0)
      throw new WrongUsage('after --: expected the command that starts the server, received nothing');
    if (first !== undefined && /^https?:\/\//i.test(first))
      throw new WrongUsage('expected a URL or a command after --, received both');
    return { target: { kind: 'stdio', command }, rest: words };
  }
  if (first === undefined)
    throw new WrongUsage('expected the URL of an MCP server, or -- and a command, received nothing');
  return { target: { kind: 'http', url: readUrl(first) }, rest };
}

/** `localhost:3000/mcp` is accepted too: on this machine it means http, elsewhere https. */
function readUrl(word: string): URL {
  const bare = !/^[a-z][a-z\d+.-]*:\/\//i.test(word);
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/i.test(word);
  // A dot alone makes no address: tools have names like postgres.query.
  const hasDomain = /^[\w.-]+\.[\w-]+(:\d+)?\/|^[\w.-]+\.[\w-]+:\d+$/.test(word);
  const text = !bare ? word : local ? `http://${word}` : hasDomain ? `https://${word}` : word;
  const expected = 'expected a URL such as https://example.com/mcp';
  if (!URL.canParse(text)) throw new WrongUsage(`${expected}, received ${JSON.stringify(word)}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new WrongUsage(`${expected}, received the protocol ${JSON.stringify(url.protocol.slice(0, -1))}`);
  if (url.username !== '' || url.password !== '')
    throw new WrongUsage(
      `${expected}, received one with a name or password in it; send them with --header 'Authorization: …'`,
    );
  return url;
}

/** @throws WrongUsage */
export function readCall(
  words: readonly string[],
  command: readonly string[] | undefined,
  { read, prompt }: { read?: string | undefined; prompt?: string | undefined } = {},
): Invocation {
  const { target, rest } = readTarget(words, command);
  if (read !== undefined && prompt !== undefined)
    throw new WrongUsage('--read and --prompt: expected one of them, received both');
  if (read !== undefined) {
    refuseMore(rest, '--read');
    return { target, action: { kind: 'read', uri: read } };
  }
  if (prompt !== undefined) return { target, action: { kind: 'prompt', name: prompt, words: rest } };
  const [name, ...more] = rest;
  if (name === undefined) return { target, action: { kind: 'overview' } };
  return { target, action: { kind: 'tool', name, words: more } };
}

/** @throws WrongUsage */
export function readList(
  words: readonly string[],
  command: readonly string[] | undefined,
  parts: readonly Part[],
): Invocation {
  const { target, rest } = readTarget(words, command);
  const [word] = rest;
  const flags = PARTS.map((part) => `--${part}`);
  if (word !== undefined)
    throw new WrongUsage(
      `list: expected no word after the server, received ${JSON.stringify(word)}${didYouMean(word, flags)}`,
    );
  const all = parts.length === 0;
  return { target, action: { kind: 'list', parts: all ? PARTS : parts, all } };
}

function refuseMore([word]: readonly string[], flag: string): void {
  if (word !== undefined)
    throw new WrongUsage(`${flag}: expected no further word, received ${JSON.stringify(word)}`);
}

/** How the target is written on a command line. */
export function targetText(target: Target): string {
  return target.kind === 'http' ? target.url.href : `-- ${target.command.join(' ')}`;
}
