/** The port to the tasks of a server, which one process may keep or all replicas may share. */
import type { Fault } from '../fault.js';
import type { Bound, Reader } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { HandlerContext, TaskStarted } from './definitions.js';

export type TaskContext = HandlerContext & {
  /** Withdraws a question that was answered another way; its `ask` never settles. */
  withdraw(key: string): void;
  /** Ends the task with that refusal and stops its work. */
  refuse(fault: Fault): void;
};

/** The work of a task. The context lacks the tenant, because whoever starts the task knows it. */
export type TaskWork = (context: Omit<TaskContext, 'tenant' | 'tenantKey'>) => Promise<JsonObject>;

/** A store in memory answers synchronously; a store that replicas share cannot. */
type MaybePromise<T> = T | Promise<T>;

/** A store returns every refusal as a Fault and throws only when it loses I/O. */
export type TaskStore = {
  /** `bound` returns the scopes that the task's content is bound to at this moment. */
  start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound,
  ): MaybePromise<TaskStarted | Fault>;
  /** The refusal if there is no room for one more task; starts nothing. */
  checkRoom(principal: string): Fault | undefined;
  get(reader: Reader, taskId: unknown): MaybePromise<JsonObject | Fault>;
  update(reader: Reader, taskId: unknown, inputResponses: JsonObject): MaybePromise<Fault | undefined>;
  /** Needs no scope, because stopping a task reveals nothing. */
  cancel(principal: string, taskId: unknown): MaybePromise<Fault | undefined>;
  /** Whether this principal has the task; a Fault if the reader's token may not read it. */
  has(reader: Reader, taskId: string): MaybePromise<boolean | Fault>;
  /** Emits the changes of these tasks in this process, until the returned function is called. */
  follow(taskIds: readonly string[]): () => void;
  close(): Promise<void>;
};
