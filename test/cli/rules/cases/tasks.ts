/** Tasks: what violates the rules of 2025-11-25 and of the extension. */
import type { Violation } from '../../../../src/cli/rules/witness.js';
import type { JsonObject } from '../../../../src/wire/value.js';
import { type Case, notification, pipe, request, result, SERVER_CAPABILITIES } from '../conversations.js';
import { ask, modern, SERVER_META } from '../exchanges.js';

const TIMES = { createdAt: '2025-11-25T10:30:00Z', lastUpdatedAt: '2025-11-25T10:30:00Z' };
const TASK = { taskId: 't', status: 'working', ...TIMES, ttl: null };
const RELATED = { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 't' } } };
const answers = (method: string, value: unknown, params: JsonObject = { taskId: 't' }): Violation[] =>
  pipe({}, ['>', request(method, params)], ['<', result(value)]);
const creates = (task: JsonObject) =>
  answers('tools/call', { task: { ...TASK, ...task } }, { name: 'a', task: {} });
const gets = (task: JsonObject) => answers('tasks/get', { ...TASK, ...task });
const listed = (taskSupport: string | undefined) =>
  result({ tools: [{ name: 'a', inputSchema: { type: 'object' }, execution: { taskSupport } }] }, 1);
const calls = (params: JsonObject, taskSupport?: string) =>
  pipe(
    {},
    ['>', request('tools/list', {}, 1)],
    ['<', listed(taskSupport)],
    ['>', request('tools/call', { name: 'a', ...params })],
  );

const META = { _meta: SERVER_META };
const EXTENDED = { taskId: 't', status: 'working', ...TIMES, ttlMs: null };
const gives = (method: string, value: JsonObject, params: JsonObject = { taskId: 't' }) =>
  ask(modern(method, params), { result: { resultType: 'complete', ...META, ...value } });
const shows = (task: JsonObject) => gives('tasks/get', { ...EXTENDED, ...task });
const undeclared = (method: string, value: JsonObject, params: JsonObject) =>
  gives(method, value, { ...params, _meta: { 'io.modelcontextprotocol/clientCapabilities': {} } });

export const TASK_CASES: readonly Case[] = [
  ['2025-11-25/tasks/004', 'client', () => calls({ task: {} })],
  [
    '2025-11-25/tasks/004',
    'client',
    () =>
      pipe({ server: { ...SERVER_CAPABILITIES, tasks: {} } }, [
        '>',
        request('tools/call', { name: 'a', task: {} }),
      ]),
  ],
  ['2025-11-25/tasks/006', 'client', () => calls({}, 'required')],
  ['2025-11-25/tasks/014', 'server', () => creates({ taskId: 1 })],
  ['2025-11-25/tasks/016', 'server', () => creates({ status: 'completed' })],
  [
    '2025-11-25/tasks/018',
    'server',
    () =>
      pipe(
        {},
        ['>', request('tasks/get', { taskId: 't' }, 1)],
        ['<', result({ ...TASK, status: 'failed' }, 1)],
        ['<', notification('notifications/tasks/status', TASK)],
      ),
  ],
  ['2025-11-25/tasks/024', 'server', () => gets({ createdAt: 'now' })],
  ['2025-11-25/tasks/025', 'server', () => gets({ lastUpdatedAt: undefined })],
  ['2025-11-25/tasks/027', 'server', () => gets({ ttl: undefined })],
  ['2025-11-25/tasks/030', 'server', () => answers('tools/call', { content: [] }, { name: 'a', task: {} })],
  ['2025-11-25/tasks/036', 'server', () => gets(RELATED)],
  [
    '2025-11-25/tasks/037',
    'server',
    () => pipe({}, ['<', notification('notifications/tasks/status', { ...TASK, ...RELATED })]),
  ],
  ['2025-11-25/tasks/039', 'server', () => answers('tasks/list', { tasks: [TASK], nextCursor: null }, {})],
  ['2025-11-25/tasks/047', 'server', () => answers('tasks/result', { content: [] })],
  [
    'ext-tasks/sep-2663/001',
    'server',
    () => undeclared('tools/call', { resultType: 'task', ...EXTENDED }, { name: 'a' }),
  ],
  [
    'ext-tasks/sep-2663/003',
    'server',
    () => gives('tools/call', { ...EXTENDED, content: [] }, { name: 'a' }),
  ],
  ['ext-tasks/sep-2663/004', 'server', () => gives('tools/list', { tools: [], resultType: 'task' }, {})],
  ['ext-tasks/sep-2663/007', 'server', () => shows({ status: 'input_required' })],
  ['ext-tasks/sep-2663/008', 'server', () => shows({ status: 'completed' })],
  ['ext-tasks/sep-2663/010', 'server', () => shows({ status: 'failed' })],
  ['ext-tasks/sep-2663/011', 'server', () => gives('tasks/get', { ...EXTENDED, resultType: 'task' })],
  [
    'ext-tasks/sep-2663/013',
    'server',
    () => gives('tasks/update', { taskId: 't' }, { taskId: 't', inputResponses: {} }),
  ],
  [
    'ext-tasks/sep-2663/014',
    'server',
    () => gives('tasks/update', { resultType: 'odd' }, { taskId: 't', inputResponses: {} }),
  ],
  ['ext-tasks/sep-2663/015', 'server', () => gives('tasks/cancel', { status: 'cancelled' })],
  ['ext-tasks/sep-2663/016', 'server', () => gives('tasks/cancel', { resultType: 'odd' })],
  ['ext-tasks/sep-2663/021', 'server', () => undeclared('tasks/get', EXTENDED, { taskId: 't' })],
];
