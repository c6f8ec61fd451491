/**
 * Tasks that any replica can answer for. The replica that received the call works on the task and records each step. The
 * client's answers are sent to it, and a cancellation is recorded for it to see. A task whose replica is gone has failed.
 *
 * Over 200 lines because the class implements all of TaskStore.
 */

import { after } from '../../wire/clock.js';
import { Fault } from '../../wire/fault.js';
import { errorResponse } from '../../wire/jsonrpc/message.js';
import { Changes } from '../../wire/mcp/connection.js';
import type { TaskStarted } from '../../wire/mcp/definitions.js';
import type { TaskStore, TaskWork } from '../../wire/mcp/task-store.js';
import type { Bound, Reader } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Leases } from '../leases.js';
import { failClosed } from '../replica.js';
import type { ReplicaChannel } from '../replica-channel.js';
import { checkStoredResponses, failedWith, isOver, noSuchTask } from './task.js';
import { TaskFollowers } from './task-followers.js';
import { type TaskRecord, TaskRecords } from './task-records.js';
import { type TaskOptions, Tasks } from './tasks.js';

/** Milliseconds until a failed write is repeated. */
const RETRY_MS = 1_000;

export class SharedTasks implements TaskStore {
  readonly #own: Tasks;
  readonly #records: TaskRecords;
  readonly #followers: TaskFollowers;
  /** Tasks that run here: the owner of each, and the pending write of its last step. */
  readonly #running = new Map<string, { principal: string; lastWrite: Promise<void> }>();

  constructor(
    options: TaskOptions,
    readonly channel: ReplicaChannel,
    readonly leases: Leases,
  ) {
    const steps = new Changes();
    steps.listen((change) => {
      if (change.kind === 'task') this.#record(change.taskId, change);
    });
    this.#own = new Tasks({ ...options, changes: steps });
    this.#records = new TaskRecords(channel.replica);
    this.#followers = new TaskFollowers(
      (id) => this.#records.find(id),
      (owner, run) => leases.whenGone(owner, run),
      (id) => void this.#failLost(id).catch(channel.replica.onError),
    );
    // The state comes first, so that a client can read what it is notified of at any replica.
    const read = async (id: string): Promise<(() => void) | undefined> => {
      if (!this.#followers.has(id) && !this.#running.has(id)) return undefined;
      const record = await this.#records.find(id);
      return () => {
        if (record === undefined) return;
        this.#applyEnd(id, record);
        if (this.#followers.has(id))
          options.changes.emit({ kind: 'task', taskId: id, task: record.task, bound: record.bound });
      };
    };
    this.#records.watch({
      one: read,
      all: async () => {
        const ids = new Set([...this.#followers.ids, ...this.#running.keys()]);
        const effects = await Promise.all([...ids].map(read));
        return () => {
          for (const effect of effects) effect?.();
        };
      },
    });
    channel.on('task-update', ({ principal, taskId, inputResponses }) => {
      if (typeof principal !== 'string' || typeof taskId !== 'string' || !isRecord(inputResponses)) return;
      // A task that is no longer here needs no answer.
      this.#own.update(readerWithoutToken(principal), taskId, inputResponses);
    });
  }

  /** The record is stored before the work begins, and so before any client knows the id. */
  async start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound = () => undefined,
  ): Promise<TaskStarted | Fault> {
    let begin = (): void => {};
    let giveUp = (_reason: unknown): void => {};
    const whenRecorded = new Promise<void>((resolve, reject) => {
      begin = resolve;
      giveUp = reject;
    });
    const workWhenRecorded: TaskWork = async (context) => {
      await whenRecorded;
      return work(context);
    };
    const started = this.#own.start(principal, capabilities, workWhenRecorded, bound);
    if (started instanceof Fault) return started;
    const { task } = started;
    try {
      await failClosed(
        this.#records.put({ principal, owner: this.channel.replica.id, task, bound: bound() }),
      );
    } catch (error) {
      giveUp(error);
      throw error;
    }
    this.#running.set(String(task.taskId), { principal, lastWrite: Promise.resolve() });
    begin();
    return started;
  }

  checkRoom(principal: string): Fault | undefined {
    return this.#own.checkRoom(principal);
  }

