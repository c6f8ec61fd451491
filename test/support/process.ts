/** Runs the built server as its users do, and waits for the same events. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Ended = { code: number | null; stdout: string; stderr: string };
export type Process = {
  child: ChildProcess;
  output: () => string;
  /** The stderr output so far. */
  errors: () => string;
  seen: (text: string) => Promise<void>;
  ended: Promise<Ended>;
};

const stateHome = mkdtempSync(join(tmpdir(), 'barewire-test-state-'));
process.once('exit', () => rmSync(stateHome, { recursive: true, force: true }));

/** The authorization server's keys are made in a folder of the test file's own. */
export const FREE_PORTS = {
  BAREWIRE_READONLY_PORT: '0',
  BAREWIRE_DESTRUCTIVE_PORT: '0',
  BAREWIRE_AUTHSERVER_PORT: '0',
  BAREWIRE_REGISTRY_PORT: '0',
  XDG_STATE_HOME: stateHome,
};

export function runServer(args: readonly string[], env: { [name: string]: string } = {}): Process {
  // One of its own: two processes may not share it.
  const registry = mkdtempSync(join(tmpdir(), 'barewire-test-registry-'));
  const started = run(process.execPath, ['dist/server.js', ...args], {
    ...FREE_PORTS,
    BAREWIRE_REGISTRY_DIR: registry,
    ...env,
  });
  void started.ended.then(() => rmSync(registry, { recursive: true, force: true }));
  return started;
}

export function run(
  command: string,
  args: readonly string[],
  env: { [name: string]: string } = {},
  cwd = ROOT,
): Process {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    // The authorization server's library warns on Node 20, which it does not list; our tests run there all the same.
    const own = (): string => stderr.replace(/^oidc-provider WARNING: Unsupported runtime.*\n/m, '');
    child.on('close', (code) => resolve({ code, stdout, stderr: own() }));
  });
  const seen = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`it ended without saying ${JSON.stringify(text)}: ${stdout}${stderr}`)),
      );
    });
  return { child, output: () => stdout, errors: () => stderr, seen, ended };
}

/** The commands that the lesson gives to paste: one that gets a token, and a call. Each ends with an empty line. */
export function printedCommands(output: string): { token: string; call: string } {
  const [token = ''] = /^TOKEN=.*?(?=\n\n)/ms.exec(output) ?? [];
  const [call = ''] = /^curl .*?(?=\n\n)/ms.exec(output) ?? [];
  return { token, call };
}

/** A token of the demo client for the server in `output`. */
export async function printedToken(output: string): Promise<string> {
  const [, url = '', resource = '', scope = ''] =
    /curl -s (\S+) -u demo:demo-secret .* -d resource=(\S+) -d scope='([^']*)'/s.exec(
      printedCommands(output).token,
    ) ?? [];
  // Does what the line does, even on a machine without curl.
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo:demo-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** Pastes one command into a shell, as a learner does. */
export function paste(command: string, env: { [name: string]: string } = {}, cwd = ROOT): Promise<Ended> {
  const pasted = run('bash', ['-c', command], env, cwd);
  pasted.child.stdin?.end();
  return pasted.ended;
}
