/**
 * The prepared data directory of the embedded database. The first use on a machine builds it, in about 5 s, into the
 * user's cache; nobody opens it there. Each process works on a copy (embedded.ts), so that no two share a directory
 * and each starts with the same rows.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
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

/** All that makes a prepared directory, one script after the other; their hash names the directory. */
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

/**
 * The prepared directory, built when it is not there.
 *
 * @param cacheHome `XDG_CACHE_HOME`; `~/.cache` when there is none.
 */
export async function prepare(cacheHome: string | undefined, build: Build): Promise<string> {
  const cache = join(cacheHome || join(homedir(), '.cache'), 'barewire');
  const prepared = join(cache, `pglite-${pgliteVersion()}-${digest(preparation().join(';'))}`);
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
