/** Shared state in this process's own memory, for a server without replicas: an update cannot be interrupted here. */
import type { SharedState } from '../shared-state.js';
import type { JsonObject } from '../value.js';

type Kept = { value: JsonObject; expiresAt: number };

/** Values of one space; when there are more, those whose time has passed go first, and then the oldest. */
const MOST_VALUES = 100_000;

export function createMemoryState(clock: () => Date): SharedState {
  const spaces = new Map<string, Map<string, Kept>>();
  const listeners = new Map<string, Set<(key: string | undefined) => void>>();

  const spaceOf = (name: string): Map<string, Kept> => {
    const space = spaces.get(name) ?? new Map<string, Kept>();
    spaces.set(name, space);
    return space;
  };
  const living = (kept: Kept | undefined): JsonObject | undefined =>
    kept !== undefined && kept.expiresAt > clock().getTime() ? kept.value : undefined;
  const makeRoom = (space: Map<string, Kept>): void => {
    if (space.size <= MOST_VALUES) return;
    for (const [key, kept] of space) if (living(kept) === undefined) space.delete(key);
    for (const key of space.keys()) {
      if (space.size <= MOST_VALUES) return;
      space.delete(key);
    }
  };

  return {
    get: async (space, key) => living(spaceOf(space).get(key)),
    async update(name, key, step) {
      const space = spaceOf(name);
      const { result, put } = step(living(space.get(key)));
      if (put === undefined) return result;
      // The last put is the last in the order of the map.
      space.delete(key);
      space.set(key, { value: put.value, expiresAt: put.expiresAt });
      makeRoom(space);
      if (put.tell === true) for (const listener of [...(listeners.get(name) ?? [])]) listener(key);
      return result;
    },
    list: async (space, most) =>
      [...spaceOf(space).values()]
        .reverse()
        .map(living)
        .filter((value) => value !== undefined)
        .slice(0, most),
    watch(space, listener) {
      const all = listeners.get(space) ?? new Set();
      listeners.set(space, all.add(listener));
      return () => all.delete(listener);
    },
    ready: async () => {},
    close: async () => listeners.clear(),
  };
}
