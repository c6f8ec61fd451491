/**
 * `tasks/get`, `tasks/update` and `tasks/cancel` of the tasks extension.
 *
 * @see https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main/seps/2663-tasks-extension.md
 */
import { Fault } from '../../fault.js';
import { principalKey } from '../../principal.js';
import { isRecord, kindOf } from '../../value.js';
import type { Call, Method } from '../mcp-server.js';
import { readerOf } from '../reading.js';
import type { TaskStore } from '../task-store.js';
import { checkTasksDeclared } from './listen.js';

const offered: NonNullable<Method['offered']> = ({ tasks }) => tasks !== undefined;

export const tasksGet: Method = {
  name: 'tasks/get',
  eras: ['modern'],
  offered,
  run: (call) => withTasks(call, (tasks) => tasks.get(readerOf(call), call.request.params.taskId)),
};

export const tasksUpdate: Method = {
  name: 'tasks/update',
  eras: ['modern'],
  offered,
  run: (call) =>
    withTasks(call, async (tasks) => {
      const { taskId, inputResponses } = call.request.params;
      if (!isRecord(inputResponses)) {
        return new Fault(
          'invalidParams',
          `params.inputResponses must be an object, received ${kindOf(inputResponses)}`,
        );
      }
      await tasks.update(readerOf(call), taskId, inputResponses);
      return {};
    }),
};

export const tasksCancel: Method = {
  name: 'tasks/cancel',
  eras: ['modern'],
  offered,
  run: (call) =>
    withTasks(call, async (tasks) => {
      await tasks.cancel(principalKey(call.context.caller.principal), call.request.params.taskId);
      return {};
    }),
};

function withTasks<T>({ context, server }: Call, run: (tasks: TaskStore) => T): T | Fault {
  const { tasks } = server;
  if (tasks === undefined) return new Fault('methodNotFound', 'this server has no tasks');
  return checkTasksDeclared(context) ?? run(tasks);
}
