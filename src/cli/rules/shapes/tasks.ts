/** Tasks: those of 2025-11-25, and those of the extension of 2026-07-28. */
import { a, all, cite, fields, list, number, oneOf, record, type Shape, text, time } from '../shape.js';

const STATUSES = ['working', 'input_required', 'completed', 'failed', 'cancelled'] as const;
const status = oneOf(...STATUSES);
const CREATED = { legacy: { '2025-11-25': '2025-11-25/tasks/024' } } as const;
const UPDATED = { legacy: { '2025-11-25': '2025-11-25/tasks/025' } } as const;
const TTL = { legacy: { '2025-11-25': '2025-11-25/tasks/027' } } as const;
const ID = { legacy: { '2025-11-25': '2025-11-25/tasks/014' } } as const;
const numberOrNull = a('a number or null', (value) => value === null || typeof value === 'number');

export const task = fields({
  taskId: cite(ID, text),
  status,
  createdAt: cite(CREATED, time),
  lastUpdatedAt: cite(UPDATED, time),
  ttl: cite(TTL, numberOrNull),
  'pollInterval?': number,
  'statusMessage?': text,
});
const FIRST = { legacy: { '2025-11-25': '2025-11-25/tasks/016' } } as const;
export const createTaskResult = fields({
  task: all(task, fields({ status: cite(FIRST, oneOf('working')) })),
});
export const taskList = fields({ tasks: list(task) });

const taskFields = fields({
  taskId: text,
  status,
  createdAt: time,
  lastUpdatedAt: time,
  ttlMs: numberOrNull,
  'pollIntervalMs?': number,
  'statusMessage?': text,
});
const errorObject = fields({ code: number, message: text });
/** What the status of a task brings with it. */
const STATUS_MEMBERS: { readonly [status: string]: { member: string; shape: Shape; clause: string } } = {
  input_required: { member: 'inputRequests', shape: record, clause: 'ext-tasks/sep-2663/007' },
  completed: { member: 'result', shape: record, clause: 'ext-tasks/sep-2663/008' },
  failed: { member: 'error', shape: errorObject, clause: 'ext-tasks/sep-2663/010' },
};
export const extendedTask: Shape = (value, where, notes, citation) => {
  taskFields(value, where, notes, citation);
  const name = (value as { status?: unknown } | null)?.status;
  const statusMember =
    typeof name === 'string' && Object.hasOwn(STATUS_MEMBERS, name) ? STATUS_MEMBERS[name] : undefined;
  if (statusMember === undefined) return;
  const { member, shape, clause } = statusMember;
  fields({ [member]: cite({ modern: clause }, shape) })(value, where, notes, citation);
};
/** The answer that says that a call goes on as a task. */
export const startedTask = taskFields;
