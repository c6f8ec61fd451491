/** Somebody's own tools: the modules that `--tools` names, taken as they are when they export what looks like a tool. */
import { pathToFileURL } from 'node:url';
import type { Tool } from './mcp/tool.js';
import { strayErrors } from './stray-errors.js';

/** @throws Error that names the file when it cannot be loaded or exports no tool. */
export async function loadTools(files: readonly string[]): Promise<Tool[]> {
  return (await Promise.all(files.map(loadFile))).flat();
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
