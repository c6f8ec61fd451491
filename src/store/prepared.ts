/**
 * The prepared data directory of the embedded database. The first use on a machine builds it, in about 5 s, into the
 * user's cache; each later one copies it, so that no two processes share a directory and each starts with the same
 * rows. How a directory is opened is in embedded.ts.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoScript } from './demo/seed.js';
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

/** All that a prepared directory holds, as text: its hash names the directory. */
export const preparation = (): string => demoScript() + GRANTS;

/** Builds a database in the empty directory and leaves it closed. */
export type Build = (directory: string) => Promise<void>;

/**
 * A directory of this process alone, with the demo data in it.
 *
 * @param cacheHome `XDG_CACHE_HOME`; `~/.cache` when there is none.
 */
export async function privateCopy(cacheHome: string | undefined, build: Build): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'barewire-postgres-'));
  try {
    await cp(await prepare(cacheHome, build), directory, { recursive: true });
  } catch {
    // No home to write to, as in many containers, or a damaged copy: build without a cache.
    rmSync(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    await build(directory);
  }
  return directory;
}

/** The prepared directory, built when it is not there. */
export async function prepare(cacheHome: string | undefined, build: Build): Promise<string> {
  const cache = join(cacheHome || join(homedir(), '.cache'), 'barewire');
  const prepared = join(cache, `pglite-${pgliteVersion()}-${digest(preparation())}`);
  if (existsSync(prepared)) return prepared;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const building = await mkdtemp(join(cache, 'building-'));
  try {
    await build(building);
    await rename(building, prepared);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    // Another process may have been first; its copy is as good.
    if (!existsSync(prepared)) throw error;
  }
  return prepared;
}

/** The data directory's format goes with the version of PGlite. */
function pgliteVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
