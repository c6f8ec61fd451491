/** What the methods need of tasks, whoever keeps them: one process (tasks.ts), or all replicas of a server. */
import { Fault } from '../fault.js';
import type { Bound, Reader } from '../principal.js';
import { type JsonObject, preview } from '../value.js';
import type { HandlerContext, TaskStarted } from './definitions.js';

export type TaskContext = HandlerContext & {
  /** Takes a question back that was answered by another way; the `ask` of it never settles. */
  withdraw(key: string): void;
  /** Ends the task with that refusal and stops its work. */
  refuse(fault: Fault): void;
};

/** Whose work it is, the one who starts it knows. */
export type TaskWork = (context: Omit<TaskContext, 'tenant' | 'tenantKey'>) => Promise<JsonObject>;

/** The tasks of a server: one process's, at once, or those of all its replicas. Every refusal is a Fault. */
export type TaskStore = {
  /** `bound` returns the scopes that the task's content is bound to at that moment. */
  start(
    principal: string,
    capabilities: JsonObject,
    work: TaskWork,
    bound: () => Bound,
  ): TaskStarted | Promise<TaskStarted>;
  /** Before anything is done for a task that may be started. @throws Fault when there would be no room for it */
  checkRoom(principal: string): void;
  get(reader: Reader, taskId: unknown): JsonObject | Promise<JsonObject>;
  update(reader: Reader, taskId: unknown, inputResponses: JsonObject): void | Promise<void>;
  /** Needs no scope, because stopping a task reveals nothing. */
  cancel(principal: string, taskId: unknown): void | Promise<void>;
  has(reader: Reader, taskId: string): boolean | Promise<boolean>;
  /** Sees to it that changes of these tasks are told here, until the returned function is called. */
  follow(taskIds: readonly string[]): () => void;
  close(): Promise<void>;
};

/** Also of a task of somebody else: whose it is, nobody is told. */
export function noSuchTask(taskId: unknown): Fault {
  return new Fault('invalidParams', `params.taskId: no such task: ${preview(taskId)}`);
}
