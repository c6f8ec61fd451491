/**
 * Where the embedded database lives. The first start on a machine builds a data directory in the user's cache, in about
 * 5 s, and no process opens it there. Each process works on a private copy that disappears with it, so that no two share
 * a directory and all start with the same rows. Where no cache can be written, the private directory is built directly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { OnError } from '../../wire/log.js';
import { demoScript } from '../data/seed.js';
import { makePrivateFolder } from './private-folder.js';
import { REFUSED_FUNCTIONS } from './sql-text.js';

/** What the reader may do. Everything else is revoked from PUBLIC, since this database has no other users. */
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
 * The hash of the scripts that make a prepared directory, which is part of its name. It is a constant because producing the
 * scripts takes longer than opening the directory; a test compares the two.
 */
export const PREPARATION = 'b75ff707539ab9ec';

/** The scripts that make a prepared directory, in order. */
export function preparation(): string[] {
  // The templates for further databases are most of the files that each start has to copy.
  const templates = ['template1', 'template0'];
  const drop = templates.flatMap((name) => [
    `ALTER DATABASE ${name} IS_TEMPLATE false`,
    `DROP DATABASE ${name}`,
  ]);
  return [demoScript(), GRANTS, ...drop, 'CHECKPOINT'];
}

/** Builds a database in the empty directory and leaves it closed. */
type Build = (directory: string) => Promise<void>;

/** In `XDG_CACHE_HOME`, or in `~/.cache` without one. */
export function cacheFolder(cacheHome: string | undefined): string {
  return join(cacheHome || join(homedir(), '.cache'), 'barewire');
}

/** What a thread does before it takes statements. */
export type Task = {
  directory: string;
  /** `build`: fill the empty directory with the demo data and exit. `from`: fill it with a copy of that directory. */
  fill?: 'build' | { from: string };
};

export type Place = {
  /** Starts the first thread: it fills the directory, unless that was built in place. */
  task: Task;
  remove(): Promise<void>;
};

export type PlaceOptions = {
  cacheHome: string | undefined;
  build: Build;
  /** Runs when the process exits before `remove` was called. */
  beforeRemoval: () => void;
  onError: OnError;
  /** Aborted when nobody needs the place any more, which also ends `build`. */
  signal: AbortSignal;
};

export async function makePlace(options: PlaceOptions): Promise<Place> {
  const { cacheHome, build, beforeRemoval, onError, signal } = options;
  const { path: directory, remove } = await makePrivateFolder('postgres', beforeRemoval);
  let start: number | undefined;
  const announcedBuild: Build = (target) => {
    start = performance.now();
    onError('preparing the demo data, which takes some seconds', 'database.preparing');
    return build(target);
  };
  // Not at the end of the build: the data is ready when it is in its place.
  const announceReady = (): void => {
    if (start === undefined) return;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    onError(`the demo data is ready after ${seconds} s`, 'database.prepared');
  };
  const cache = cacheFolder(cacheHome);
  try {
    const from = await prepare(cache, announcedBuild);
    announceReady();
    return { task: { directory, fill: { from } }, remove };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!signal.aborted)
      onError(
        `the demo data cannot be kept in ${cache}, so each start prepares it again (--cache-home): ${reason}`,
        'database.not-cached',
      );
  }
  try {
    signal.throwIfAborted();
    await announcedBuild(directory);
    announceReady();
    return { task: { directory }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Written last, so that a directory without it is incomplete. */
const MARKER = 'barewire-prepared';
const BUILDING = 'building-';
const ABANDONED_MS = 3_600_000;

/** Returns the prepared directory in the cache folder, and builds it if necessary. */
export async function prepare(cache: string, build: Build): Promise<string> {
  const prepared = join(cache, `pglite-${pgliteVersion()}-${PREPARATION}`);
  if (isComplete(prepared)) return prepared;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await removeAbandoned(cache);
  const building = await mkdtemp(join(cache, BUILDING));
  try {
    await build(building);
    await writeFile(join(building, MARKER), '');
    if (!isComplete(prepared)) await rm(prepared, { recursive: true, force: true });
    await rename(building, prepared);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    // Another process may have been first; its directory is as good.
    if (!isComplete(prepared)) throw error;
  }
  return prepared;
}

/** Checks PostgreSQL's own files as well, because caches are cleaned by age, file by file. */
function isComplete(directory: string): boolean {
  return ['PG_VERSION', 'global/pg_control', MARKER].every((name) => existsSync(join(directory, name)));
}

/** Removes what a process left behind that was killed while it built. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(BUILDING)) continue;
    const path = join(cache, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The format of the data directory depends on it. */
function pgliteVersion(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version;
}
