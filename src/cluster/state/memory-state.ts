/** Shared state in memory, for a server without replicas. An update runs without interruption, and so atomically. */

import type { JsonObject } from '../../wire/value.js';
import type { SharedState } from '../shared-state.js';

type StoredValue = { value: JsonObject; expiresAt: number; group: string | undefined; order: number };
/** In both maps the last written value comes last. */
type Space = { values: Map<string, StoredValue>; groups: Map<string, Map<string, StoredValue>> };

/** Values of one space; beyond that, expired values are removed first and then the oldest. */
const MAX_VALUES = 100_000;

export function createMemoryState(clock: () => Date): SharedState {
  const spaces = new Map<string, Space>();
  const listeners = new Map<string, Set<(key: string | undefined) => void>>();
  let puts = 0;

  const spaceOf = (name: string): Space => {
    const space = spaces.get(name) ?? { values: new Map(), groups: new Map() };
    spaces.set(name, space);
    return space;
  };
  const isCurrent = ({ expiresAt }: StoredValue): boolean => expiresAt > clock().getTime();
  const currentValue = (stored: StoredValue | undefined): JsonObject | undefined =>
    stored !== undefined && isCurrent(stored) ? stored.value : undefined;
  const makeRoom = (space: Space): void => {
    const { values } = space;
    if (values.size <= MAX_VALUES) return;
    for (const [key, stored] of values) if (!isCurrent(stored)) remove(space, key);
    for (const key of values.keys()) {
      if (values.size <= MAX_VALUES) return;
      remove(space, key);
    }
  };

  return {
    get: async (space, key) => currentValue(spaceOf(space).values.get(key)),
    async update(name, key, step) {
      const space = spaceOf(name);
      const { result, put } = step(currentValue(space.values.get(key)));
      if (put === undefined) return result;
      remove(space, key);
      puts += 1;
      add(space, key, { value: put.value, expiresAt: put.expiresAt, group: put.group, order: puts });
      makeRoom(space);
      if (put.tell === true) for (const listener of [...(listeners.get(name) ?? [])]) listener(key);
      return result;
    },
    list: async (space, limit) =>
      [...spaceOf(space).values.values()]
        .reverse()
        .map(currentValue)
        .filter((value) => value !== undefined)
        .slice(0, limit),
    async page(space, group, limit, after) {
      const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
      const page = [...(spaceOf(space).groups.get(group)?.values() ?? [])]
        .reverse()
        .filter((one) => one.order < before && isCurrent(one))
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

function add({ values, groups }: Space, key: string, stored: StoredValue): void {
  values.set(key, stored);
  if (stored.group === undefined) return;
  const group = groups.get(stored.group) ?? new Map<string, StoredValue>();
  groups.set(stored.group, group.set(key, stored));
}

function remove({ values, groups }: Space, key: string): void {
  const group = values.get(key)?.group;
  values.delete(key);
  if (group === undefined) return;
  const members = groups.get(group);
  members?.delete(key);
  if (members?.size === 0) groups.delete(group);
}
