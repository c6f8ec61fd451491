/** The tasks of the extension (SEP-2663). */
import { TASKS_EXTENSION } from '../../wire/mcp/meta.js';
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { Finding, Rule } from './rule.js';
import type { Said } from './said.js';
import { show } from './show.js';

const declaresTasks = (said: Said): boolean => {
  const extensions = said.asked?.capabilities?.extensions;
  return isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
};

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
      : {
          where: 'result',
          expected: 'an empty acknowledgement',
          received: `members ${names.slice(0, 3).join(', ')}`,
        };
  },
});

export const TASK_EXTENSION_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: 'ext-tasks/sep-2663/001',
    judge: (said) =>
      said.result.resultType === 'task' && said.asked?.capabilities !== undefined && !declaresTasks(said)
        ? {
            where: 'result.resultType',
            expected: 'no task: the request does not declare the extension',
            received: '"task"',
          }
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
    judge: ({ result, method, asked }) =>
      result.resultType === 'task' &&
      asked !== undefined &&
      method !== 'tools/call' &&
      !method.startsWith('tasks/')
        ? { where: 'result.resultType', expected: '"task" only for a task', received: `"task" for ${method}` }
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
        ? {
            where: 'result',
            expected: `error ${CODES.missingCapability}: the request does not declare the extension`,
            received: 'a result',
          }
        : undefined,
  },
];
