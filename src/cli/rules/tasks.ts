/** Tasks: those of 2025-11-25, and those of the extension (SEP-2663). */
import { isRecord } from '../../wire/value.js';
import { TASKS_EXTENSION } from './results.js';
import type { Finding, Rule } from './rule.js';
import { declares, type Said } from './said.js';
import { show } from './show.js';

const RELATED = 'io.modelcontextprotocol/related-task';
const TERMINAL: readonly unknown[] = ['completed', 'failed', 'cancelled'];
const LEGACY = (clause: string) => ({ '2025-11-25': `2025-11-25/tasks/${clause}` });
const declaresTasks = (said: Said): boolean => {
  const extensions = said.asked?.capabilities?.extensions;
  return isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
};

/** The task that a message shows, with the place of its status. */
export function taskIn({ kind, method, params, result, revision }: Said): { id: string; status: string; where: string } | undefined {
  const shown =
    kind === 'notification' && (method === 'notifications/tasks/status' || method === 'notifications/tasks')
      ? { task: params, where: 'params' }
      : kind === 'result' && isRecord(result.task) && revision === '2025-11-25'
        ? { task: result.task, where: 'result.task' }
        : kind === 'result' && (method === 'tasks/get' || (method === 'tasks/cancel' && revision === '2025-11-25'))
          ? { task: result, where: 'result' }
          : undefined;
  if (shown === undefined) return undefined;
  const { taskId, status } = shown.task;
  return typeof taskId === 'string' && typeof status === 'string' ? { id: taskId, status, where: shown.where } : undefined;
}

const resultTypeOf = (method: readonly string[], clause: string): Rule<Said> => ({
  level: 'MUST',
  on: 'result',
  by: 'server',
  method,
  modern: clause,
  judge: ({ result: { resultType } }) =>
    typeof resultType !== 'string' || resultType === 'complete'
      ? undefined
      : { where: 'result.resultType', expected: '"complete"', received: show(resultType) },
});
const empty = (method: string, clause: string): Rule<Said> => ({
  level: 'MUST',
  on: 'result',
  by: 'server',
  method,
  modern: clause,
  judge: ({ result }): Finding | undefined => {
    const names = Object.keys(result).filter((name) => name !== '_meta' && name !== 'resultType');
    return names.length === 0
      ? undefined
      : { where: 'result', expected: 'an empty acknowledgement', received: `members ${names.slice(0, 3).join(', ')}` };
  },
});

export const TASK_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    method: 'tools/call',
    legacy: LEGACY('004'),
    judge: ({ params, talk }) => {
      if (params.task === undefined || talk.serverCapabilities === undefined) return undefined;
      if (!declares(talk.serverCapabilities, 'tasks.requests.tools.call'))
        return { where: 'params.task', expected: 'only with the capability "tasks.requests.tools.call"', received: show(params.task) };
      const support = talk.tools.get(String(params.name))?.taskSupport;
      return talk.tools.has(String(params.name)) && support !== 'optional' && support !== 'required'
        ? { where: 'params.task', expected: 'only for a tool with "taskSupport"', received: show(params.task) }
        : undefined;
    },
  },
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    method: 'tools/call',
    legacy: LEGACY('006'),
    judge: ({ params, talk }) =>
      params.task === undefined &&
      talk.tools.get(String(params.name))?.taskSupport === 'required' &&
      declares(talk.serverCapabilities, 'tasks.requests.tools.call')
        ? { where: 'params.task', expected: 'a task: the tool requires it', received: 'nothing' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: 'tools/call',
    legacy: LEGACY('030'),
    judge: ({ asked, talk, result }) =>
      asked?.asTask && declares(talk.serverCapabilities, 'tasks.requests.tools.call') && !isRecord(result.task)
        ? { where: 'result.task', expected: 'the task that was created', received: show(result.task) }
        : undefined,
  },
  {
    level: 'MUST',
    on: ['result', 'notification'],
    by: 'server',
    legacy: LEGACY('018'),
    judge: (said) => {
      const task = taskIn(said);
      const last = task === undefined ? undefined : said.talk.tasks.get(task.id);
      return task === undefined || !TERMINAL.includes(last) || task.status === last
        ? undefined
        : { where: `${task.where}.status`, expected: `${show(last)}, which is final`, received: show(task.status) };
    },
  },
  {
    level: 'SHOULD',
    on: 'result',
    by: 'server',
    method: ['tasks/get', 'tasks/list', 'tasks/cancel'],
    legacy: LEGACY('036'),
    judge: ({ meta }) =>
      RELATED in meta ? { where: `result._meta["${RELATED}"]`, expected: 'nothing', received: 'a task id' } : undefined,
  },
  {
    level: 'SHOULD',
    on: 'notification',
    by: 'server',
    method: 'notifications/tasks/status',
    legacy: LEGACY('037'),
    judge: ({ meta }) =>
      RELATED in meta ? { where: `params._meta["${RELATED}"]`, expected: 'nothing', received: 'a task id' } : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: 'tasks/result',
    legacy: LEGACY('047'),
    judge: ({ meta }) => {
      const related = meta[RELATED];
      return isRecord(related) && typeof related.taskId === 'string'
        ? undefined
        : { where: `result._meta["${RELATED}"].taskId`, expected: 'the id of the task', received: 'nothing' };
    },
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: 'ext-tasks/sep-2663/001',
    judge: (said) =>
      said.result.resultType === 'task' && said.asked?.capabilities !== undefined && !declaresTasks(said)
        ? { where: 'result.resultType', expected: 'no task: the request does not declare the extension', received: '"task"' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: 'tools/call',
    modern: 'ext-tasks/sep-2663/003',
    judge: ({ result: { taskId, status, resultType } }) =>
      typeof taskId === 'string' && typeof status === 'string' && resultType !== 'task'
        ? { where: 'result.resultType', expected: '"task"', received: show(resultType) }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: 'ext-tasks/sep-2663/004',
    judge: ({ result }) =>
      result.resultType === 'task' && typeof result.taskId !== 'string'
        ? { where: 'result.resultType', expected: '"task" only for a task', received: 'a result without taskId' }
        : undefined,
  },
  resultTypeOf(['tasks/get'], 'ext-tasks/sep-2663/011'),
  resultTypeOf(['tasks/update'], 'ext-tasks/sep-2663/014'),
  resultTypeOf(['tasks/cancel'], 'ext-tasks/sep-2663/016'),
  empty('tasks/update', 'ext-tasks/sep-2663/013'),
  empty('tasks/cancel', 'ext-tasks/sep-2663/015'),
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: ['tasks/get', 'tasks/update', 'tasks/cancel'],
    modern: 'ext-tasks/sep-2663/021',
    judge: (said) =>
      said.asked?.capabilities !== undefined && !declaresTasks(said)
        ? { where: 'result', expected: 'error -32021: the request does not declare the extension', received: 'a result' }
        : undefined,
  },
];
