/** The tracked files of this checkout, for tests that compare texts with the tree. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.js';
import { type Tree, treeOf } from './references.js';

let files: string[] | undefined;

/** New files count before they are committed, and deleted ones no longer do. */
export function trackedFiles(): string[] {
  files ??= listFiles();
  return files;
}

function listFiles(): string[] {
  const listing = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listing.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
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
