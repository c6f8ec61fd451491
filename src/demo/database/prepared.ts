/**
 * The prepared data directory of the embedded database. The first use on a machine builds it, in about 5 s, into the
 * user's cache; nobody opens it there. Each process works on a copy (embedded.ts), so that no two share a directory
 * and each starts with the same rows.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { demoScript } from '../data/seed.js';
import { REFUSED_FUNCTIONS } from './sql-text.js';

/** What the reader may do; all else is taken from everybody, for this database serves nobody else. */
const GRANTS = `
CREATE ROLE barewire_reader NOLOGIN NOINHERIT;
GRANT USAGE ON SCHEMA demo TO barewire_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA demo TO barewire_reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
DO $do$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname ~ '${REFUSED_FUNCTIONS}' LOOP
    EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', f);
  END LOOP;
END $do$;
ANALYZE;
`;

/**
 * The hash of all that makes a prepared directory, which is part of its name. It is written down here because making the
 * scripts takes longer than opening the directory; a test holds it against them.
 */
export const PREPARATION = 'b75ff707539ab9ec';

/** All that makes a prepared directory, one script after the other. */
export function preparation(): string[] {
  // The templates of further databases are most of the files that each start has to copy.
  const templates = ['template1', 'template0'];
  const drop = templates.flatMap((name) => [
    `ALTER DATABASE ${name} IS_TEMPLATE false`,
    `DROP DATABASE ${name}`,
  ]);
  return [demoScript(), GRANTS, ...drop, 'CHECKPOINT'];
}

/** Builds a database in the empty directory and leaves it closed. */
export type Build = (directory: string) => Promise<void>;

/** Where prepared directories are kept, in `XDG_CACHE_HOME`, or `~/.cache` when there is none. */
export function cacheFolder(cacheHome: string | undefined): string {
  return join(cacheHome || join(homedir(), '.cache'), 'barewire');
}

/** The prepared directory in the cache folder, built when it is not there. */
export async function prepare(cache: string, build: Build): Promise<string> {
  const prepared = join(cache, `pglite-${pgliteVersion()}-${PREPARATION}`);
  if (isWhole(prepared)) return prepared;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await removeAbandoned(cache);
  const building = await mkdtemp(join(cache, BUILDING));
  try {
    await build(building);
    await writeFile(join(building, MARKER), '');
    // What stands there without its marker was damaged.
    if (!isWhole(prepared)) await rm(prepared, { recursive: true, force: true });
    await rename(building, prepared);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    // Another process may have been first; its copy is as good.
    if (!isWhole(prepared)) throw error;
  }
  return prepared;
}

/** Written last, so that a directory without it is not whole. */
const MARKER = 'barewire-prepared';
const BUILDING = 'building-';
const ABANDONED_MS = 3_600_000;

/** PostgreSQL's own first file is looked at too: caches are cleaned by age, file by file. */
function isWhole(directory: string): boolean {
  return ['PG_VERSION', 'global/pg_control', MARKER].every((name) => existsSync(join(directory, name)));
}

/** What a process that was killed while it built has left behind. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(BUILDING)) continue;
    const path = join(cache, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The data directory's format goes with the version of PGlite. */
function pgliteVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version;
}
