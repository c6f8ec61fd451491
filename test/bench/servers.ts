/** The servers that are measured, each as the command line that its users would write. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.js';
import type { ChildSpec } from './child.js';
import type { Language } from './peers.js';
import type { Scene } from './scene.js';

const at = (name: string): string => fileURLToPath(new URL(`./servers/${name}`, import.meta.url));
export const TOOLS = at('add.mjs');

export const bare = (): ChildSpec => ({ args: [at('bare.mjs')] });

type Governed = {
  tools?: number;
  flags?: readonly string[];
  port?: number;
  /** Where its build is; in this checkout unless it is given. */
  root?: string;
  /** Of Node itself. */
  node?: readonly string[];
};

/**
 * The real server with OAuth, policy, ajv and audit on: production build, every default but the tools that are called and the
 * quota, which ends after 6,000 calls a minute.
 */
export function governed(
  { issuer, dir }: Pick<Scene, 'issuer' | 'dir'>,
  { tools, flags = [], port = 0, root, node = [] }: Governed = {},
): ChildSpec {
  const own = mkdtempSync(join(dir, 'governed-'));
  return {
    ...(root === undefined ? {} : { cwd: root }),
    args: [
      ...node,
      'dist/server.js',
      ...['--only', 'readonly', '--readonly-port', String(port)],
      ...['--tools', TOOLS, '--issuer', issuer.issuer, '--audit-dir', join(own, 'audit'), '--quota', '0'],
      ...flags,
    ],
    env: { XDG_STATE_HOME: own, ...(tools === undefined ? {} : { BENCH_TOOLS: String(tools) }) },
    address: /readonly\s+(http\S+)/,
  };
}

/** A file with a new Ed25519 key, which signs the heads of an audit log. */
export function newAuditKey({ dir }: Pick<Scene, 'dir'>): string {
  const file = join(mkdtempSync(join(dir, 'key-')), 'audit.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

type Library = { auth?: boolean; audit?: boolean; sync?: boolean };

/** The bound on memory that src/app/program.ts sets for the server, for a process that has only the library. */
const V8 = ['--max-semi-space-size=4'];

/** The library: open to all by default. Its logs are in a folder of their own. */
export function library(
  { issuer, dir }: Pick<Scene, 'issuer' | 'dir'>,
  { auth = false, audit = false, sync = true }: Library = {},
): ChildSpec {
  const env: { [name: string]: string } = {};
  if (auth) env.BENCH_ISSUER = issuer.issuer;
  if (audit) env.BENCH_AUDIT = mkdtempSync(join(dir, 'audit-'));
  if (!sync) env.BENCH_SYNC = 'off';
  return { args: [...V8, at('library.mjs')], env };
}

/** A peer, from the folder where those of its language are installed. */
export async function peer(
  folder: string,
  language: Language,
  name: string,
  mode: readonly string[] = [],
): Promise<ChildSpec> {
  if (language === 'Python')
    return {
      program: join(folder, 'bin', 'python'),
      args: ['server.py', name, ...mode],
      cwd: folder,
    };
  if (language === 'Go') return { program: join(folder, 'server'), args: mode, cwd: folder };
  const given = name === 'fastmcp' ? [String(await freePort())] : mode;
  return { args: [join(folder, `${name}.mjs`), ...given], cwd: folder };
}
