#!/usr/bin/env node
/**
 * The entry, as small as it can be: node opens the files of all modules that stand in an import at once, so that where few
 * files may be open nothing else could say what is wrong.
 */
import { fileLimitProblem } from './app/open-files.js';

try {
  await import('./app/program.js');
} catch (error) {
  const limited = fileLimitProblem(error);
  if (limited === undefined) throw error;
  console.error(`barewire: ${limited}`);
  process.exitCode = 2;
}
