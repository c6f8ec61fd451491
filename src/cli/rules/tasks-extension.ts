/** The tasks of the extension (SEP-2663). */
import { TASKS_EXTENSION } from '../../wire/mcp/meta.js';
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { HeardMessage } from './heard-message.js';
import { completeRule, emptyResult } from './results.js';
import { type Rule, SERVER_RESULT } from './rule.js';
import { show } from './show.js';

const declaresTasks = (message: HeardMessage): boolean => {
  const extensions = message.request?.capabilities?.extensions;
  return isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
};

export const TASK_EXTENSION_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_RESULT,
    modern: 'ext-tasks/sep-2663/001',
    judge: (message) =>
      message.result.resultType === 'task' &&
      message.request?.capabilities !== undefined &&
      !declaresTasks(message)
        ? {
            where: 'result.resultType',
            expected: 'no task: the request does not declare the extension',
            received: '"task"',
          }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    method: 'tools/call',
    modern: 'ext-tasks/sep-2663/003',
    judge: ({ result: { taskId, status, resultType } }) =>
      typeof taskId === 'string' && typeof status === 'string' && resultType !== 'task'
        ? { where: 'result.resultType', expected: '"task"', received: show(resultType) }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    modern: 'ext-tasks/sep-2663/004',
    judge: ({ result, method, request }) =>
      result.resultType === 'task' &&
      request !== undefined &&
      method !== 'tools/call' &&
      !method.startsWith('tasks/')
        ? { where: 'result.resultType', expected: '"task" only for a task', received: `"task" for ${method}` }
        : undefined,
  },
  completeRule('ext-tasks/sep-2663/011', 'tasks/get'),
  completeRule('ext-tasks/sep-2663/014', 'tasks/update'),
  completeRule('ext-tasks/sep-2663/016', 'tasks/cancel'),
  { ...SERVER_RESULT, method: 'tasks/update', modern: 'ext-tasks/sep-2663/013', judge: emptyResult },
  { ...SERVER_RESULT, method: 'tasks/cancel', modern: 'ext-tasks/sep-2663/015', judge: emptyResult },
  {
    ...SERVER_RESULT,
    method: ['tasks/get', 'tasks/update', 'tasks/cancel'],
    modern: 'ext-tasks/sep-2663/021',
    judge: (message) =>
      message.request?.capabilities !== undefined && !declaresTasks(message)
        ? {
            where: 'result',
            expected: `error ${CODES.missingCapability}: the request does not declare the extension`,
            received: 'a result',
          }
        : undefined,
  },
];
