/** The tasks of 2025-11-25. */
import { isRecord } from '../../wire/value.js';
import { declares, type HeardMessage } from './heard-message.js';
import { CLIENT_REQUEST, type Rule, SERVER_NOTIFICATION, SERVER_RESULT } from './rule.js';
import { show } from './show.js';

const RELATED = 'io.modelcontextprotocol/related-task';
const TERMINAL: readonly unknown[] = ['completed', 'failed', 'cancelled'];
/** The task that a message shows, with the place of its status. */
export function taskIn({
  kind,
  method,
  params,
  result,
  revision,
}: HeardMessage): { id: string; status: string; where: string } | undefined {
  const candidate =
    kind === 'notification' && (method === 'notifications/tasks/status' || method === 'notifications/tasks')
      ? { task: params, where: 'params' }
      : kind === 'result' && isRecord(result.task) && revision === '2025-11-25'
        ? { task: result.task, where: 'result.task' }
        : kind === 'result' &&
            (method === 'tasks/get' || (method === 'tasks/cancel' && revision === '2025-11-25'))
          ? { task: result, where: 'result' }
          : undefined;
  if (candidate === undefined) return undefined;
  const { taskId, status } = candidate.task;
  return typeof taskId === 'string' && typeof status === 'string'
    ? { id: taskId, status, where: candidate.where }
    : undefined;
}

export const TASK_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...CLIENT_REQUEST,
    method: 'tools/call',
    legacy: { '2025-11-25': '2025-11-25/tasks/004' },
    judge: ({ params, talk }) => {
      if (params.task === undefined || talk.serverCapabilities === undefined) return undefined;
      if (!declares(talk.serverCapabilities, 'tasks.requests.tools.call'))
        return {
          where: 'params.task',
          expected: 'only with the capability "tasks.requests.tools.call"',
          received: show(params.task),
        };
      const support = talk.tools.get(String(params.name))?.taskSupport;
      return talk.tools.has(String(params.name)) && support !== 'optional' && support !== 'required'
        ? {
            where: 'params.task',
            expected: 'only for a tool with "taskSupport"',
            received: show(params.task),
          }
        : undefined;
    },
  },
  {
    ...CLIENT_REQUEST,
    method: 'tools/call',
    legacy: { '2025-11-25': '2025-11-25/tasks/006' },
    judge: ({ params, talk }) =>
      params.task === undefined &&
      talk.tools.get(String(params.name))?.taskSupport === 'required' &&
      declares(talk.serverCapabilities, 'tasks.requests.tools.call')
        ? { where: 'params.task', expected: 'a task: the tool requires it', received: 'nothing' }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    method: 'tools/call',
    legacy: { '2025-11-25': '2025-11-25/tasks/030' },
    judge: ({ request, talk, result }) =>
      request?.asTask &&
      declares(talk.serverCapabilities, 'tasks.requests.tools.call') &&
      !isRecord(result.task)
        ? { where: 'result.task', expected: 'the task that was created', received: show(result.task) }
        : undefined,
  },
  {
    on: ['result', 'notification'],
    by: 'server',
    legacy: { '2025-11-25': '2025-11-25/tasks/018' },
    judge: (message) => {
      const task = taskIn(message);
      const last = task === undefined ? undefined : message.talk.tasks.get(task.id);
      return task === undefined || !TERMINAL.includes(last) || task.status === last
        ? undefined
        : {
            where: `${task.where}.status`,
            expected: `${show(last)}, which is final`,
            received: show(task.status),
          };
    },
  },
  {
    ...SERVER_RESULT,
    method: ['tasks/get', 'tasks/list', 'tasks/cancel'],
    legacy: { '2025-11-25': '2025-11-25/tasks/036' },
    judge: ({ meta }) =>
      RELATED in meta
        ? { where: `result._meta["${RELATED}"]`, expected: 'nothing', received: 'a task id' }
        : undefined,
  },
  {
    ...SERVER_NOTIFICATION,
    method: 'notifications/tasks/status',
    legacy: { '2025-11-25': '2025-11-25/tasks/037' },
    judge: ({ meta }) =>
      RELATED in meta
        ? { where: `params._meta["${RELATED}"]`, expected: 'nothing', received: 'a task id' }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    method: 'tasks/result',
    legacy: { '2025-11-25': '2025-11-25/tasks/047' },
    judge: ({ meta }) => {
      const relatedTask = meta[RELATED];
      return isRecord(relatedTask) && typeof relatedTask.taskId === 'string'
        ? undefined
        : { where: `result._meta["${RELATED}"].taskId`, expected: 'the id of the task', received: 'nothing' };
    },
  },
];
