/**
 * `tasks/get`, `tasks/update` and `tasks/cancel` of the tasks extension.
 *
 * @see https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main/seps/2663-tasks-extension.md
 */
import { Fault } from '../../fault.js';
import { principalKey } from '../../principal.js';
import { isRecord, kindOf } from '../../value.js';
import type { McpServer, Method } from '../mcp-server.js';
import { readerOf } from '../reading.js';
import type { TaskStore } from '../task-store.js';
import { requireTasks } from './listen.js';

const offered: NonNullable<Method['offered']> = ({ tasks }) => tasks !== undefined;

export const tasksGet: Method = {
  name: 'tasks/get',
  eras: ['modern'],
  offered,
  handle({ params }, exchange, server) {
    requireTasks(exchange);
    return tasksOf(server).get(readerOf(exchange, server), params.taskId);
  },
};

export const tasksUpdate: Method = {
  name: 'tasks/update',
  eras: ['modern'],
  offered,
  async handle({ params }, exchange, server) {
    requireTasks(exchange);
    const { inputResponses } = params;
    if (!isRecord(inputResponses)) {
      throw new Fault(
        'invalidParams',
        `params.inputResponses must be an object, received ${kindOf(inputResponses)}`,
      );
    }
    await tasksOf(server).update(readerOf(exchange, server), params.taskId, inputResponses);
    return {};
  },
};

export const tasksCancel: Method = {
  name: 'tasks/cancel',
  eras: ['modern'],
  offered,
  async handle({ params }, exchange, server) {
    requireTasks(exchange);
    await tasksOf(server).cancel(principalKey(exchange.caller.principal), params.taskId);
    return {};
  },
};

function tasksOf({ tasks }: McpServer): TaskStore {
  if (tasks === undefined) throw new Fault('methodNotFound', 'this server has no tasks');
  return tasks;
}
