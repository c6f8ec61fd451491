/**
 * Tasks that any replica answers for. The one that was asked for a task works on it and writes down each step; an answer of
 * the client is sent to it, and a cancellation written down for it to see. A task whose replica is gone has failed. Over 200 lines because it is one desk.
 */

import { after } from '../../wire/clock.js';
import { Fault } from '../../wire/fault.js';
import { Changes } from '../../wire/mcp/changes.js';
import type { TaskStarted } from '../../wire/mcp/definitions.js';
import { isOver } from '../../wire/mcp/task.js';
import { noSuchTask, type TaskStore, type TaskWork } from '../../wire/mcp/task-store.js';
import type { Bound, Reader } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Leases } from '../leases.js';
import { reached } from '../replica.js';
import type { ReplicaChannel } from '../replica-channel.js';
import { Followed } from './followed.js';
import { type TaskRecord, TaskRecords } from './task-records.js';
import { type TaskOptions, Tasks } from './tasks.js';

/** Before a step is written once more that could not be, milliseconds. */
const AGAIN_MS = 1_000;

export class SharedTasks implements TaskStore {
  readonly #own: Tasks;
  readonly #records: TaskRecords;
  readonly #followed: Followed;
  /** Tasks that are worked on here: whose each is, and its last step's way into the record. */
  readonly #working = new Map<string, { principal: string; written: Promise<void> }>();

  constructor(
    options: TaskOptions,
    readonly mail: ReplicaChannel,
    readonly leases: Leases,
  ) {
    const steps = new Changes();
    steps.listen((change) => {
      if (change.kind === 'task') this.#step(change.taskId, change);
    });
    this.#own = new Tasks({ ...options, changes: steps });
    this.#records = new TaskRecords(mail.replica);
    this.#followed = new Followed(
      (id) => this.#records.find(id),
      (owner, run) => leases.whenGone(owner, run),
      (id) => void this.#lost(id).catch(mail.replica.onError),
    );
    // What is told here can be fetched at any replica.
    const look = async (id: string): Promise<(() => void) | undefined> => {
      if (!this.#followed.has(id) && !this.#working.has(id)) return undefined;
      const record = await this.#records.find(id);
      return () => {
        if (record === undefined) return;
        this.#obey(id, record);
        if (this.#followed.has(id))
          options.changes.emit({ kind: 'task', taskId: id, task: record.task, bound: record.bound });
      };
    };
    this.#records.watch({
      one: look,
      all: async () => {
        const ids = new Set([...this.#followed.ids, ...this.#working.keys()]);
        const seen = await Promise.all([...ids].map(look));
        return () => {
          for (const each of seen) each?.();
        };
      },
    });
    mail.on('task-update', ({ principal, taskId, inputResponses }) => {
      if (typeof principal !== 'string' || typeof taskId !== 'string' || !isRecord(inputResponses)) return;
      // The replica that received the request has checked the token.
      const reader = checked(principal);
      if (this.#own.has(reader, taskId)) this.#own.update(reader, taskId, inputResponses);
    });
  }

  /** Its record is there before its work begins, and so before its id is known to anybody. */
  async start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound = () => undefined,
  ): Promise<TaskStarted> {
    let begin = (): void => {};
    let give = (_reason: unknown): void => {};
    const recorded = new Promise<void>((resolve, reject) => {
      begin = resolve;
      give = reject;
    });
    const inTurn: TaskWork = async (context) => {
      await recorded;
      return work(context);
    };
    const started = this.#own.start(principal, capabilities, inTurn, bound);
    const { task } = started;
    try {
      await reached(this.#records.put({ principal, owner: this.mail.replica.id, task, bound: bound() }));
    } catch (error) {
      give(error);
      throw error;
    }
    this.#working.set(String(task.taskId), { principal, written: Promise.resolve() });
    begin();
    return started;
  }

  checkRoom(principal: string): void {
    this.#own.checkRoom(principal);
  }

  async get(reader: Reader, taskId: unknown): Promise<JsonObject> {
    return (await this.#read(reader, taskId)).task;
  }

  async update(reader: Reader, taskId: unknown, inputResponses: JsonObject): Promise<void> {
    const { principal } = reader;
    const { task, owner } = await this.#read(reader, taskId);
    if (isOver(task)) return;
    if (owner !== this.mail.replica.id)
      return reached(this.mail.send(owner, 'task-update', { principal, taskId, inputResponses }));
    const id = String(taskId);
    if (!this.#own.has(reader, id)) return;
    this.#own.update(reader, id, inputResponses);
    await this.#working.get(id)?.written;
  }

  async cancel(principal: string, taskId: unknown): Promise<void> {
    await this.#find(principal, taskId);
    const id = String(taskId);
    const record = await this.#records.end(id, { status: 'cancelled' });
    if (record !== undefined) this.#obey(id, record);
  }

  async has({ principal, check }: Reader, taskId: string): Promise<boolean> {
    const record = await reached(this.#records.find(taskId));
    if (record?.principal !== principal) return false;
    check(record.bound);
    return true;
  }

  follow(taskIds: readonly string[]): () => void {
    return this.#followed.follow(taskIds, this.mail.replica.onError);
  }

  async close(): Promise<void> {
    await this.#own.close();
    await Promise.all([...this.#working.values()].map(({ written }) => written));
  }

  async #read({ principal, check }: Reader, taskId: unknown): Promise<TaskRecord> {
    const record = await this.#find(principal, taskId);
    check(record.bound);
    return record;
  }

  async #find(principal: string, taskId: unknown): Promise<TaskRecord> {
    const record = typeof taskId === 'string' ? await reached(this.#records.find(taskId)) : undefined;
    if (record === undefined || record.principal !== principal) throw noSuchTask(taskId);
    if (isOver(record.task) || (await reached(this.leases.alive(record.owner)))) return record;
    return (await this.#lost(String(taskId))) ?? record;
  }

  /** Nobody works on it any more, and nobody knows how far it came. */
  #lost(id: string): Promise<TaskRecord | undefined> {
    const { code, message } = new Fault('unavailable', 'the replica that worked on the task is gone');
    return this.#records.end(id, { status: 'failed', error: { code, message } });
  }

  #step(id: string, { task, bound }: { task: JsonObject; bound?: Bound }): void {
    const working = this.#working.get(id);
    if (working === undefined) return;
    const { principal } = working;
    working.written = working.written.then(() => this.#write(id, { principal, task, bound }));
  }

  /** Until it is written: what came of a task must not be lost because the state was away when it ended. */
  async #write(id: string, step: Omit<TaskRecord, 'owner'>): Promise<void> {
    const { replica } = this.mail;
    for (;;) {
      try {
        const record = await this.#records.put({ ...step, owner: replica.id });
        this.#obey(id, record);
        if (isOver(record.task)) this.#working.delete(id);
        return;
      } catch (error) {
        replica.onError(error);
        if (replica.closed) return;
        await new Promise<void>((resolve) => after(AGAIN_MS, resolve));
      }
    }
  }

  /** It was ended elsewhere: by its client, or by a replica that took this one for gone. */
  #obey(id: string, { principal, task }: TaskRecord): void {
    const reader = checked(principal);
    if (!this.#working.has(id) || !isOver(task) || !this.#own.has(reader, id)) return;
    if (!isOver(this.#own.get(reader, id))) this.#own.cancel(principal, id);
  }
}

/** For messages between replicas, which have no token. */
function checked(principal: string): Reader {
  return { principal, check: () => {} };
}
