/**
 * Tasks in the shared state: who owns each one, which replica works on it, and its status. A finished task never changes
 * again, so a cancellation counts from the moment any replica writes it.
 */

import type { Bound } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { failClosed, type Replica, type SpaceReader } from '../replica.js';
import { isOver, TTL_MS } from './task.js';

export type TaskRecord = {
  principal: string;
  /** The replica that works on it. */
  owner: string;
  /** What the client sees. */
  task: JsonObject;
  /** The scopes that the task is bound to; undefined in records of versions that stored none. */
  bound: Bound;
};

const SPACE = 'task';
/** Longer than any id this server makes. */
const MAX_ID = 64;

export class TaskRecords {
  constructor(readonly replica: Replica) {}

  /** @throws StateUnavailable */
  async find(id: string): Promise<TaskRecord | undefined> {
    if (id.length > MAX_ID) return undefined;
    return readRecord(await this.replica.state.get(this.replica.space(SPACE), id));
  }

  /** Resolves with the record that is stored then: this one, or an end that came first. @throws StateUnavailable */
  put(record: TaskRecord): Promise<TaskRecord> {
    return this.#change(String(record.task.taskId), (before) =>
      before !== undefined && isOver(before.task) ? before : record,
    ).then((after) => after ?? record);
  }

  /** Ends an unfinished task with this outcome; undefined when there is no such task. @throws Fault 503 */
  end(id: string, outcome: JsonObject): Promise<TaskRecord | undefined> {
    return failClosed(
      this.#change(id, (before) => {
        if (before === undefined || isOver(before.task)) return before;
        const { inputRequests: _, ...task } = before.task;
        const lastUpdatedAt = new Date(this.replica.now).toISOString();
        return { ...before, task: { ...task, lastUpdatedAt, ...outcome } };
      }),
    );
  }

  watch(reader: SpaceReader): void {
    this.replica.watch(SPACE, reader);
  }

  #change(
    id: string,
    change: (before: TaskRecord | undefined) => TaskRecord | undefined,
  ): Promise<TaskRecord | undefined> {
    return this.replica.state.update(this.replica.space(SPACE), id, (value) => {
      const before = readRecord(value);
      const record = change(before);
      if (record === undefined || record === before) return { result: record };
      const expiresAt = Date.parse(String(record.task.createdAt)) + TTL_MS;
      return { result: record, put: { value: record, expiresAt, tell: true } };
    });
  }
}

function readRecord(value: JsonObject | undefined): TaskRecord | undefined {
  if (value === undefined) return undefined;
  const { principal, owner, task, bound } = value;
  if (typeof principal !== 'string' || typeof owner !== 'string' || !isRecord(task)) return undefined;
  return { principal, owner, task, bound: readBound(bound) };
}

/** Unreadable scopes count as not stored: reading the task then requires more scopes, never fewer. */
function readBound(value: unknown): Bound {
  return Array.isArray(value) && value.every((scope) => typeof scope === 'string') ? value : undefined;
}
