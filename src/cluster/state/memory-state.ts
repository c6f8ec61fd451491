/** Shared state in this process's own memory, for a server without replicas: an update cannot be interrupted here. */

import type { JsonObject } from '../../wire/value.js';
import type { SharedState } from '../shared-state.js';

type StoredValue = { value: JsonObject; expiresAt: number; group: string | undefined; order: number };
/** In each map the last written value comes last. */
type Space = { values: Map<string, StoredValue>; groups: Map<string, Map<string, StoredValue>> };

/** Values of one space; when there are more, those whose time has passed go first, and then the oldest. */
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
  const isLiving = ({ expiresAt }: StoredValue): boolean => expiresAt > clock().getTime();
  const living = (kept: StoredValue | undefined): JsonObject | undefined =>
    kept !== undefined && isLiving(kept) ? kept.value : undefined;
  const makeRoom = (space: Space): void => {
    const { values } = space;
    if (values.size <= MAX_VALUES) return;
    for (const [key, kept] of values) if (!isLiving(kept)) remove(space, key);
    for (const key of values.keys()) {
      if (values.size <= MAX_VALUES) return;
      remove(space, key);
    }
  };

  return {
    get: async (space, key) => living(spaceOf(space).values.get(key)),
    async update(name, key, step) {
      const space = spaceOf(name);
      const { result, put } = step(living(space.values.get(key)));
      if (put === undefined) return result;
      remove(space, key);
      puts += 1;
      add(space, key, { value: put.value, expiresAt: put.expiresAt, group: put.group, order: puts });
      makeRoom(space);
      if (put.tell === true) for (const listener of [...(listeners.get(name) ?? [])]) listener(key);
      return result;
    },
    list: async (space, most) =>
      [...spaceOf(space).values.values()]
        .reverse()
        .map(living)
        .filter((value) => value !== undefined)
        .slice(0, most),
    async page(space, group, most, after) {
      const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
      const kept = [...(spaceOf(space).groups.get(group)?.values() ?? [])]
        .reverse()
        .filter((one) => one.order < before && isLiving(one))
        .slice(0, most);
      const last = kept.at(-1);
      const values = kept.map(({ value }) => value);
      return last === undefined || kept.length < most ? { values } : { values, next: String(last.order) };
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

function add({ values, groups }: Space, key: string, kept: StoredValue): void {
  values.set(key, kept);
  if (kept.group === undefined) return;
  const group = groups.get(kept.group) ?? new Map<string, StoredValue>();
  groups.set(kept.group, group.set(key, kept));
}

function remove({ values, groups }: Space, key: string): void {
  const group = values.get(key)?.group;
  values.delete(key);
  if (group === undefined) return;
  const members = groups.get(group);
  members?.delete(key);
  if (members?.size === 0) groups.delete(group);
}
