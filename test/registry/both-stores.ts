/** Both stores of a registry, a file and a real PostgreSQL server, for tests of rules that apply to each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { createPostgresStore } from '../../src/services/registry/store/postgres-store.js';
import type { Store } from '../../src/services/registry/store/store.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';

export type StoreKind = {
  what: string;
  /** The same one again after it was closed. */
  open(): Promise<Store>;
  /** Where its data is: a folder, or a connection string. */
  at: string;
  remove(): Promise<void>;
};

const ignore = (): void => {};

/** `file` tells who skips what, where PostgreSQL is not installed. */
export async function bothStores(file: string): Promise<StoreKind[]> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-store-'));
  const kinds: StoreKind[] = [
    {
      what: 'a file',
      at: dir,
      open: () => openFileStore(dir, ignore),
      remove: () => rm(dir, { recursive: true, force: true }),
    },
  ];
  const server = await startPostgres();
  if (server === undefined) reportSkip(file, 'PostgreSQL is not installed here');
  else kinds.push(postgresKind(server));
  return kinds;
}

function postgresKind(server: PostgresServer): StoreKind {
  return {
    what: 'PostgreSQL',
    at: server.url,
    open: async () => createPostgresStore(server.url, ignore),
    remove: () => server.stop(),
  };
}
