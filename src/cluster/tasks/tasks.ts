/**
 * The tasks extension: a call that goes on in the background while its client asks, now and then, how it stands. A task
 * belongs to the principal that made it; anybody else is told that there is none. Here it is one process's memory, bounded;
 * replicas share it by replicas/shared-tasks.ts. Over 200 lines because it is one store and its bounds.
 *
 * @see https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main/seps/2663-tasks-extension.md
 */
import { Fault } from '../../wire/fault.js';
import { type Share, shareOf, shareTaken } from '../../wire/mcp/budget.js';
import { missingForQuestion } from '../../wire/mcp/capabilities.js';
import { checkCapabilities } from '../../wire/mcp/connection.js';
import { type InputRequest, TaskStarted } from '../../wire/mcp/definitions.js';
import { answerProblem, mayAsk } from '../../wire/mcp/input.js';
import { askAll } from '../../wire/mcp/input-rounds.js';
import { CLIENT_CAPABILITIES } from '../../wire/mcp/meta.js';
import { Stopped } from '../../wire/mcp/request-context.js';
import { isOver, type Status, snapshot, type Task, TTL_MS } from '../../wire/mcp/task.js';
import { noSuchTask, type TaskStore, type TaskWork } from '../../wire/mcp/task-store.js';
import type { Bound, Reader } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { MAX_TASKS, type TaskOptions } from './task-options.js';

export type { TaskOptions } from './task-options.js';

export class Tasks implements TaskStore {
  readonly #tasks = new Map<string, Task>();
  readonly #working = new Set<Promise<void>>();
  readonly #options: TaskOptions;
  readonly #share: Share;
  /** How many of the tasks each principal has. */
  readonly #own = new Map<string, number>();
  #kept = 0;

  constructor(options: TaskOptions) {
    this.#options = options;
    this.#share = shareOf('tasks', 'tasks-per-principal', MAX_TASKS, options.perPrincipal);
  }

