/**
 * The messages of the tasks extension, which the official schema of a revision does not hold: what a task looks like in
 * each status, and which messages carry one. emitted.ts asks here before it looks into the schemas.
 *
 * @see https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main/seps/2663-tasks-extension.md
 */
import { Ajv2020, type Schema, type ValidateFunction } from 'ajv/dist/2020.js';

const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' };
const when = (status: string, member: string): Schema => ({
  if: { properties: { status: { const: status } } },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { required: [member] },
  else: { not: { required: [member] } },
});
const task = {
  type: 'object',
  required: ['taskId', 'status', 'createdAt', 'lastUpdatedAt', 'ttlMs'],
  properties: {
    taskId: { type: 'string', minLength: 1 },
    status: { enum: ['working', 'input_required', 'completed', 'failed', 'cancelled'] },
    createdAt: time,
    lastUpdatedAt: time,
    ttlMs: { type: ['integer', 'null'], minimum: 0 },
    pollIntervalMs: { type: 'integer', minimum: 0 },
    inputRequests: { type: 'object', minProperties: 1 },
    statusMessage: { type: 'string' },
    result: { type: 'object', required: ['resultType', 'content'] },
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'integer' }, message: { type: 'string' } },
    },
  },
};
const shown = {
  ...task,
  allOf: [when('input_required', 'inputRequests'), when('completed', 'result'), when('failed', 'error')],
};
const resultOf = (resultType: string, rest: object): object => ({
  type: 'object',
  required: ['result'],
  properties: {
    result: {
      allOf: [{ required: ['resultType'], properties: { resultType: { const: resultType } } }, rest],
    },
  },
});

const ajv = new Ajv2020({ strict: false, allErrors: true });
const started = ajv.compile(
  resultOf('task', { ...task, properties: { ...task.properties, status: { const: 'working' } } }),
);
const described = ajv.compile(resultOf('complete', shown));
const accepted = ajv.compile(resultOf('complete', { properties: { taskId: false, status: false } }));
const told: ValidateFunction = ajv.compile({ required: ['params'], properties: { params: shown } });

/** What is wrong with a message of the extension; undefined when this is none. `method` is what it answers. */
export function taskProblems(
  method: string | undefined,
  message: Record<string, unknown>,
): string[] | undefined {
  const validate = shapeOf(method, message);
  if (validate === undefined) return undefined;
  if (validate(message)) return [];
  return (validate.errors ?? []).slice(0, 3).map((error) => `tasks: ${error.instancePath} ${error.message}`);
}

function shapeOf(method: string | undefined, message: Record<string, unknown>): ValidateFunction | undefined {
  if (message.method === 'notifications/tasks') return told;
  if (method === 'tasks/get') return described;
  if (method === 'tasks/update' || method === 'tasks/cancel') return accepted;
  const { result } = message;
  const isTask = typeof result === 'object' && result !== null && 'taskId' in result;
  return method === 'tools/call' && isTask ? started : undefined;
}
