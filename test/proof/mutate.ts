/**
 * Changes one place in a copy of the sources and runs a test or transcripts that should fail. This is for violations that no
 * proxy can commit, because they change the server's internal state and not its messages.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../src/lesson/files.js';
import type { Mutation } from './violation.js';

const MAX_RUN_MS = 120_000;

export async function runMutation(
  mutation: Mutation,
  files: string[],
): Promise<{ noticed: boolean; by: string }> {
  const copy = await mkdtemp(join(tmpdir(), 'proof-'));
  try {
    for (const folder of ['src', 'test', 'spec-fixtures'])
      await cp(join(ROOT, folder), join(copy, folder), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(copy, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const path = join(copy, mutation.file);
    const whole = await readFile(path, 'utf8');
    const changed = whole.replace(mutation.from, mutation.to);
    if (changed === whole)
      return { noticed: false, by: `nothing in ${mutation.file} is like ${mutation.from}` };
    // The control: with the sources as they are nothing fails.
    const before = await run(copy, mutation, files);
    if (!before.passed) return { noticed: false, by: `fails without the change: ${before.told}` };
    await writeFile(path, changed);
    const { passed, told } = await run(copy, mutation, files);
    const title = mutation.test?.title ?? 'FAIL';
    if (passed || !told.includes(title)) return { noticed: false, by: `passes all the same: ${told}` };
    return { noticed: true, by: mutation.test === undefined ? told : `${mutation.test.file}: ${title}` };
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** Runs beside the plays of others, which must not wait for it. */
async function run(
  copy: string,
  { test }: Mutation,
  files: string[],
): Promise<{ passed: boolean; told: string }> {
  const args = test === undefined ? ['test/proof/play.ts', ...files] : [test.file];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: copy, timeout: MAX_RUN_MS });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  const failed = stdout.split('\n').filter((line) => /\bFAIL\b/.test(line));
  return { passed: status === 0, told: failed.join('; ').trim() || stderr.slice(-300) };
}
