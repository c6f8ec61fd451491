/**
 * The peers: other servers of MCP, installed outside this project when they are first asked for. What pins their packages, with a
 * checksum for each, also names their folder. A machine that lacks a language skips its peers, and says so.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord } from '../../src/wire/value.js';
import { CACHE } from './scene.js';

const SOURCE = fileURLToPath(new URL('./peers/', import.meta.url));
const INSTALL_MS = 300_000;
/** Written last: a folder without it was left half done. */
const DONE = '.installed';
const start = promisify(execFile);

export type Language = 'TypeScript' | 'Python' | 'Go';
export type Peers = {
  /** Where those of a language are; those that are skipped have none. */
  folders: { readonly [Key in Language]?: string };
  /** Which versions, and what is skipped for which reason. */
  about: string;
};

type Kit = {
  /** The packages with their checksums. A compiled peer is built again when its source changes, too. */
  pins: readonly string[];
  /** Prints its version, which belongs to what it installs. Node is here, and its packages have no native code. */
  program?: readonly [string, string];
  install(folder: string): Promise<unknown>;
  /** Where the packages that are compared are pinned. */
  versions: { file: string; of: RegExp };
};

const KITS: { readonly [Key in Language]: Kit } = {
  TypeScript: {
    pins: ['package-lock.json'],
    install: (cwd) =>
      start('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, timeout: INSTALL_MS }),
    versions: { file: 'package.json', of: /"(\S+)": "(\d\S+)"/g },
  },
  Python: {
    pins: ['python/requirements.txt'],
    program: ['python3', '--version'],
    async install(cwd) {
      await start('python3', ['-m', 'venv', cwd], { timeout: INSTALL_MS });
      const pip = ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', 'requirements.txt'];
      await start(join(cwd, 'bin', 'python'), pip, { cwd, timeout: INSTALL_MS });
    },
    versions: { file: 'python/requirements.txt', of: /^(mcp|fastmcp|uvicorn)(?:\[\w+\])?==(\S+)/gm },
  },
  Go: {
    pins: ['go/go.mod', 'go/go.sum', 'go/main.go'],
    program: ['go', 'version'],
    install(cwd) {
      const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
      return start('go', ['build', '-o', 'server', '.'], { cwd, env, timeout: INSTALL_MS });
    },
    versions: { file: 'go/go.mod', of: /^require \S+\/(go-sdk) v(\S+)/gm },
  },
};

/** Where they are. Those that are not installed are left out if they are not to be installed, or cannot be. */
export async function findPeers(
  languages: readonly Language[],
  install: boolean,
  say: (line: string) => void,
): Promise<Peers> {
  const folders: { [Key in Language]?: string } = {};
  const about: string[] = [];
  for (const language of languages) {
    try {
      const { folder, versions } = await prepare(language, install, say);
      folders[language] = folder;
      about.push(versions);
    } catch (error) {
      const why = reasonOf(error);
      say(`skipped: peers in ${language}: ${why}`);
      about.push(`none in ${language} (${why})`);
    }
  }
  return { folders, about: about.join(', ') };
}

async function prepare(language: Language, install: boolean, say: (line: string) => void) {
  const { pins, program, versions } = KITS[language];
  const made = createHash('sha256');
  const toolchain = program === undefined ? '' : (await start(program[0], [program[1]])).stdout.trim();
  for (const file of pins) made.update(await readFile(join(SOURCE, file)));
  const folder = join(CACHE, 'bench-peers', made.update(toolchain).digest('hex').slice(0, 12));
  const from = join(SOURCE, language === 'TypeScript' ? '' : language.toLowerCase());
  const installed = existsSync(join(folder, DONE));
  if (!installed && !install) throw new Error('not installed');
  if (!installed) {
    say(`installing the peers in ${language} into ${folder}`);
    await rm(folder, { recursive: true, force: true });
  }
  await mkdir(folder, { recursive: true });
  // Run from there, so that they find their packages and never those of this project.
  for (const entry of await readdir(from, { withFileTypes: true }))
    if (entry.isFile()) await copyFile(join(from, entry.name), join(folder, basename(entry.name)));
  if (!installed) {
    await KITS[language].install(folder);
    await writeFile(join(folder, DONE), '');
  }
  const named = [...(await readFile(join(SOURCE, versions.file), 'utf8')).matchAll(versions.of)];
  const [release = ''] = /\d[\d.]*/.exec(toolchain) ?? [];
  const list = named.map(([, name, version]) => `${name} ${version}`).join(', ');
  return { folder, versions: toolchain === '' ? list : `${list} on ${language} ${release}` };
}

/** One line: why a program cannot be run, or what it said last. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT' && 'path' in error) return `there is no ${error.path} here`;
  const said = isRecord(error) && typeof error.stderr === 'string' ? error.stderr : error.message;
  const lines = said.trim().split('\n');
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
}
