#!/usr/bin/env node
/**
 * The entry, as small as it can be: an old version of Node could not load more than this. And node opens the files of all
 * modules that stand in an import at once, so that where few files may be open nothing else could say what is wrong.
 */
import { openCompileCache } from './app/compile-cache.js';
import { nodeProblem } from './app/node-version.js';
import { fileLimitProblem } from './app/open-files.js';

const tooOld = nodeProblem(process.versions.node);
try {
  if (tooOld === undefined) {
    openCompileCache(process.env);
    await import('./app/program.js');
  } else refuse(tooOld);
} catch (error) {
  const limited = fileLimitProblem(error);
  if (limited === undefined) throw error;
  refuse(limited);
}

function refuse(problem: string): void {
  console.error(`barewire: ${problem}`);
  process.exitCode = 2;
}
