/** Decides many questions with policy files: the program `opa` evaluates them once for all of them, and no server runs. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { shorten } from '../../../wire/value.js';
import type { Question } from '../question.js';
import { type OpaDecision, OpaFailed, opaInput, readOpaAnswer } from './ask.js';

/** Each decision in an array of its own, which is empty where the policy gives none. */
const queryOf = (name: string): string =>
  `[found | some each in input; found := [decision | decision := data.${name}.decision with input as each]]`;
const PACKAGE = /^package ([\w.]+)$/m;
const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * The package of the last file decides, which may build on the others.
 *
 * @throws RangeError when there is no `opa`, or it cannot read the policy
 */
export async function evaluatePolicy(
  files: readonly string[],
  questions: readonly Question[],
): Promise<(OpaDecision | OpaFailed)[]> {
  const [, name = 'barewire'] = PACKAGE.exec(await readFile(files.at(-1) ?? '', 'utf8')) ?? [];
  const data = files.flatMap((file) => ['--data', file]);
  const args = ['eval', ...data, '--stdin-input', '--format', 'raw', queryOf(name)];
  const output = await run(args, JSON.stringify(questions.map(opaInput)));
  const results: unknown = JSON.parse(output);
  if (!Array.isArray(results) || results.length !== questions.length)
    throw new Error('opa left out a decision');
  return results.map(([result]) => {
    try {
      return readOpaAnswer(200, JSON.stringify({ result }));
    } catch (error) {
      if (error instanceof OpaFailed) return error;
      throw error;
    }
  });
}

function run(args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('opa', args, { maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT')
        reject(
          new RangeError('--policy: needs the program opa (Open Policy Agent), which is not on the PATH'),
        );
      else
        reject(
          new RangeError(
            `--policy: opa cannot decide: ${shorten((stderr || stdout || error.message).trim(), 500)}`,
          ),
        );
    });
    // An opa that cannot read the policy ends without reading the questions; its own message says why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
