/** The port to the tasks of a server. They may be kept by one process, or shared by all replicas. */
import type { Fault } from '../fault.js';
import type { Bound, Reader } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { HandlerContext, TaskStarted } from './definitions.js';

export type TaskContext = HandlerContext & {
  /** Takes a question back that was answered by another way; its `ask` never settles. */
  withdraw(key: string): void;
  /** Ends the task with that refusal and stops its work. */
  refuse(fault: Fault): void;
};

/** The work of a task. The caller's tenant is left out, because the caller that starts the task knows it. */
export type TaskWork = (context: Omit<TaskContext, 'tenant' | 'tenantKey'>) => Promise<JsonObject>;

/** A store in memory answers at once, one that replicas share answers later. */
type Soon<T> = T | Promise<T>;

/** Every refusal is a Fault that is returned; only lost I/O is thrown. */
export type TaskStore = {
  /** `bound` returns the scopes that the task's content is bound to at that moment. */
  start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound,
  ): Soon<TaskStarted | Fault>;
  /** The refusal when there would be no room for a task, before anything is done for it. */
  checkRoom(principal: string): Fault | undefined;
  get(reader: Reader, taskId: unknown): Soon<JsonObject | Fault>;
  update(reader: Reader, taskId: unknown, inputResponses: JsonObject): Soon<Fault | undefined>;
  /** Needs no scope, because stopping a task reveals nothing. */
  cancel(principal: string, taskId: unknown): Soon<Fault | undefined>;
  /** Whether this principal has the task; a Fault when the reader's token may not read it. */
  has(reader: Reader, taskId: string): Soon<boolean | Fault>;
  /** Emits the changes of these tasks in this process, until the returned function is called. */
  follow(taskIds: readonly string[]): () => void;
  close(): Promise<void>;
};
