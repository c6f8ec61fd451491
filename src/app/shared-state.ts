/** Where replicas keep what they share: on a Valkey or PostgreSQL server. Without one, this process keeps it in memory. */
import type { SharedState } from '../cluster/shared-state.js';
import { createMemoryState } from '../cluster/state/memory-state.js';
import { now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import { importOptional } from './import-optional.js';
import type { Config } from './settings/config.js';

type Place = Pick<Config, 'stateUrl' | 'databaseUrl'>;

export function isShared({ stateUrl, databaseUrl }: Place): boolean {
  return stateUrl !== undefined || databaseUrl !== undefined;
}

/** `connections` to PostgreSQL; Valkey needs one. */
export async function openSharedState(
  { stateUrl, databaseUrl }: Place,
  onError: OnError,
  connections = 4,
): Promise<SharedState> {
  if (stateUrl !== undefined) {
    const { createValkeyState } = await importOptional(
      () => import('../cluster/state/valkey-state.js'),
      '--state-url needs the package ioredis, which is not installed; install it: npm install ioredis',
    );
    return createValkeyState({ url: stateUrl, clock: now, onError });
  }
  if (databaseUrl === undefined) return createMemoryState(now);
  const { createPostgresState } = await import('../cluster/state/postgres-state.js');
  return createPostgresState({ url: databaseUrl, clock: now, onError, connections });
}
