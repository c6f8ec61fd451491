/** What the methods need of tasks, whoever keeps them: one process (tasks.ts), or all replicas of a server. */
import { Fault } from '../fault.js';
import { type JsonObject, preview } from '../value.js';
import type { HandlerContext } from './context.js';
import type { TaskStarted } from './tool.js';

export type TaskContext = HandlerContext & {
  /** Takes a question back that was answered by another way; the `ask` of it never settles. */
  withdraw(key: string): void;
};

/** Whose work it is, the one who starts it knows. */
export type TaskWork = (context: Omit<TaskContext, 'tenant' | 'tenantKey'>) => Promise<JsonObject>;

/** The tasks of a server: one process's, at once, or those of all its replicas. Every refusal is a Fault. */
export type TaskDesk = {
  start(principal: string, capabilities: JsonObject, work: TaskWork): TaskStarted | Promise<TaskStarted>;
  get(principal: string, taskId: unknown): JsonObject | Promise<JsonObject>;
  update(principal: string, taskId: unknown, inputResponses: JsonObject): void | Promise<void>;
  cancel(principal: string, taskId: unknown): void | Promise<void>;
  has(principal: string, taskId: string): boolean | Promise<boolean>;
  /** Sees to it that changes of these tasks are told here, until the returned function is called. */
  follow(taskIds: readonly string[]): () => void;
  close(): Promise<void>;
};

/** Also of a task of somebody else: whose it is, nobody is told. */
export function noSuchTask(taskId: unknown): Fault {
  return new Fault('invalidParams', `params.taskId: no such task: ${preview(taskId)}`);
}
