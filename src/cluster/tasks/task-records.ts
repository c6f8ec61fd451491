/**
 * Tasks where all replicas find them: whose each is, who works on it, and how it stands. What has ended stays as it is, whoever
 * comes later; so a cancellation holds from the moment it is written, whichever replica wrote it.
 */

import { isOver, TTL_MS } from '../../wire/mcp/task.js';
import type { Bound } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { type Replica, reached, type Told } from '../replica.js';

export type TaskRecord = {
  principal: string;
  /** The replica that works on it. */
  owner: string;
  /** As its client sees it. */
  task: JsonObject;
  /** The scopes that the task is bound to; undefined in records of versions that stored none. */
  bound: Bound;
};

const SPACE = 'task';
/** Longer than any id that is made here. */
const MAX_ID = 64;

export class TaskRecords {
  constructor(readonly replica: Replica) {}

  /** @throws StateUnavailable */
  async find(id: string): Promise<TaskRecord | undefined> {
    if (id.length > MAX_ID) return undefined;
    return readRecord(await this.replica.state.get(this.replica.space(SPACE), id));
  }

  /** The record as it stands after that: the one given, or the end that came first. @throws StateUnavailable */
  put(record: TaskRecord): Promise<TaskRecord> {
    return this.#change(String(record.task.taskId), (before) =>
      before !== undefined && isOver(before.task) ? before : record,
    ).then((after) => after ?? record);
  }

  /** Ends it as `outcome` says, if it has not ended; undefined when there is none. @throws Fault 503 */
  end(id: string, outcome: JsonObject): Promise<TaskRecord | undefined> {
    return reached(
      this.#change(id, (before) => {
        if (before === undefined || isOver(before.task)) return before;
        const { inputRequests: _, ...task } = before.task;
        const lastUpdatedAt = new Date(this.replica.now).toISOString();
        return { ...before, task: { ...task, lastUpdatedAt, ...outcome } };
      }),
    );
  }

  watch(told: Told): void {
    this.replica.watch(SPACE, told);
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

/** Unreadable scopes count as not stored: reading the task then needs more scopes, never fewer. */
function readBound(value: unknown): Bound {
  return Array.isArray(value) && value.every((scope) => typeof scope === 'string') ? value : undefined;
}
