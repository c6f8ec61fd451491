/** Holds a message against the shapes of its method. */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { CODES } from '../codes.js';
import { isCached } from '../results.js';
import { type Citation, clauseIn } from '../rule.js';
import type { Said } from '../said.js';
import { dictionary, fields, list, type Notes, note, record, type Shape, text } from '../shape.js';
import type { Violation } from '../violation.js';
import { requiredQuestion } from './client.js';
import { requestMeta, resultMeta } from './lifecycle.js';
import { cachingHints, NOTIFICATIONS, QUESTIONS, REQUESTS, RESULTS, RETRIED } from './messages.js';
import { createTaskResult, startedTask } from './tasks.js';

/** The clauses that a message violates which is not as the schema of its revision says. */
const SCHEMA: readonly Citation[] = [
  {
    level: 'MUST',
    modern: '2026-07-28/schema/020',
    legacy: { '2025-11-25': '2025-11-25/lifecycle/014', '2025-06-18': '2025-06-18/lifecycle/001' },
  },
  {
    level: 'SHOULD',
    legacy: { '2025-03-26': '2025-03-26/lifecycle/003', '2024-11-05': '2024-11-05/lifecycle/001' },
  },
];

export function judgeShape(said: Said): Violation[] {
  const notes: Notes = { revision: said.revision, problems: [] };
  holdAgainst(said, notes);
  return notes.problems.flatMap(({ citation, ...finding }) => {
    for (const candidate of citation === undefined ? SCHEMA : [citation, ...SCHEMA]) {
      const clause = clauseIn(candidate, said.revision);
      if (clause !== undefined) return [{ clause, level: candidate.level, side: said.by, ...finding }];
    }
    return [];
  });
}

function holdAgainst(said: Said, notes: Notes): void {
  const { kind, message, method } = said;
  // A modern server sends no requests at all, so none has a shape.
  if (kind === 'request' && said.by === 'server' && said.revision === '2026-07-28') return;
  if (kind === 'request' || kind === 'notification') {
    if (message.params !== undefined && !isRecord(message.params)) {
      note(notes, 'params', 'an object', message.params, undefined);
      return;
    }
    const shape = (kind === 'request' ? REQUESTS : NOTIFICATIONS).get(method);
    shape?.(said.params, 'params', notes);
    if (kind === 'request') requestParams(said, notes);
    return;
  }
  if (kind === 'error') {
    if (said.error.code === CODES.urlElicitationRequired && isRecord(said.error.data))
      fields({ 'elicitations?': list(requiredQuestion) })(said.error.data, 'error.data', notes);
    return;
  }
  if (!isRecord(message.result)) {
    note(notes, 'result', 'an object', message.result, undefined);
    return;
  }
  // The shape of an answer is that of its request; a client's answer has no members in common with others.
  if (said.asked === undefined) return;
  resultShape(said, message.result)(message.result, 'result', notes);
  fields({ '_meta?': resultMeta })(message.result, 'result', notes);
}

function requestParams(said: Said, notes: Notes): void {
  RETRIED(said.params, 'params', notes);
  const { _meta } = said.params;
  if (_meta !== undefined && !isRecord(_meta)) note(notes, 'params._meta', 'an object', _meta, undefined);
  else requestMeta(said.meta, 'params._meta', notes);
}

const nothing: Shape = () => {};
const question: Shape = (value, where, notes) => {
  const shape = isRecord(value) && typeof value.method === 'string' ? QUESTIONS.get(value.method) : undefined;
  if (shape !== undefined && isRecord(value)) shape(value.params, `${where}.params`, notes);
};
const inputRequired = fields({ 'inputRequests?': dictionary(question), 'requestState?': text });

function resultShape({ revision, by, asked, method }: Said, result: JsonObject): Shape {
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
  return asked?.asTask && 'task' in result ? createTaskResult : own;
}
