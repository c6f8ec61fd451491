import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { taskProblems } from './task-shapes.js';

const test = suite('support/task-shapes');
const TIME = '2026-07-28T12:00:00.000Z';
const task = { taskId: 't', status: 'working', createdAt: TIME, lastUpdatedAt: TIME, ttlMs: 1000 };
const answer = (result: object) => ({ jsonrpc: '2.0', id: 1, result });
const accepts = (method: string | undefined, message: Record<string, unknown>) =>
  assert.equal(taskProblems(method, message), []);
const refuses = (method: string | undefined, message: Record<string, unknown>) =>
  assert.ok((taskProblems(method, message) ?? []).length > 0);

test('a started task is working and says what kind of result it is', () => {
  accepts('tools/call', answer({ resultType: 'task', ...task }));
  refuses('tools/call', answer({ resultType: 'complete', ...task }));
  refuses(
    'tools/call',
    answer({
      resultType: 'task',
      ...task,
      status: 'completed',
      result: { resultType: 'complete', content: [] },
    }),
  );
});
test('each status has its own member, and no other has it', () => {
  const shown = (more: object) => answer({ resultType: 'complete', ...task, ...more });
  accepts('tasks/get', shown({ status: 'completed', result: { resultType: 'complete', content: [] } }));
  accepts('tasks/get', shown({ status: 'failed', error: { code: 1, message: 'm' } }));
  accepts('tasks/get', shown({ status: 'input_required', inputRequests: { a: {} } }));
  accepts('tasks/get', shown({ status: 'cancelled' }));
  refuses('tasks/get', shown({ status: 'completed' }));
  refuses('tasks/get', shown({ status: 'completed', result: { content: [] } }));
  refuses('tasks/get', shown({ result: { resultType: 'complete', content: [] } }));
  refuses('tasks/get', shown({ status: 'failed', error: { code: '1', message: 'm' } }));
  refuses('tasks/get', shown({ status: 'input_required', inputRequests: {} }));
  refuses('tasks/get', shown({ createdAt: 'yesterday' }));
});
test('an update and a cancellation are answered without the task', () => {
  accepts('tasks/update', answer({ resultType: 'complete' }));
  refuses('tasks/cancel', answer({ resultType: 'complete', ...task }));
});
test('a notification holds the task', () => {
  const told = (params: object) => ({ jsonrpc: '2.0', method: 'notifications/tasks', params });
  accepts(undefined, told(task));
  refuses(undefined, told({ taskId: 't' }));
});
test('other messages are left to the schema of the revision', () => {
  assert.is(taskProblems('tools/call', answer({ resultType: 'complete', content: [] })), undefined);
  assert.is(taskProblems('tools/list', answer(task)), undefined);
});

test.run();
