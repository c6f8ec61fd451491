/**
 * The tasks extension: a call continues in the background while its client polls. A task belongs to the principal that
 * started it; to all others it does not exist. This store is bounded and in memory; shared-tasks.ts shares it among
 * replicas. Over 200 lines because the class implements all of TaskStore and its limits.
 *
 * @see https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main/seps/2663-tasks-extension.md
 */
import type { After } from '../../wire/clock.js';
import { Fault } from '../../wire/fault.js';
import { type Share, shareOf, shareTaken } from '../../wire/mcp/budget.js';
import { type Changes, checkCapabilities } from '../../wire/mcp/connection.js';
import { type InputRequest, TaskStarted } from '../../wire/mcp/definitions.js';
import { mayAsk } from '../../wire/mcp/input.js';
import { askAll, unusedKey } from '../../wire/mcp/input-rounds.js';
import { CLIENT_CAPABILITIES } from '../../wire/mcp/meta.js';
import { missingForQuestion } from '../../wire/mcp/methods/lifecycle.js';
import { Stopped } from '../../wire/mcp/request-context.js';
import type { TaskStore, TaskWork } from '../../wire/mcp/task-store.js';
import type { Bound, Reader } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import {
  checkResponses,
  failedWith,
  isOver,
  noSuchTask,
  type Status,
  snapshot,
  type Task,
  TTL_MS,
} from './task.js';

export type TaskOptions = {
  after: After;
  clock: () => Date;
  newId: () => string;
  changes: Changes;
  /** Characters of outcomes that are kept for clients to fetch; the oldest are dropped first. */
  maxKept?: number;
  /** The JSON-RPC error for an exception. */
  errorOf: (error: unknown) => { code: number; message: string; data?: unknown };
  /** Tasks of one principal; a tenth of all by default. */
  perPrincipal?: number | undefined;
};

export const MAX_TASKS = 10_000;

export class Tasks implements TaskStore {
  readonly #tasks = new Map<string, Task>();
  readonly #running = new Set<Promise<void>>();
  readonly #options: TaskOptions;
  readonly #share: Share;
  /** Number of tasks by principal. */
  readonly #counts = new Map<string, number>();
  /** Characters of all outcomes. */
  #outcomeSize = 0;

  constructor(options: TaskOptions) {
    this.#options = options;
    this.#share = shareOf('tasks', 'tasks-per-principal', MAX_TASKS, options.perPrincipal);
  }

