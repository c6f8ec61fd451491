/** Somebody's own tools: the modules that `--tools` names, taken as they are when they export what looks like a tool. */
import { pathToFileURL } from 'node:url';
import type { Tool } from '../wire/mcp/definitions.js';
import { shorten } from '../wire/value.js';
import { strayErrors } from './stray-errors.js';

/** @throws Error that names the file when it cannot be loaded or exports no tool. */
export async function loadTools(
  files: readonly string[],
  warn: (line: string) => void = () => {},
): Promise<Tool[]> {
  const tools = (await Promise.all(files.map(loadFile))).flat();
  const warning = nameWarning(tools.map(({ name }) => String(name)));
  if (warning !== undefined) warn(warning);
  return tools;
}

/** What the APIs of most models take as a function's name; MCP also allows dots, and 128 characters. */
const MODEL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SHOWN = 5;

/** One line about all names that hosts have to rename before a model can call them, if there are any. */
export function nameWarning(names: readonly string[]): string | undefined {
  const odd = names.filter((name) => !MODEL_NAME.test(name));
  if (odd.length === 0) return undefined;
  const shown = odd.slice(0, MAX_SHOWN).map((name) => shorten(JSON.stringify(name), 80));
  const more = odd.length > shown.length ? ` and ${odd.length - shown.length} more` : '';
  return `--tools: most model APIs take names of 1 to 64 letters, digits, _ and - only; some hosts rename others, some fail: ${shown.join(', ')}${more}`;
}

// A tool module exports tools one by one, in an array, or both.
async function loadFile(file: string): Promise<Tool[]> {
  const url = pathToFileURL(file).href;
  const module: object = await import(url);
  const tools = Object.values(module).flat().filter(isTool);
  strayErrors.know({ url, tools: tools.map(({ name }) => String(name)) });
  if (tools.length > 0) return tools;
  throw new Error(
    `--tools ${file}: exports no tool; a tool is an object with name, title, description, scope, destructive, inputSchema and handler`,
  );
}

/** What is missing from it is found where it is registered, and named there. */
function isTool(value: unknown): value is Tool {
  if (typeof value !== 'object' || value === null) return false;
  return 'inputSchema' in value || ('handler' in value && 'name' in value);
}