  /** The task is there for `tasks/get` before this returns (SEP-2663, durable creation). */
  start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound = () => undefined,
  ): TaskStarted {
    checkCapabilities(capabilities, `params._meta["${CLIENT_CAPABILITIES}"]`);
    this.#makeRoom(principal);
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
      controller: new AbortController(),
    };
    this.#tasks.set(task.id, task);
    this.#own.set(principal, (this.#own.get(principal) ?? 0) + 1);
    after(TTL_MS, () => {
      this.#end(task, 'failed', { error: { code: 504, message: 'the task outlived its time' } });
      task.controller.abort(new Stopped('deadline', 'the task outlived its time'));
      this.#forget(task);
    });
    const started = new TaskStarted(snapshot(task));
    const working = work(this.#context(task, capabilities)).then(
      (result) => this.#end(task, 'completed', { result }),
      (error: unknown) => {
        if (!isOver(task)) this.#end(task, 'failed', { error: this.#options.errorOf(error) });
      },
    );
    this.#working.add(working);
    void working.then(() => this.#working.delete(working));
    return started;
  }

  /** @throws Fault when this principal has no such task, or its token may not read it. */
  get(reader: Reader, taskId: unknown): JsonObject {
    return snapshot(this.#read(reader, taskId));
  }

  /** Answers to questions that are open; all others are ignored. */
  update(reader: Reader, taskId: unknown, inputResponses: JsonObject): void {
    const task = this.#read(reader, taskId);
    for (const [key, answer] of Object.entries(inputResponses)) {
      const open = task.pending.get(key);
      // A bad answer leaves its question open.
      if (open === undefined || !isRecord(answer) || answerProblem(open.request, answer) !== undefined)
        continue;
      task.pending.delete(key);
      open.answer(answer);
      this.#touch(task, task.pending.size === 0 ? 'working' : 'input_required');
    }
  }

  /** Cooperative: the work is told, and what it does after that no longer counts. */
  cancel(principal: string, taskId: unknown): void {
    const task = this.#find(principal, taskId);
    this.#end(task, 'cancelled', {});
    task.controller.abort(new Stopped('cancelled', 'the task was cancelled'));
  }

  /** Tells all work to stop, and waits until it has. */
  async close(): Promise<void> {
    for (const task of this.#tasks.values()) {
      if (isOver(task)) continue;
      const { code, message } = new Fault('stopping', 'the server stopped before the task was done');
      this.#end(task, 'failed', { error: { code, message } });
      task.controller.abort(new Stopped('stopping', message));
    }
    await Promise.all(this.#working);
  }

  has({ principal, check }: Reader, taskId: string): boolean {
    const task = this.#tasks.get(taskId);
    if (task?.principal !== principal) return false;
    check(task.bound());
    return true;
  }

  /** Every change is told anyway. */
  follow(): () => void {
    return () => {};
  }

  checkRoom(principal: string): void {
    const isOverOf = (among: (task: Task) => boolean): boolean =>
      [...this.#tasks.values()].some((task) => isOver(task) && among(task));
    if (this.#hasShare(principal) && !isOverOf((task) => task.principal === principal))
      throw shareTaken(this.#share);
    if (this.#tasks.size >= MAX_TASKS && !isOverOf(() => true)) throw full();
  }

  /** @throws Fault when there is none for one more of this principal. */
  #makeRoom(principal: string): void {
    if (this.#hasShare(principal)) this.#forgetOldest((task) => task.principal === principal);
    if (this.#hasShare(principal)) throw shareTaken(this.#share);
    if (this.#tasks.size >= MAX_TASKS) this.#forgetOldest(() => true);
    if (this.#tasks.size >= MAX_TASKS) throw full();
  }

  /** Whether the principal has all the tasks of its share. */
  #hasShare(principal: string): boolean {
    const { most } = this.#share;
    return (this.#own.get(principal) ?? 0) >= most && most < MAX_TASKS;
  }

  // The oldest result that could have been fetched makes room; work that goes on is never given up for it.
  #forgetOldest(among: (task: Task) => boolean): void {
    for (const task of this.#tasks.values()) {
      if (!isOver(task) || !among(task)) continue;
      this.#forget(task);
      return;
    }
  }

  /** A client that never fetches what it began must not fill the memory. */
  #trim(newest: Task): void {
    const { maxKept = Number.POSITIVE_INFINITY } = this.#options;
    for (const task of this.#tasks.values()) {
      if (this.#kept <= maxKept) return;
      if (isOver(task) && task !== newest) this.#forget(task);
    }
  }

  #forget({ id, principal, size }: Task): void {
    if (!this.#tasks.delete(id)) return;
    this.#kept -= size;
    const left = (this.#own.get(principal) ?? 1) - 1;
    if (left === 0) this.#own.delete(principal);
    else this.#own.set(principal, left);
  }

  #find(principal: string, taskId: unknown): Task {
    const task = typeof taskId === 'string' ? this.#tasks.get(taskId) : undefined;
    if (task !== undefined && task.principal === principal) return task;
    throw noSuchTask(taskId);
  }

  #read({ principal, check }: Reader, taskId: unknown): Task {
    const task = this.#find(principal, taskId);
    check(task.bound());
    return task;
  }

  #context(task: Task, capabilities: JsonObject): Parameters<TaskWork>[0] {
    const ask = (key: string, request: InputRequest): Promise<JsonObject> =>
      this.#ask(task, capabilities, key, request);
    return {
      signal: task.controller.signal,
      capabilities,
      // Neither is part of tasks (SEP-2663, status notifications).
      progress: () => {},
      waitFor: (needed) => needed,
      log: () => {},
      ask,
      withdraw: (key) => {
        if (!task.pending.delete(key) || isOver(task)) return;
        this.#touch(task, task.pending.size === 0 ? 'working' : 'input_required');
      },
      refuse: (fault) => {
        this.#end(task, 'failed', { error: this.#options.errorOf(fault) });
        task.controller.abort(new Stopped('refused', fault.message, fault));
      },
      askAll: (requests) => askAll(requests, ask),
      releaseStream: () => {},
    };
  }

  #ask(task: Task, capabilities: JsonObject, key: string, request: InputRequest): Promise<JsonObject> {
    if (!mayAsk(request, capabilities)) return Promise.reject(missingForQuestion(request));
    // Work that ignored its signal brings no task back to life.
    if (isOver(task)) return Promise.reject(new Stopped('cancelled', 'the task is over'));
    return new Promise((answer, reject) => {
      task.pending.set(key, { request, answer });
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
    this.#kept += task.size;
    task.pending.clear();
    // From now on it stays, and the call that made it is no longer needed.
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

function full(): Fault {
  return new Fault('busy', `${MAX_TASKS} tasks are kept; try again later`);
}
