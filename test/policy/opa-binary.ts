/**
 * A real `opa` for the tests: the one that $OPA names, or the first on the PATH, in $GOBIN or in Go's own folder.
 * Undefined where there is none; its users then report what they skip.
 */

import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.js';
import { isProgram, reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';

export const REGO = fileURLToPath(new URL('../../src/governance/policy/', import.meta.url));
export const POLICY = join(REGO, 'policy.rego');

export function findOpa(): string | undefined {
  const { OPA, PATH = '', GOBIN, GOPATH } = process.env;
  const folders = [...PATH.split(delimiter), GOBIN, join(GOPATH ?? join(homedir(), 'go'), 'bin')];
  const paths = folders.flatMap((folder) =>
    folder === undefined || folder === '' ? [] : [join(folder, 'opa')],
  );
  const found = (OPA === undefined || OPA === '' ? paths : [OPA]).find(isProgram);
  if (found === undefined) reportSkip('opa', 'there is no opa here; $OPA may name one');
  return found;
}

/** The result of one query for each of many inputs, in one run. */
export function evaluate(opa: string, inputs: readonly unknown[]): unknown[] {
  const query = '[decision | some each in input; decision := data.barewire.decision with input as each]';
  const args = ['eval', '--data', POLICY, '--stdin-input', '--format', 'raw', query];
  const run = spawnSync(opa, args, { input: JSON.stringify(inputs), encoding: 'utf8', maxBuffer: 1e9 });
  if (run.status !== 0) throw new Error(`opa eval ended with ${run.status}: ${run.stderr}`);
  const decisions: unknown = JSON.parse(run.stdout);
  if (!Array.isArray(decisions) || decisions.length !== inputs.length) {
    throw new Error('a decision was undefined');
  }
  return decisions;
}

export type OpaServer = { url: string; stop(): Promise<void> };

/** `opa run --server`, with a log of its decisions, so that each has an id. */
export async function serveOpa(opa: string, policies: readonly string[]): Promise<OpaServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options = [
    '--addr',
    `127.0.0.1:${port}`,
    '--log-level',
    'error',
    '--set',
    'decision_logs.console=true',
  ];
  const child = spawn(opa, ['run', '--server', '--disable-telemetry', ...options, ...policies], {
    stdio: 'ignore',
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await healthy(`${url}/health`);
  return {
    url,
    stop() {
      process.off('exit', kill);
      kill();
      return ended;
    },
  };
}

async function healthy(url: string): Promise<void> {
  await until(async () => (await fetch(url).catch(() => undefined))?.ok, 'opa has started');
}
