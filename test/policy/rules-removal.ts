/**
 * Takes each rule out of a copy of the policy, once in TypeScript and once in Rego, and runs the test that should notice. A test that does
 * not fail without its rule proves nothing.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, type Row, rows, type Standing } from './rules-rows.js';

export type Proof = {
  id: string;
  language: 'TypeScript' | 'Rego';
  test: string;
  noticed: boolean;
  told: string;
};

/** `opa` is the path of the binary; without one only TypeScript is proved. */
export function proveAll(opa: string | undefined): Proof[] {
  const copy = mkdtempSync(join(tmpdir(), 'rules-removal-'));
  try {
    for (const folder of ['src', 'test', 'spec-fixtures'])
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    return rows().flatMap((row) => [
      prove(copy, row, 'TypeScript', row.typescript, withoutTypeScript, runTypeScript),
      ...(opa === undefined ? [] : [prove(copy, row, 'Rego', row.rego, withoutRego, runRego(opa))]),
    ]);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** What a run of the tests says, and whether all of them passed. */
type Run = (copy: string, standing: Standing) => { passed: boolean; output: string };

function prove(
  copy: string,
  { id }: Row,
  language: Proof['language'],
  standing: Standing,
  without: (text: string, id: string) => string,
  run: Run,
): Proof {
  const path = join(copy, standing.file);
  const whole = readFileSync(path, 'utf8');
  const { test } = standing;
  // The control: with the rule nothing fails.
  const before = run(copy, standing);
  if (!before.passed)
    return { id, language, test, noticed: false, told: `fails with the rule: ${before.output}` };
  try {
    writeFileSync(path, without(whole, id));
    const { passed, output } = run(copy, standing);
    const noticed = !passed && output.includes(test);
    return { id, language, test, noticed, told: noticed ? 'fails' : `does not fail: ${output}` };
  } finally {
    writeFileSync(path, whole);
  }
}

function withoutTypeScript(text: string, id: string): string {
  if (id === 'mask')
    return replaced(text, /return scopes\.includes\(READ_PERSONAL_DATA\).*;/, 'return scopes.slice(0, 0);');
  return replaced(text, new RegExp(`  \\{\\n    id: '${id}',[\\s\\S]*?\\n  \\},\\n`), '');
}

function withoutRego(text: string, id: string): string {
  if (id === 'mask')
    return replaced(text, /^mask := personal_columns if/m, 'mask := array.slice(personal_columns, 0, 0) if');
  return replaced(text, new RegExp(`^\\t"${id}",\\n`, 'm'), '');
}

function replaced(text: string, part: RegExp, by: string): string {
  if (!part.test(text)) throw new Error(`nothing is like ${part}`);
  return text.replace(part, by);
}

const runTypeScript: Run = (copy, { testFile }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', testFile], {
    cwd: copy,
    encoding: 'utf8',
  });
  // The titles of what failed, and no others.
  const failed = stdout.split('\n').filter((line) => /\bFAIL\b/.test(line));
  return { passed: status === 0, output: failed.join('\n') || stderr };
};

const runRego =
  (opa: string): Run =>
  (copy) => {
    const { status, stdout, stderr } = spawnSync(opa, ['test', join(copy, 'src/governance/policy')], {
      encoding: 'utf8',
    });
    const failed = stdout.split('\n').filter((line) => /: FAIL/.test(line));
    return { passed: status === 0, output: failed.join('\n') || stderr };
  };