  /** `tasks/get` finds the task before this returns (SEP-2663, durable creation). */
  start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound = () => undefined,
  ): TaskStarted | Fault {
    const tooLong = checkCapabilities(capabilities, `params._meta["${CLIENT_CAPABILITIES}"]`);
    if (tooLong !== undefined) return tooLong;
    const surplus = this.#surplus(principal);
    if (surplus instanceof Fault) return surplus;
    for (const task of surplus) this.#forget(task);
    const { newId, clock, after } = this.#options;
    const now = clock().toISOString();
    const task: Task = {
      id: newId(),
      principal,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      outcome: {},
      bound,
      size: 0,
      pending: new Map(),
      keys: new Set(),
      controller: new AbortController(),
    };
    this.#tasks.set(task.id, task);
    this.#counts.set(principal, (this.#counts.get(principal) ?? 0) + 1);
    after(TTL_MS, () => {
      this.#end(task, 'failed', failedWith({ code: 504, message: 'the task outlived its time' }));
      task.controller.abort(new Stopped('deadline', 'the task outlived its time'));
      this.#forget(task);
    });
    const started = new TaskStarted(snapshot(task));
    const running = work(this.#context(task, capabilities)).then(
      (result) => this.#end(task, 'completed', { result }),
      (error: unknown) => {
        if (!isOver(task)) this.#end(task, 'failed', failedWith(this.#options.errorOf(error)));
      },
    );
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
    return started;
  }

  get(reader: Reader, taskId: unknown): JsonObject | Fault {
    const task = this.#read(reader, taskId);
    return task instanceof Fault ? task : snapshot(task);
  }

  /** Takes all answers or none; those that belong to no open question are ignored. */
  update(reader: Reader, taskId: unknown, inputResponses: JsonObject): Fault | undefined {
    const task = this.#read(reader, taskId);
    if (task instanceof Fault) return task;
    const invalid = checkResponses(inputResponses, (key) => task.pending.get(key)?.request);
    if (invalid !== undefined) return invalid;
    for (const [key, answer] of Object.entries(inputResponses)) {
      const open = task.pending.get(key);
      if (open === undefined || !isRecord(answer)) continue;
      task.pending.delete(key);
      open.answer(answer);
      this.#touch(task, task.pending.size === 0 ? 'working' : 'input_required');
    }
    return undefined;
  }

  /** Cooperative: the work gets an abort signal, and its later outcome is ignored. */
  cancel(principal: string, taskId: unknown): Fault | undefined {
    const task = this.#find(principal, taskId);
    if (task instanceof Fault) return task;
    this.#end(task, 'cancelled', {});
    task.controller.abort(new Stopped('cancelled', 'the task was cancelled'));
    return undefined;
  }

  /** Aborts all work and waits until it has stopped. */
  async close(): Promise<void> {
    for (const task of this.#tasks.values()) {
      if (isOver(task)) continue;
      const fault = new Fault('stopping', 'the server stopped before the task was done', {
        reason: 'outcome_unknown',
      });
      this.#end(task, 'failed', failedWith(this.#options.errorOf(fault)));
      task.controller.abort(new Stopped('stopping', fault.message));
    }
    await Promise.all(this.#running);
  }

  has({ principal, check }: Reader, taskId: string): boolean | Fault {
    const task = this.#tasks.get(taskId);
    return task?.principal === principal && (check(task.bound()) ?? true);
  }

  /** Every change is announced anyway. */
  follow(): () => void {
    return () => {};
  }

  checkRoom(principal: string): Fault | undefined {
    const surplus = this.#surplus(principal);
    return surplus instanceof Fault ? surplus : undefined;
  }

  /**
   * The finished tasks that must go before this principal can start another, or the refusal when that is not enough. Unfinished
   * work is never dropped.
   */
  #surplus(principal: string): Task[] | Fault {
    const surplus: Task[] = [];
    const { max } = this.#share;
    if (max < MAX_TASKS && (this.#counts.get(principal) ?? 0) >= max) {
      const oldest = this.#oldestFinished((task) => task.principal === principal);
      if (oldest === undefined) return shareTaken(this.#share);
      surplus.push(oldest);
    }
    if (this.#tasks.size - surplus.length >= MAX_TASKS) {
      const oldest = this.#oldestFinished(() => true);
      if (oldest === undefined) return new Fault('busy', `${MAX_TASKS} tasks are kept; try again later`);
      surplus.push(oldest);
    }
    return surplus;
  }

  #oldestFinished(matches: (task: Task) => boolean): Task | undefined {
    for (const task of this.#tasks.values()) if (isOver(task) && matches(task)) return task;
    return undefined;
  }

  /** Bounds the memory that outcomes take which no client fetches. */
  #trim(newest: Task): void {
    const { maxKept = Number.POSITIVE_INFINITY } = this.#options;
    for (const task of this.#tasks.values()) {
      if (this.#outcomeSize <= maxKept) return;
      if (isOver(task) && task !== newest) this.#forget(task);
    }
  }

  #forget({ id, principal, size }: Task): void {
    if (!this.#tasks.delete(id)) return;
    this.#outcomeSize -= size;
    const count = (this.#counts.get(principal) ?? 1) - 1;
    if (count === 0) this.#counts.delete(principal);
    else this.#counts.set(principal, count);
  }

  #find(principal: string, taskId: unknown): Task | Fault {
    const task = typeof taskId === 'string' ? this.#tasks.get(taskId) : undefined;
    return task?.principal === principal ? task : noSuchTask(taskId);
  }

  #read({ principal, check }: Reader, taskId: unknown): Task | Fault {
    const task = this.#find(principal, taskId);
    return task instanceof Fault ? task : (check(task.bound()) ?? task);
  }

  #context(task: Task, capabilities: JsonObject): Parameters<TaskWork>[0] {
    const ask = (key: string, request: InputRequest): Promise<JsonObject> =>
      this.#ask(task, capabilities, key, request);
    return {
      signal: task.controller.signal,
      capabilities,
      // Tasks have neither progress nor log messages (SEP-2663, status notifications).
      progress: () => {},
      waitFor: (needed) => needed,
      log: () => {},
      ask,
      withdraw: (key) => {
        if (!task.pending.delete(key) || isOver(task)) return;
        this.#touch(task, task.pending.size === 0 ? 'working' : 'input_required');
      },
      refuse: (fault) => {
        this.#end(task, 'failed', failedWith(this.#options.errorOf(fault)));
        task.controller.abort(new Stopped('refused', fault.message, fault));
      },
      askAll: (requests) => askAll(requests, ask),
      releaseStream: () => {},
    };
  }

  #ask(task: Task, capabilities: JsonObject, key: string, request: InputRequest): Promise<JsonObject> {
    if (!mayAsk(request, capabilities)) return Promise.reject(missingForQuestion(request));
    // Work that ignores its signal cannot revive the task.
    if (isOver(task)) return Promise.reject(new Stopped('cancelled', 'the task is over'));
    return new Promise((answer, reject) => {
      task.pending.set(unusedKey(task.keys, key), { request, answer });
      task.controller.signal.addEventListener('abort', () => reject(task.controller.signal.reason), {
        once: true,
      });
      this.#touch(task, 'input_required');
    });
  }

  #end(task: Task, status: Status, outcome: JsonObject): void {
    if (isOver(task)) return;
    task.outcome = outcome;
    task.size = JSON.stringify(outcome).length;
    this.#outcomeSize += task.size;
    task.pending.clear();
    // Evaluated once, so that the task no longer holds on to its call.
    const bound = task.bound();
    task.bound = () => bound;
    this.#touch(task, status);
    this.#trim(task);
  }

  #touch(task: Task, status: Status): void {
    task.status = status;
    task.lastUpdatedAt = this.#options.clock().toISOString();
    this.#options.changes.emit({ kind: 'task', taskId: task.id, task: snapshot(task), bound: task.bound() });
  }
}
