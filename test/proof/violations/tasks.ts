/** The tasks extension (SEP-2663). */
import { accepts, alters, changes, code, drops, sendsBefore } from '../kinds.js';
import { assumesCapabilities, reads } from '../readings.js';
import { isObject, type JsonObject, type Proof, type Proofs, type Violation } from '../violation.js';

const id = (number: string) => `ext-tasks/sep-2663/${number}`;
const resultOf = (message: JsonObject): JsonObject => (isObject(message.result) ? message.result : {});
/** Of the results of one method. */
const answering = (method: string, { message: change, ...rest }: Violation): Violation => ({
  ...rest,
  does: `${rest.does}, in answer to ${method}`,
  message: (message, about) => (about.request?.method === method ? change?.(message, about) : undefined),
});
/** Without what it does to whole answers. */
const onMessages = ({ does, message }: Violation): Violation =>
  message === undefined ? { does } : { does, message };
/** Of tasks in that state. */
const inState = (status: string, { message: change, ...rest }: Violation): Violation => ({
  ...rest,
  does: `${rest.does} of a task that is ${status}`,
  message: (message, about) => (resultOf(message).status === status ? change?.(message, about) : undefined),
});
const late: Violation = {
  does: 'answers with a task that is not there yet',
  message: (message, { request }) =>
    request?.method === 'tasks/get' && resultOf(message).status === 'working'
      ? [{ jsonrpc: '2.0', id: message.id, error: { code: -32602, message: 'no such task' } }]
      : undefined,
};
const status = (was: string, to: string) => inState(was, alters('/result/status', to));
const refusal: Proof[] = [accepts(), code(-32603)];
const notEmpty = (method: string) => answering(method, changes('/result/status', 'working'));
const unfinished = (method: string) => answering(method, alters('/result/resultType', 'task'));

export const tasks: Proofs = {
  [id('001')]: assumesCapabilities,
  [id('003')]: changes('/result/resultType', (value: unknown) => (value === 'task' ? 'complete' : undefined)),
  [id('004')]: changes('/result/resultType', (value: unknown) => (value === 'complete' ? 'task' : undefined)),
  [id('005')]: late,
  [id('006')]: answering('tasks/get', status('working', 'submitted')),
  [id('007')]: [
    status('input_required', 'working'),
    inState('input_required', drops('/result/inputRequests')),
    {
      ...changes('/result/inputRequests', (value: unknown) =>
        isObject(value) ? Object.fromEntries(Object.entries(value).slice(1)) : undefined,
      ),
      does: 'leaves out one of the requests that are open',
    },
  ],
  [id('008')]: [status('completed', 'working'), inState('completed', drops('/result/result'))],
  [id('009')]: status('cancelled', 'failed'),
  [id('010')]: [status('failed', 'completed'), inState('failed', drops('/result/error'))],
  [id('011')]: unfinished('tasks/get'),
  [id('012')]: [
    {
      ...changes('/result/inputRequests', (value: unknown) =>
        isObject(value) ? Object.fromEntries(Object.values(value).map((one) => ['name', one])) : undefined,
      ),
      does: 'uses the key of a request for another one',
      in: 'takes-answers-one-by-one',
    },
    {
      does: 'uses the key of a request for a later one of the same tool',
      file: 'src/cluster/tasks/tasks.ts',
      from: 'unusedKey(task.keys, key), {',
      to: 'key, {',
      test: {
        file: 'test/mcp/tasks.test.ts',
        title:
          'a key stands for one question: another question gets a key of its own, at the same time or later',
      },
    },
  ],
  [id('013')]: notEmpty('tasks/update'),
  [id('014')]: unfinished('tasks/update'),
  [id('015')]: notEmpty('tasks/cancel'),
  [id('016')]: unfinished('tasks/cancel'),
  [id('017')]: answering('subscriptions/listen', onMessages(accepts())),
  [id('018')]: sendsBefore(
    { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
    (message) => message.method === 'notifications/tasks',
  ),
  [id('020')]: refusal,
  [id('021')]: ['tasks/get', 'tasks/update', 'tasks/cancel'].map((method) => answering(method, code(-32602))),
  [id('022')]: status('completed', 'failed'),
  [id('023')]: reads(
    'takes the tasks of 2025-11-25 for the extension',
    '/params/_meta/io.modelcontextprotocol~1clientCapabilities',
    (value: unknown) =>
      isObject(value) && 'tasks' in value
        ? { extensions: { 'io.modelcontextprotocol/tasks': {} } }
        : undefined,
  ),
  [id('025')]: accepts(),
};
