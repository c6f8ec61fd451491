/** Shared state in memory, for a server without replicas. An update runs without interruption, and so atomically. */

import type { JsonObject } from '../../wire/value.js';
import type { SharedState } from '../shared-state.js';
import { Watchers } from './watchers.js';

type StoredValue = { value: JsonObject; expiresAt: number; group: string | undefined; order: number };
type Values = Map<string, StoredValue>;
/** In all maps the last written value comes last. A page of a group must not read the values of other groups. */
type Space = { values: Values; groups: Map<string, Values> };

/** Values of one space; beyond that, expired values are removed first and then the oldest. */
const MAX_VALUES = 100_000;

export function createMemoryState(clock: () => Date): SharedState {
  const spaces = new Map<string, Space>();
  const watchers = new Watchers();
  let puts = 0;

  /** The newest first. */
  const currentValues = (values: Values | undefined): StoredValue[] => {
    const now = clock().getTime();
    return [...(values?.values() ?? [])].reverse().filter(({ expiresAt }) => expiresAt > now);
  };
  const makeRoom = (space: Space): void => {
    const now = clock().getTime();
    for (const [key, { expiresAt }] of space.values) if (expiresAt <= now) remove(space, key);
    for (const key of space.values.keys()) {
      if (space.values.size <= MAX_VALUES) return;
      remove(space, key);
    }
  };

  return {
    async get(name, key) {
      const entry = spaces.get(name)?.values.get(key);
      return entry !== undefined && entry.expiresAt > clock().getTime() ? entry.value : undefined;
    },
    async update(name, key, step) {
      const space: Space = spaces.get(name) ?? { values: new Map(), groups: new Map() };
      const entry = space.values.get(key);
      const isCurrent = entry !== undefined && entry.expiresAt > clock().getTime();
      const { result, put } = step(isCurrent ? entry.value : undefined);
      if (put === undefined) return result;
      const { value, expiresAt, group, tell } = put;
      spaces.set(name, space);
      // Removed first, so that it comes last.
      remove(space, key);
      puts += 1;
      const newEntry = { value, expiresAt, group, order: puts };
      space.values.set(key, newEntry);
      if (group !== undefined)
        space.groups.set(group, (space.groups.get(group) ?? new Map()).set(key, newEntry));
      if (space.values.size > MAX_VALUES) makeRoom(space);
      if (tell === true) watchers.notify(name, key);
      return result;
    },
    list: async (name, limit) =>
      currentValues(spaces.get(name)?.values)
        .slice(0, limit)
        .map(({ value }) => value),
    async page(name, group, limit, after) {
      const before = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
      const page = currentValues(spaces.get(name)?.groups.get(group))
        .filter((one) => one.order < before)
        .slice(0, limit);
      const last = page.at(-1);
      const values = page.map(({ value }) => value);
      return last === undefined || page.length < limit ? { values } : { values, next: String(last.order) };
    },
    watch: (space, watcher) => watchers.add(space, watcher),
    ready: async () => {},
    close: async () => watchers.clear(),
  };
}

function remove({ values, groups }: Space, key: string): void {
  const group = values.get(key)?.group;
  values.delete(key);
  if (group === undefined) return;
  const members = groups.get(group);
  members?.delete(key);
  if (members?.size === 0) groups.delete(group);
}
