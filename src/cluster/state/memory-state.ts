/** Shared state in memory, for a server without replicas. An update runs without interruption, and so atomically. */

import type { JsonObject } from '../../wire/value.js';
import type { SharedState } from '../shared-state.js';

type StoredValue = { value: JsonObject; expiresAt: number; group: string | undefined; order: number };
/** The last written value comes last. */
type Space = Map<string, StoredValue>;

/** Values of one space; beyond that, expired values are removed first and then the oldest. */
const MAX_VALUES = 100_000;

export function createMemoryState(clock: () => Date): SharedState {
  const spaces = new Map<string, Space>();
  const listeners = new Map<string, Set<(key: string | undefined) => void>>();
  let puts = 0;

  const currentValues = (name: string): StoredValue[] => {
    const now = clock().getTime();
    return [...(spaces.get(name)?.values() ?? [])].reverse().filter(({ expiresAt }) => expiresAt > now);
  };
  const makeRoom = (space: Space): void => {
    const now = clock().getTime();
    for (const [key, { expiresAt }] of space) if (expiresAt <= now) space.delete(key);
    for (const key of space.keys()) {
      if (space.size <= MAX_VALUES) return;
      space.delete(key);
    }
  };

  return {
    async get(name, key) {
      const stored = spaces.get(name)?.get(key);
      return stored !== undefined && stored.expiresAt > clock().getTime() ? stored.value : undefined;
    },
    async update(name, key, step) {
      const space = spaces.get(name) ?? new Map();
      const stored = space.get(key);
      const isCurrent = stored !== undefined && stored.expiresAt > clock().getTime();
      const { result, put } = step(isCurrent ? stored.value : undefined);
      if (put === undefined) return result;
      const { value, expiresAt, group, tell } = put;
      spaces.set(name, space);
      // Deleted first, so that it comes last.
      space.delete(key);
      puts += 1;
      space.set(key, { value, expiresAt, group, order: puts });
      if (space.size > MAX_VALUES) makeRoom(space);
      if (tell === true) for (const listener of [...(listeners.get(name) ?? [])]) listener(key);
      return result;
    },
    list: async (name, limit) =>
      currentValues(name)
        .slice(0, limit)
        .map(({ value }) => value),
    async page(name, group, limit, after) {
      const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
      const page = currentValues(name)
        .filter((one) => one.group === group && one.order < before)
        .slice(0, limit);
      const last = page.at(-1);
      const values = page.map(({ value }) => value);
      return last === undefined || page.length < limit ? { values } : { values, next: String(last.order) };
    },
    watch(space, listener) {
      const all = listeners.get(space) ?? new Set();
      listeners.set(space, all.add(listener));
      return () => all.delete(listener);
    },
    ready: async () => {},
    close: async () => listeners.clear(),
  };
}
