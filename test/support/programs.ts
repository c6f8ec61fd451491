/**
 * Programs that tests use and a machine may lack. One that is missing is a skip with its reason: never a failure, and never a
 * pass. run.ts gathers the lines that are written here into one list at its end.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps servers outside the PATH of an ordinary user. */
const BESIDE = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where the program is; undefined where there is none, or only an empty file of that name. */
export function findProgram(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...more, ...(process.env.PATH ?? '').split(delimiter), ...BESIDE];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const found = statSync(path);
    return found.isFile() && found.size > 0;
  } catch {
    return false;
  }
}

/** What run.ts looks for in the output of a file. */
export const SKIPPED = 'SKIPPED ';

/** Says that tests are skipped, and why. `what` is a suite, or a part of one. */
export function reportSkip(what: string, why: string): void {
  console.log(`${SKIPPED}${what}: ${why}`);
}

/** Ends a whole file that cannot run here, in the form that run.ts counts: one skip. */
export function skipFile(what: string, why: string): never {
  reportSkip(what, why);
  console.log('  Total:     0\n  Passed:    0\n  Skipped:   1');
  process.exit(0);
}

/** Skips the whole file unless all of these programs are here. */
export function needPrograms(what: string, ...names: readonly string[]): void {
  const lacking = names.filter((name) => findProgram(name) === undefined);
  if (lacking.length > 0) skipFile(what, `there is no ${lacking.join(', no ')} here`);
}

type Register<Test> = { (name: string, run: Test): void; skip: (name?: string, run?: Test) => void };

/** `test`, or `test.skip` where one of the programs is missing, with a note. */
export function needing<Test>(
  test: Register<Test>,
  what: string,
  ...names: readonly string[]
): (name: string, run: Test) => void {
  const lacking = names.filter((name) => findProgram(name) === undefined);
  if (lacking.length === 0) return test;
  reportSkip(what, `there is no ${lacking.join(', no ')} here`);
  return (name, run) => test.skip(name, run);
}