  async get(reader: Reader, taskId: unknown): Promise<JsonObject | Fault> {
    const record = await this.#read(reader, taskId);
    return record instanceof Fault ? record : record.task;
  }

  async update(reader: Reader, taskId: unknown, inputResponses: JsonObject): Promise<Fault | undefined> {
    const record = await this.#read(reader, taskId);
    if (record instanceof Fault) return record;
    const { principal, task, owner } = record;
    if (isOver(task)) return undefined;
    if (owner === this.channel.replica.id) {
      const invalid = this.#own.update(reader, taskId, inputResponses);
      if (invalid !== undefined) return invalid;
      await this.#running.get(String(taskId))?.lastWrite;
      return undefined;
    }
    const invalid = checkStoredResponses(task, inputResponses);
    if (invalid !== undefined) return invalid;
    await failClosed(this.channel.send(owner, 'task-update', { principal, taskId, inputResponses }));
    return undefined;
  }

  async cancel(principal: string, taskId: unknown): Promise<Fault | undefined> {
    const currentRecord = await this.#find(principal, taskId);
    if (currentRecord instanceof Fault) return currentRecord;
    const id = String(taskId);
    const record = await this.#records.end(id, { status: 'cancelled' });
    if (record !== undefined) this.#applyEnd(id, record);
    return undefined;
  }

  async has({ principal, check }: Reader, taskId: string): Promise<boolean | Fault> {
    const record = await failClosed(this.#records.find(taskId));
    return record?.principal === principal && (check(record.bound) ?? true);
  }

  follow(taskIds: readonly string[]): () => void {
    return this.#followers.follow(taskIds, this.channel.replica.onError);
  }

  async close(): Promise<void> {
    await this.#own.close();
    await Promise.all([...this.#running.values()].map(({ lastWrite }) => lastWrite));
  }

  async #read({ principal, check }: Reader, taskId: unknown): Promise<TaskRecord | Fault> {
    const record = await this.#find(principal, taskId);
    return record instanceof Fault ? record : (check(record.bound) ?? record);
  }

  async #find(principal: string, taskId: unknown): Promise<TaskRecord | Fault> {
    const record = typeof taskId === 'string' ? await failClosed(this.#records.find(taskId)) : undefined;
    if (record === undefined || record.principal !== principal) return noSuchTask(taskId);
    if (isOver(record.task) || (await failClosed(this.leases.isAlive(record.owner)))) return record;
    return (await this.#failLost(String(taskId))) ?? record;
  }

  /** No replica runs the task any more, and how far it got is unknown. */
  #failLost(id: string): Promise<TaskRecord | undefined> {
    const fault = new Fault('unavailable', 'the replica that worked on the task is gone', {
      reason: 'outcome_unknown',
    });
    return this.#records.end(id, { status: 'failed', ...failedWith(errorResponse(undefined, fault).error) });
  }

  #record(id: string, { task, bound }: { task: JsonObject; bound?: Bound }): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    const { principal } = running;
    running.lastWrite = running.lastWrite.then(() => this.#write(id, { principal, task, bound }));
  }

  /** Retries until it succeeds: an outage of the state must not lose the outcome of a task. */
  async #write(id: string, step: Omit<TaskRecord, 'owner'>): Promise<void> {
    const { replica } = this.channel;
    for (;;) {
      try {
        const record = await this.#records.put({ ...step, owner: replica.id });
        this.#applyEnd(id, record);
        if (isOver(record.task)) this.#running.delete(id);
        return;
      } catch (error) {
        replica.onError(error);
        if (replica.closed) return;
        await new Promise<void>((resolve) => after(RETRY_MS, resolve));
      }
    }
  }

  /** Stops a task that ended elsewhere: through its client, or a replica that considered this one gone. */
  #applyEnd(id: string, { principal, task }: TaskRecord): void {
    // Changes nothing when the task is over here as well.
    if (this.#running.has(id) && isOver(task)) this.#own.cancel(principal, id);
  }
}

/** For messages between replicas, whose sender has checked the token. */
function readerWithoutToken(principal: string): Reader {
  return { principal, check: () => undefined };
}
