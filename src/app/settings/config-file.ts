/**
 * A configuration file: JSON with comments, whose members have the names of the flags. It holds no secrets:
 * `"slack-signing-secret-file"` and the like name the files that do.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Jsonc from 'jsonc-parser';
import { didYouMean } from '../../wire/mcp/nearest.js';
import { isRecord, kindOf } from '../../wire/value.js';
import { CONFIG_FILE, SETTINGS } from './config.js';
import { flagsOf, type Setting, type Source, WrongSetting } from './setting.js';

/** The value of each member as the text of a flag, by the name of the flag. */
export type FileValues = ReadonlyMap<string, Source>;

const MAX_BYTES = 1024 * 1024;
const SCHEMA = '$schema';

/** @throws WrongSetting that names the file and the line */
export function readConfigFile(path: string): FileValues {
  const text = readText(path);
  // Loaded here, so that a start without a file does not pay for it.
  const { parseTree, getNodeValue, printParseErrorCode }: typeof Jsonc = createRequire(import.meta.url)(
    'jsonc-parser',
  );
  const at = (offset: number): string => `${path}:${text.slice(0, offset).split('\n').length}`;
  const errors: Jsonc.ParseError[] = [];
  let root: Jsonc.Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    throw new WrongSetting(`${path}: expected settings, received JSON that nests too deeply`);
  }
  const [first] = errors;
  if (first !== undefined) {
    // The parser's codes are words such as ColonExpected.
    const problem = printParseErrorCode(first.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
    throw new WrongSetting(`${at(first.offset)}: not JSON: ${problem}`);
  }
  if (root?.type !== 'object')
    throw new WrongSetting(`${path}: expected an object with settings, received ${root?.type ?? 'nothing'}`);
  const sources = new Map<string, Source>();
  for (const { offset, children: [key, value] = [] } of root.children ?? []) {
    const name = String(key?.value);
    const origin = `${at(offset)}: "${name}"`;
    if (name === SCHEMA) continue;
    const setting = BY_NAME.get(name);
    if (setting === undefined)
      throw new WrongSetting(`${at(offset)}: unknown setting "${name}"${suggest(name)}`);
    if (sources.has(name)) throw new WrongSetting(`${origin}: expected once, received twice`);
    const content = textOf(value === undefined ? undefined : getNodeValue(value), origin);
    refuseSecret(setting, name, content, origin);
    sources.set(name, { origin, text: content });
  }
  return sources;
}

const IN_FILES = SETTINGS.filter((setting) => setting !== CONFIG_FILE);
const BY_NAME = new Map([
  ...IN_FILES.flatMap((setting) => flagsOf(setting).map((name) => [name, setting] as const)),
  // Their flags do not exist, and the file explains why as the command line does.
  ...IN_FILES.filter(({ type }) => type.secret === true).map((setting) => [setting.flag, setting] as const),
]);

function suggest(name: string): string {
  return (
    didYouMean(name, [...BY_NAME.keys()]) || '; --help lists the flags, and a member has the name of a flag'
  );
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES)
      throw new WrongSetting(`--config ${path}: expected at most ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if (error instanceof WrongSetting) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new WrongSetting(
      `--config ${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`,
    );
  }
}

/** Lists are written as arrays and tables as objects; a flag has both as text. */
function textOf(value: unknown, origin: string): string {
  if (Array.isArray(value)) return value.map((item) => atomOf(item, origin)).join(',');
  if (!isRecord(value)) return atomOf(value, origin);
  return Object.entries(value)
    .map(([key, item]) => {
      const texts = Array.isArray(item) ? item.map((one) => atomOf(one, origin)) : [atomOf(item, origin)];
      return `${key}=${texts.join('+')}`;
    })
    .join(',');
}

function atomOf(value: unknown, origin: string): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  throw new WrongSetting(`${origin}: expected a text, a number, true or false, received ${kindOf(value)}`);
}

function refuseSecret({ flag, type }: Setting, name: string, text: string, origin: string): void {
  const { secret } = type;
  if (secret === undefined || name !== flag || (secret !== true && !secret(text))) return;
  throw new WrongSetting(
    `${origin}: expected no secret in this file; put it into a file of its own, and name that with "${flag}-file"`,
  );
}
