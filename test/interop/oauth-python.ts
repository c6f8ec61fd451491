/**
 * The official Python client, which shares no code with those in TypeScript: an environment of its own with pinned
 * packages, kept in the cache folder of the person who runs the tests, and the process that speaks with `oauth_client.py`.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { type Process, run } from '../support/process.js';
import type { Answer, Person, Seen } from './browser.js';

export const FOLDER = fileURLToPath(new URL('python', import.meta.url));
const INSTALL_MS = 150_000;
const start = promisify(execFile);

/** The interpreter that has the client, or why there is none. */
export async function preparePython(
  packages: 'requirements.txt' | 'requirements-1.txt' = 'requirements.txt',
): Promise<{ python: string } | { reason: string }> {
  const requirements = join(FOLDER, packages);
  let version: string;
  try {
    version = (await start('python3', ['--version'])).stdout.trim();
  } catch {
    return { reason: 'there is no python3' };
  }
  const pinned = createHash('sha256')
    .update(version)
    .update(await readFile(requirements));
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'barewire-test');
  const home = join(cache, `python-${pinned.digest('hex').slice(0, 16)}`);
  const python = join(home, 'bin', 'python');
  if (existsSync(home)) return { python };
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, 'making-'));
  try {
    await start('python3', ['-m', 'venv', made], { timeout: INSTALL_MS });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await start(join(made, 'bin', 'python'), install, { timeout: INSTALL_MS });
    // Whole or not at all, also when two make it at the same time.
    await rename(made, home).catch(() => {});
    return { python };
  } catch (error) {
    const [line] = String(error instanceof Error && 'stderr' in error ? error.stderr : error).split('\n');
    return { reason: `the client for ${version} cannot be installed: ${line}` };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

export type Step = { method: string; url: URL; message: string | undefined; status: number };

export class PythonProgram {
  readonly #process: Process;
  readonly #lines: AsyncIterator<string>;
  readonly #person: Person;
  readonly steps: Step[] = [];
  readonly pages: Seen[] = [];
  /** The address that a person was sent to. */
  readonly opened: URL[] = [];

  constructor(python: string, person: Person, args: readonly string[]) {
    this.#person = person;
    const script = join(FOLDER, 'oauth_client.py');
    this.#process = run(python, [script, ...args], { NO_PROXY: 'localhost,127.0.0.1', PYTHONUTF8: '1' });
    const { stdout } = this.#process.child;
    if (stdout === null) throw new Error('no output to read');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** What it says once it is connected: the names of the tools. @throws Error with what the client says. */
  connected(answer?: Answer): Promise<unknown> {
    return this.#outcome(answer);
  }

  call(name: string, args: JsonObject, answer?: Answer): Promise<unknown> {
    this.#process.child.stdin?.write(`${JSON.stringify({ name, arguments: args })}\n`);
    return this.#outcome(answer);
  }

  /** Lets it end, and returns its exit code. */
  async close(): Promise<number | null> {
    this.#process.child.stdin?.end();
    return (await this.#process.ended).code;
  }

  /** After a failed test. */
  kill(): void {
    this.#process.child.kill('SIGKILL');
  }

  async #outcome(answer?: Answer): Promise<unknown> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`it has ended: ${(await this.#process.ended).stderr}`);
      const said: unknown = JSON.parse(value);
      if (!isRecord(said)) throw new Error(`not an object: ${value}`);
      if (Array.isArray(said.step)) this.#note(said.step);
      if (typeof said.open === 'string') {
        this.opened.push(new URL(said.open));
        this.pages.push(...(await this.#person.visit(said.open, answer)));
      }
      if (typeof said.failed === 'string') throw new Error(said.failed);
      if ('done' in said) return said.done;
    }
  }

  #note([method, url, message, status]: unknown[]): void {
    this.steps.push({
      method: String(method),
      url: new URL(String(url)),
      message: typeof message === 'string' ? message : undefined,
      status: Number(status),
    });
  }
}
