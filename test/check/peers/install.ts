/**
 * Installs the peers outside this project. A stack whose toolchain is missing, or whose packages cannot be fetched, is left out with the
 * reason; the other stacks are installed all the same.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SOURCE, type Stack } from './peers.js';

/** A release build of the Rust SDK on one slow core takes a few minutes. */
const MAX_INSTALL_MS = 1_200_000;
const MAX_REASON = 300;
/** Written last: a folder without it was left half done. */
const DONE = '.installed';

export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'barewire', 'check-peers');

const PIP = ['.venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'];
/** One build at a time, with one job and low priority: other work on this machine comes first. */
const COMMANDS: { [stack in Stack]: readonly (readonly string[])[] } = {
  node: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
  python: [['python3', '-m', 'venv', '.venv'], PIP],
  'python-1': [['python3', '-m', 'venv', '.venv'], PIP],
  go: [
    ['mkdir', '-p', 'bin'],
    ['nice', '-n', '19', 'go', 'build', '-p', '1', '-o', 'bin/', './official', './mcpgo'],
  ],
  java: [
    ['nice', '-n', '19', 'mvn', '-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
    ['nice', '-n', '19', 'javac', '-nowarn', '-d', 'classes', '-cp', 'lib/*', 'Peer.java'],
  ],
  rust: [['nice', '-n', '19', 'cargo', 'build', '--quiet', '--release', '-j', '1']],
};

export type Installed = { folder: string } | { reason: string };

/** Where the stack's packages are, or why they are not. */
export async function installStack(
  stack: Stack,
  root: string,
  say: (line: string) => void,
): Promise<Installed> {
  const folder = join(root, stack);
  const wanted = await digest(join(SOURCE, stack));
  const done = join(folder, DONE);
  if (existsSync(done) && (await readFile(done, 'utf8')) === wanted) return { folder };
  say(`installing ${stack} into ${folder}`);
  try {
    await rm(done, { force: true });
    await mkdir(folder, { recursive: true });
    await cp(join(SOURCE, stack), folder, { recursive: true });
    for (const [program = '', ...args] of COMMANDS[stack])
      await promisify(execFile)(program, args, { cwd: folder, timeout: MAX_INSTALL_MS });
    await writeFile(done, wanted);
    return { folder };
  } catch (error) {
    return { reason: (error as Error).message.trim().slice(0, MAX_REASON) };
  }
}

/** Changes with every file of the stack, so that a new version is installed. */
async function digest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(file.slice(folder.length)).update(await readFile(file));
  return hash.digest('hex');
}
