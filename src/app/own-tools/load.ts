/**
 * The modules that `--tools` names: loaded, and checked tool by tool before anything is served. A message about a mistake begins with
 * the file, and with the line where that can be known.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Catalog } from '../../wire/mcp/catalog.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import { SchemaRefused } from '../../wire/schema/compile.js';
import { shorten } from '../../wire/value.js';
import { requireRegistrable } from '../endpoint.js';
import { strayErrors } from '../log/stray-errors.js';
import { sourcesOf } from './sources.js';

export type ToolModule = { file: string; tools: readonly Tool[] };

/** The message is for the author of the module. */
class ModuleRefused extends Error {
  override readonly name = 'ModuleRefused';
  constructor(file: string, line: string | undefined, problem: string) {
    const text = shorten(
      problem
        .split('\n')
        .map((line) => line.trim())
        .join(' '),
      500,
    );
    super(`--tools ${file}${line === undefined ? '' : `:${line}`}: ${text}`);
  }
}

/** Every exported object that looks like a tool is one. @throws ModuleRefused when a module cannot be loaded or exports no tool */
export function loadModules(files: readonly string[]): Promise<ToolModule[]> {
  return Promise.all(files.map((file) => loadModule(file)));
}

/**
 * A module may export tools one by one, in an array, or both.
 *
 * @param version another one loads the file again, and with `version-hook.ts` also its files that it imports
 */
export async function loadModule(file: string, version = 0): Promise<ToolModule> {
  const url = pathToFileURL(file).href;
  let module: object;
  try {
    module = await import(version === 0 ? url : `${url}?version=${version}`);
  } catch (error) {
    throw await importProblem(file, error);
  }
  const tools = Object.values(module).flat().filter(isTool);
  if (tools.length === 0)
    throw new ModuleRefused(
      file,
      undefined,
      'exports no tool; a tool is an object with name, title, description, scope, destructive, inputSchema and handler',
    );
  strayErrors.addModule({ url, tools: tools.map(({ name }) => String(name)) });
  return { file, tools };
}

/** `checkModules` looks at the rest. */
function isTool(value: unknown): value is Tool {
  if (typeof value !== 'object' || value === null) return false;
  return 'inputSchema' in value || ('handler' in value && 'name' in value);
}

/** @param builtin tools whose names are taken @throws ModuleRefused that names the tool and what to change */
export async function checkModules(modules: readonly ToolModule[], builtin: readonly Tool[]): Promise<void> {
  // Tools that change something go to another server than those that do not, so one of each may have the same name.
  const keyOf = ({ name, destructive }: Tool): string => `${destructive} ${name}`;
  const owners = new Map(builtin.map((tool) => [keyOf(tool), 'a built-in tool']));
  for (const { file, tools } of modules) {
    for (const tool of tools) {
      try {
        requireRegistrable(tool, true);
        new Catalog([tool]);
        const owner = owners.get(keyOf(tool));
        if (owner !== undefined) throw new SchemaRefused(`tool ${tool.name}: ${owner} has that name already`);
        owners.set(keyOf(tool), `another tool in ${file}`);
      } catch (error) {
        const source = await readFile(file, 'utf8').catch(() => '');
        throw new ModuleRefused(file, lineOfName(source, tool.name), messageOf(error));
      }
    }
  }
}

/** The last place where the source gives something that name. */
function lineOfName(source: string, name: unknown): string | undefined {
  const places = [...source.matchAll(/\bname\W{1,3}(['"`])(.*?)\1/g)].filter(([, , text]) => text === name);
  const at = places.at(-1)?.index;
  return at === undefined ? undefined : String(source.slice(0, at).split('\n').length);
}

async function importProblem(file: string, error: unknown): Promise<ModuleRefused> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?ts$/.test(file))
    return new ModuleRefused(
      file,
      undefined,
      `Node ${process.versions.node} does not run TypeScript; use Node 22.18 or later, or compile the file to JavaScript`,
    );
  if (code === 'ERR_MODULE_NOT_FOUND' && !existsSync(file))
    return new ModuleRefused(file, undefined, 'no such file');
  const kind = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  const problem = `${kind}${messageOf(error)}`;
  if (error instanceof Error)
    for (const [part, source] of await sourcesOf(file).catch(() => new Map<string, string>())) {
      const line = lineOfError(part, error) ?? (await lineOfSyntaxError(source, error));
      if (line !== undefined) return new ModuleRefused(part === resolve(file) ? file : part, line, problem);
    }
  return new ModuleRefused(file, undefined, problem);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** From the stack, which may name the file by its path or its URL. */
function lineOfError(file: string, error: Error): string | undefined {
  const stack = String(error.stack);
  const [, after = ''] = stack.split(pathToFileURL(file).pathname);
  const [, afterPath = ''] = stack.split(resolve(file));
  return /^(?:\?[^:\s]*)?:(\d+)/.exec(after || afterPath)?.[1];
}

/** Node keeps the place of a syntax error in an imported module to itself, but tells it about a program that it only checks. */
async function lineOfSyntaxError(source: string, error: Error): Promise<string | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '--check'], (_, __, stderr) =>
      resolve(/^\[stdin\]:(\d+)/m.exec(stderr)?.[1]),
    );
    child.stdin?.on('error', () => {}).end(source);
  });
}

/** What most model APIs accept as the name of a function. MCP also allows dots, and 128 characters. */
const MODEL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SHOWN = 5;

/** One line about all names that hosts must change before a model can call them, if there are any. */
export function nameWarning(names: readonly string[]): string | undefined {
  const unsuitable = names.filter((name) => !MODEL_NAME.test(name));
  if (unsuitable.length === 0) return undefined;
  const shownNames = unsuitable.slice(0, MAX_SHOWN).map((name) => shorten(JSON.stringify(name), 80));
  const more =
    unsuitable.length > shownNames.length ? ` and ${unsuitable.length - shownNames.length} more` : '';
  return `most model APIs take names of 1 to 64 letters, digits, _ and - only; for other names, some hosts rename the tool and some fail: ${shownNames.join(', ')}${more}`;
}
