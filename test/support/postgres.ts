/**
 * A real PostgreSQL server for a test file: its own data directory, port and socket in a temporary folder, gone when
 * `stop()` returns. Undefined where the server's programs are not installed.
 */

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createDaemon } from './daemon.js';
import { freePort } from './free-port.js';
import { isProgram } from './programs.js';
import { until } from './until.js';

const DEBIAN = '/usr/lib/postgresql';
const PASSWORD = 'owner-secret';

export type PostgresServer = {
  /** Of the superuser. */
  url: string;
  port: number;
  programs: string;
  /** Starts the same server again, after `halt()`. */
  start(): Promise<void>;
  /** Ends the server and keeps its data. */
  halt(): Promise<void>;
  stop(): Promise<void>;
};

export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((path) => ['initdb', 'postgres'].every((name) => isProgram(join(path, name))));
}

/** `settings` as `postgres -c` takes them. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer | undefined> {
  const programs = postgresPrograms();
  if (programs === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'barewire-server-'));
  // PostgreSQL refuses to run as root.
  const root = process.getuid?.() === 0;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const as = root ? { uid: id('-u'), gid: id('-g') } : {};
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
  const secret = join(folder, 'password');
  writeFileSync(secret, PASSWORD);
  const data = join(folder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ],
    { ...as, cwd: folder, stdio: 'pipe' },
  );
  const port = await freePort();
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const given = settings.flatMap((setting) => ['-c', setting]);
  const options = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F', ...given];
  // SIGQUIT: at once, without waiting for anybody who is connected.
  const { start, halt } = createDaemon(
    () => spawn(join(programs, 'postgres'), options, { ...as, cwd: folder, stdio: 'ignore' }),
    'SIGQUIT',
    () => answers(url),
  );

  await start();
  return {
    url,
    port,
    programs,
    start,
    halt,
    async stop() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(connectionString: string): Promise<void> {
  let trouble: unknown;
  const isReady = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      trouble = error;
      return false;
    }
  };
  await until(isReady, () => `PostgreSQL answers; it says: ${trouble}`);
}
