/** Holds a message against the shapes of its method. */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { CODES } from '../codes.js';
import type { HeardMessage } from '../heard-message.js';
import { isCached } from '../results.js';
import { type Citation, clauseIn } from '../rule.js';
import { dictionary, fields, list, type Notes, note, record, type Shape, text } from '../shape.js';
import type { Violation } from '../violation.js';
import { requiredQuestion } from './client.js';
import { requestMeta, resultMeta } from './lifecycle.js';
import { cachingHints, NOTIFICATIONS, QUESTIONS, REQUESTS, RESULTS, RETRIED } from './messages.js';
import { createTaskResult, startedTask } from './tasks.js';

/** The clauses that a message violates which is not as the schema of its revision says. */
const SCHEMA: readonly Citation[] = [
  {
    modern: '2026-07-28/schema/020',
    legacy: { '2025-11-25': '2025-11-25/lifecycle/014', '2025-06-18': '2025-06-18/lifecycle/001' },
  },
  { legacy: { '2025-03-26': '2025-03-26/lifecycle/003', '2024-11-05': '2024-11-05/lifecycle/001' } },
];

export function judgeShape(message: HeardMessage): Violation[] {
  const notes: Notes = { revision: message.revision, problems: [] };
  checkShape(message, notes);
  return notes.problems.flatMap(({ citation, ...finding }) => {
    for (const candidate of citation === undefined ? SCHEMA : [citation, ...SCHEMA]) {
      const clause = clauseIn(candidate, message.revision);
      if (clause !== undefined) return [{ clause, side: message.by, ...finding }];
    }
    return [];
  });
}

function checkShape(message: HeardMessage, notes: Notes): void {
  const { kind, json, method } = message;
  // A modern server sends no requests at all, so none has a shape.
  if (kind === 'request' && message.by === 'server' && message.revision === '2026-07-28') return;
  if (kind === 'request' || kind === 'notification') {
    if (json.params !== undefined && !isRecord(json.params)) {
      note(notes, 'params', 'an object', json.params, undefined);
      return;
    }
    const shape = (kind === 'request' ? REQUESTS : NOTIFICATIONS).get(method);
    shape?.(message.params, 'params', notes);
    if (kind === 'request') requestParams(message, notes);
    return;
  }
  if (kind === 'error') {
    if (message.error.code === CODES.urlElicitationRequired && isRecord(message.error.data))
      fields({ 'elicitations?': list(requiredQuestion) })(message.error.data, 'error.data', notes);
    return;
  }
  if (!isRecord(json.result)) {
    note(notes, 'result', 'an object', json.result, undefined);
    return;
  }
  // The shape of an answer is that of its request; a client's answer has no members in common with others.
  if (message.request === undefined) return;
  resultShape(message, json.result)(json.result, 'result', notes);
  fields({ '_meta?': resultMeta })(json.result, 'result', notes);
}

function requestParams(message: HeardMessage, notes: Notes): void {
  RETRIED(message.params, 'params', notes);
  const { _meta } = message.params;
  if (_meta !== undefined && !isRecord(_meta)) note(notes, 'params._meta', 'an object', _meta, undefined);
  else requestMeta(message.meta, 'params._meta', notes);
}

const nothing: Shape = () => {};
const question: Shape = (value, where, notes) => {
  const shape = isRecord(value) && typeof value.method === 'string' ? QUESTIONS.get(value.method) : undefined;
  if (shape !== undefined && isRecord(value)) shape(value.params, `${where}.params`, notes);
};
const inputRequired = fields({ 'inputRequests?': dictionary(question), 'requestState?': text });

function resultShape({ revision, by, request, method }: HeardMessage, result: JsonObject): Shape {
  const own = RESULTS.get(method) ?? record;
  if (by === 'client') return own;
  if (revision === '2026-07-28') {
    const { resultType } = result;
    if (resultType === 'input_required') return inputRequired;
    if (resultType === 'task') return method === 'tools/call' ? startedTask : nothing;
    // An extension may define further types.
    if (resultType !== 'complete' && resultType !== undefined) return nothing;
    if (!isCached(method)) return own;
    return (...all) => {
      own(...all);
      cachingHints(...all);
    };
  }
  return request?.asTask && 'task' in result ? createTaskResult : own;
}
