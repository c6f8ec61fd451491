/**
 * Reads the arguments of a call from words: one JSON object, a file, stdin, and `name=value` pairs, whose values become what
 * the tool's input schema asks for.
 */
import { readFileSync, statSync } from 'node:fs';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, kindOf, shorten } from '../../wire/value.js';
import { WrongUsage } from './invocation.js';
import { type Kind, kindsOf, propertyOf } from './kinds.js';

/** More would be no arguments of a person; a server refuses far less. */
export const MAX_BYTES = 16 * 1024 * 1024;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * @param schema of the arguments, or undefined where nobody knows it
 * @param readStdin called at most once, for the word `-`
 * @throws WrongUsage
 */
export async function readArguments(
  words: readonly string[],
  schema: unknown,
  readStdin: () => Promise<string>,
): Promise<JsonObject> {
  const args: JsonObject = {};
  const argumentNames = new Set<string>();
  const set = (name: string, value: unknown): void => {
    // Not args[name] = value, which would change the prototype for a member called __proto__.
    Object.defineProperty(args, name, { value, enumerable: true, writable: true, configurable: true });
  };
  for (const [at, word] of words.entries()) {
    const whole = await wholeObject(word, readStdin);
    if (whole !== undefined) {
      if (at > 0) throw new WrongUsage(`${whole.origin}: expected only name=value after the first word`);
      for (const [name, value] of Object.entries(whole.value)) set(name, value);
      continue;
    }
    const [, name = '', raw, text = ''] = /^([^=]+?)(:?)=(.*)$/s.exec(word) ?? [];
    if (name === '')
      throw new WrongUsage(
        `arguments: expected JSON, name=value, @FILE or -, received ${JSON.stringify(shorten(word, 60))}`,
      );
    const part = propertyOf(schema, name);
    const kinds = kindsOf(part);
    const isList = raw === '' && kinds.has('array') && !kinds.has('string') && !/^\s*\[/.test(text);
    if (!isList && argumentNames.has(name)) throw new WrongUsage(`${name}: expected one value, received two`);
    if (isList) {
      const before = argumentNames.has(name) ? args[name] : [];
      const item = typedValue(text, kindsOf(isRecord(part) ? part.items : undefined));
      set(name, [...(Array.isArray(before) ? before : []), item]);
    } else set(name, raw === ':' ? rawValue(name, text) : typedValue(text, kinds));
    argumentNames.add(name);
  }
  return args;
}

/** The text as the first kind that it can be. Text that fits none stays text, and the schema's check says what is wrong. */
export function typedValue(text: string, kinds: ReadonlySet<Kind>): unknown {
  if (kinds.has('string')) return text;
  const any = kinds.size === 0;
  if ((any || kinds.has('number')) && NUMBER.test(text)) {
    const value = jsonOf(text);
    if (value !== undefined) return value;
  }
  if ((any || kinds.has('boolean')) && /^(true|false)$/.test(text)) return text === 'true';
  if ((any || kinds.has('null')) && text === 'null') return null;
  if (
    ((any || kinds.has('array')) && /^\s*\[/.test(text)) ||
    ((any || kinds.has('object')) && /^\s*\{/.test(text))
  )
    return jsonOf(text) ?? text;
  return text;
}

/** Undefined also where reading the text would change it, as with a number of twenty digits. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function rawValue(name: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new WrongUsage(`${name}: expected JSON after :=; ${reasonOf(error)}`, { cause: error });
  }
}

async function wholeObject(
  word: string,
  readStdin: () => Promise<string>,
): Promise<{ origin: string; value: JsonObject } | undefined> {
  if (word === '-') return { origin: '-', value: objectOf('stdin', await readStdin()) };
  if (word.startsWith('@')) return { origin: word, value: objectOf(word, readFile(word.slice(1))) };
  if (/^\s*[{[]/.test(word)) return { origin: 'arguments', value: objectOf('arguments', word) };
  return undefined;
}

function objectOf(origin: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new WrongUsage(`${origin}: expected a JSON object; ${reasonOf(error)}`, { cause: error });
  }
  if (isRecord(value)) return value;
  throw new WrongUsage(`${origin}: expected a JSON object, received ${kindOf(value)}`);
}

function readFile(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES)
      throw new WrongUsage(`@${path}: expected at most ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof WrongUsage) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : reasonOf(error);
    throw new WrongUsage(`@${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
