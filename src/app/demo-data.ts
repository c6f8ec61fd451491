/** What the demo tools work on: the database, embedded or on a server, and the folder whose subfolders are the buckets. */

import type { Database } from '../demo/database/database.js';
import { makePrivateFolder } from '../demo/database/private-folder.js';
import { writeDemoBuckets } from '../demo/tools/demo-bucket.js';
import type { Config } from './settings/config.js';
import type { OnError } from './warnings.js';

export type Buckets = { root: string; remove(): Promise<void> };

/** Imports only the database that is used, since the libraries of both are large. */
export async function openDatabase({
  databaseUrl,
  databaseReaderUrl,
  databaseConnections,
  cacheHome,
}: Config): Promise<Database> {
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

/** Prepares the data once everything else has started, before the first call needs it. */
export function prepareSoon(database: Database, onError: OnError): void {
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
