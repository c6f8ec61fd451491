/** The tools of the official suite that go on as tasks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { elicit, type Tool, ToolError } from '../../src/index.js';
import { text, tool } from './content-tools.js';

const REQUIRED = { requires: { extensions: { 'io.modelcontextprotocol/tasks': {} } } };
const yes = (message: string) =>
  elicit(message, { type: 'object', properties: { confirm: { type: 'boolean' } }, required: [] });

export const taskTools: Tool[] = [
  tool('greet', 'Greets at once', ({ name }) => text(`Hello, ${String(name)}!`), {
    inputSchema: { type: 'object', properties: { name: { type: 'string' } } },
  }),
  tool(
    'slow_compute',
    'Rests, then answers',
    ({ seconds, label }, { task }) =>
      task(async ({ signal }) => {
        await sleep(Number(seconds ?? 1) * 1000, undefined, { signal });
        return text(`computed ${String(label ?? '')}`);
      }),
    {
      inputSchema: { type: 'object', properties: { seconds: { type: 'number' }, label: { type: 'string' } } },
    },
  ),
  tool(
    'failing_job',
    'Fails after a while',
    (_args, { task }) =>
      task(async ({ signal }) => {
        await sleep(1000, undefined, { signal });
        throw new ToolError('the job failed');
      }),
    REQUIRED,
  ),
  tool('protocol_error_job', 'Breaks', (_args, { task }) =>
    task(async () => {
      await sleep(50);
      throw new Error('a fault of the server');
    }),
  ),
  tool(
    'confirm_delete',
    'Asks before it goes on',
    (_args, { task }) =>
      task(async ({ ask }) => {
        const { action } = await ask('confirm', yes('Delete it?'));
        return text(action === 'accept' ? 'deleted' : 'kept');
      }),
    { inputSchema: { type: 'object' } },
  ),
  tool(
    'multi_input',
    'Asks two things at once',
    (_args, { task }) =>
      task(async ({ askAll }) => {
        const { first, second } = await askAll({ first: yes('First?'), second: yes('Second?') });
        return text(`${String(first.action)} and ${String(second.action)}`);
      }),
    { inputSchema: { type: 'object' } },
  ),
  tool(
    'test_tool_with_task',
    'Asks, then goes on as a task',
    async (_args, { ask, task }) => {
      const name = elicit('What is your name?', {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      });
      const answer = (await ask('user_name', name)).content as { name: string };
      return task(async () => text(`Hello, ${answer.name}, from the background`));
    },
    REQUIRED,
  ),
];
