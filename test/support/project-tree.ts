/** The files of this checkout, for tests that compare texts with the tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.js';
import { type Tree, treeOf } from './references.js';

let files: string[] | undefined;

/** What installing and building makes, and git's own folder. */
const MADE = new Set(['node_modules', 'dist', '.git', '.mutants']);

/** New files count before they are committed, and deleted ones no longer do. It needs no git, which not every machine has. */
export function trackedFiles(): string[] {
  files ??= listFiles('');
  return files;
}

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name)) return [];
    const path = `${folder}${entry.name}`;
    return entry.isDirectory() ? listFiles(`${path}/`) : [path];
  });
}

export function projectTree(): Tree {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: { [name: string]: string } };
  return treeOf(trackedFiles(), Object.keys(scripts));
}

export function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Lines of a file, or of all TypeScript files in a folder. */
export function linesOf(path: string): number {
  const folder = path.endsWith('/') ? path : `${path}/`;
  const counted = trackedFiles().filter(
    (file) => file === path || (file.startsWith(folder) && file.endsWith('.ts')),
  );
  return counted.reduce((sum, file) => sum + readText(file).split('\n').length - 1, 0);
}
