/** What the tools stand on: the database, embedded or a server's, and the folder whose subfolders are the buckets. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config.js';
import type { Database } from './store/database.js';
import { writeDemoBuckets } from './tools/demo-bucket.js';

export type Buckets = { root: string; remove(): void };

export async function openDatabase({
  databaseUrl,
  databaseReaderUrl,
  databaseConnections,
  cacheHome,
}: Config): Promise<Database> {
  // Each with what it loads: the one is not needed where the other is.
  if (databaseUrl === undefined) {
    const { openEmbedded } = await import('./store/embedded.js');
    return openEmbedded({
      onNotice: (line) => console.error(`database: ${line}`),
      ...(cacheHome === undefined ? {} : { cacheHome }),
    });
  }
  const { openServer } = await import('./store/server.js');
  return openServer({
    url: databaseUrl,
    connections: databaseConnections,
    ...(databaseReaderUrl === undefined ? {} : { readerUrl: databaseReaderUrl }),
  });
}

/** Makes the data ready before somebody asks, once all else has started; where there is nothing to do, it does nothing. */
export function prepareSoon(database: Database, onError: (error: unknown, about: string) => void): void {
  setImmediate(() => {
    database.preparing()?.catch((error: unknown) => onError(error, 'the database is not prepared'));
  });
}

export async function openBuckets({ bucketRoot, only }: Config): Promise<Buckets> {
  if (bucketRoot !== undefined) return { root: bucketRoot, remove: () => {} };
  const root = await mkdtemp(join(tmpdir(), 'barewire-buckets-'));
  const atExit = (): void => rmSync(root, { recursive: true, force: true });
  // A second Ctrl-C waits for nothing, and leaves nothing behind either.
  process.once('exit', atExit);
  const remove = (): void => {
    process.off('exit', atExit);
    atExit();
  };
  if (only === undefined || only === 'readonly') await writeDemoBuckets(root);
  return { root, remove };
}
