/** What the tools stand on: the database, embedded or a server's, and the folder whose subfolders are the buckets. */

import type { Database } from '../demo/database/database.js';
import { makePrivateFolder } from '../demo/database/private-folder.js';
import { writeDemoBuckets } from '../demo/tools/demo-bucket.js';
import type { Config } from './settings/config.js';

export type Buckets = { root: string; remove(): Promise<void> };

export async function openDatabase({
  databaseUrl,
  databaseReaderUrl,
  databaseConnections,
  cacheHome,
}: Config): Promise<Database> {
  // Each with what it loads: the one is not needed where the other is.
  if (databaseUrl === undefined) {
    const { openEmbedded } = await import('../demo/database/embedded.js');
    return openEmbedded({
      onNotice: (line) => console.error(`database: ${line}`),
      ...(cacheHome === undefined ? {} : { cacheHome }),
    });
  }
  const { openServer } = await import('../demo/database/postgres.js');
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
  if (bucketRoot !== undefined) return { root: bucketRoot, remove: async () => {} };
  const { path: root, remove } = await makePrivateFolder('buckets');
  if (only === undefined || only === 'readonly') await writeDemoBuckets(root);
  return { root, remove };
}
