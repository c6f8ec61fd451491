/** The verifier in Python, which shares no code with ours, beside `audit verify`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { auditVerify } from '../../src/governance/audit/command.js';
import { createHeadVerifier } from '../../src/governance/audit/signed-head.js';

const SCRIPT = fileURLToPath(new URL('../../spec-fixtures/13-the-audit-trail/verify.py', import.meta.url));

export function verifyInPython(dir: string, keysFile?: string): { code: number | null; output: string } {
  const args = keysFile === undefined ? [] : [keysFile];
  const { status, stdout, stderr } = spawnSync('python3', ['-B', SCRIPT, dir, ...args], { encoding: 'utf8' });
  assert.is(stderr, '');
  return { code: status, output: stdout };
}

export async function verifyHere(
  dir: string,
  log?: string,
  keySet?: unknown,
): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const verifyHead = keySet === undefined ? undefined : await createHeadVerifier(keySet);
  const code = await auditVerify({ dir, log, verifyHead }, (line) => lines.push(line));
  return { code, output: lines.map((line) => `${line}\n`).join('') };
}
