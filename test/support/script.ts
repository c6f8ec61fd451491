/** How a test starts a TypeScript file of this repository in a process of its own: as compile.ts has compiled it, or with tsx. */
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This module keeps its own URL when it is compiled. */
const isCompiled = !import.meta.url.endsWith('.ts');
const here = fileURLToPath(new URL('../..', import.meta.url));

/** Where compile.ts puts what it makes. */
export const COMPILED = isCompiled ? here : join(here, 'node_modules/.cache/barewire-tests');
const ROOT = isCompiled ? resolve(here, '../../..') : here;

export function compiledPath(path: string): string {
  return join(COMPILED, relative(ROOT, path).replace(/\.ts$/, '.js'));
}

/** The module that Node loads for a file. A relative path starts at the root of the repository. */
export function modulePath(path: string): string {
  const file = resolve(ROOT, path);
  return isCompiled ? compiledPath(file) : file;
}

/** What `node` needs before it can load such a module. */
export const LOADER: readonly string[] = isCompiled ? [] : ['--import', 'tsx'];

/** The arguments with which `node` runs a file. */
export const scriptArguments = (path: string): string[] => [...LOADER, modulePath(path)];
