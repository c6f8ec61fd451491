/**
 * Loaded before a test file in a dry run: when the process ends, writes which mutants it reached to the folder that
 * MUTANT_COVERAGE names, one file a process. Stryker's instrumented sources count on `globalThis.__stryker__`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.MUTANT_COVERAGE;
process.on('exit', () => {
  const ids = Object.keys(globalThis.__stryker__?.mutantCoverage?.static ?? {});
  if (folder === undefined || ids.length === 0) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(ids));
});
