/**
 * The peers: other servers of MCP, installed outside this project when they are first asked for. peers/package-lock.json pins
 * every package with its checksum, and names the folder.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CACHE } from './scene.js';

const SOURCE = fileURLToPath(new URL('./peers/', import.meta.url));
const INSTALL_MS = 300_000;
/** Written last: a folder without it was left half done. */
const DONE = '.installed';

export type Peers = { folder: string; versions: string };

/** Where they are; undefined where they are not and are not to be installed. */
export async function findPeers(install: boolean, say: (line: string) => void): Promise<Peers | undefined> {
  const lock = await readFile(join(SOURCE, 'package-lock.json'));
  const name = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = join(CACHE, 'bench-peers', name);
  if (!existsSync(join(folder, DONE))) {
    if (!install) return undefined;
    say(`installing the peers into ${folder}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(join(SOURCE, file), join(folder, file));
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALL_MS });
    await writeFile(join(folder, DONE), '');
  }
  // Run from there, so that they find their packages and never those of this project.
  for (const file of await readdir(SOURCE))
    if (file.endsWith('.mjs')) await copyFile(join(SOURCE, file), join(folder, file));
  const { dependencies } = JSON.parse(await readFile(join(SOURCE, 'package.json'), 'utf8')) as {
    dependencies: { [name: string]: string };
  };
  const versions = Object.entries(dependencies).map(([dependency, version]) => `${dependency} ${version}`);
  return { folder, versions: versions.join(', ') };
}
