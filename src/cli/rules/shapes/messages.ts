/** The shape of `params` and of `result`, by method. */
import { MODERN } from '../../../wire/revisions.js';
import { isRecord } from '../../../wire/value.js';
import {
  all,
  anything,
  cite,
  dictionary,
  fields,
  from,
  id,
  list,
  number,
  oneOf,
  record,
  type Shape,
  text,
} from '../shape.js';
import { elicitParams, elicitResult, rootsResult, sampleParams, sampleResult } from './client.js';
import { contents, promptBlock, resource, resourceTemplate, role, title } from './content.js';
import {
  completeResult,
  discoverResult,
  filter,
  initializeParams,
  initializeResult,
  levels,
  logParams,
  progressParams,
} from './lifecycle.js';
import { extendedTask, task, taskList } from './tasks.js';
import { listedTools, toolResult } from './tools.js';

const page = fields({ 'cursor?': text });
const toolCallParams = fields({ name: text, 'arguments?': record });
const uri = fields({ uri: text });
const taskId = fields({ taskId: text });
const reference: Shape = (value, where, notes, citation) => {
  fields({ type: oneOf('ref/prompt', 'ref/resource') })(value, where, notes, citation);
  const type = (value as { type?: unknown } | null)?.type;
  if (type === 'ref/prompt') fields({ name: text })(value, where, notes, citation);
  if (type === 'ref/resource') uri(value, where, notes, citation);
};
const legacyOnly = (shape: Shape): Shape => from(MODERN, anything, shape);
const texts = dictionary(text);

/** What `params` of a request holds, apart from `_meta`. */
export const REQUESTS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['initialize', initializeParams],
  ['tools/list', page],
  ['resources/list', page],
  ['resources/templates/list', page],
  ['prompts/list', page],
  ['tools/call', toolCallParams],
  ['prompts/get', fields({ name: text, 'arguments?': texts })],
  ['resources/read', uri],
  ['resources/subscribe', legacyOnly(uri)],
  ['resources/unsubscribe', legacyOnly(uri)],
  ['logging/setLevel', legacyOnly(fields({ level: levels }))],
  [
    'completion/complete',
    fields({
      ref: reference,
      argument: fields({ name: text, value: text }),
      'context?': from('2025-06-18', fields({ 'arguments?': texts })),
    }),
  ],
  ['subscriptions/listen', from(MODERN, fields({ notifications: filter }))],
  ['tasks/get', from('2025-11-25', taskId)],
  ['tasks/result', from('2025-11-25', legacyOnly(taskId))],
  ['tasks/cancel', from('2025-11-25', taskId)],
  ['tasks/update', from(MODERN, fields({ taskId: text, inputResponses: record }))],
  ['elicitation/create', from('2025-06-18', elicitParams)],
  ['sampling/createMessage', sampleParams],
]);

const ACKNOWLEDGED = { modern: '2026-07-28/subscriptions/005' } as const;
export const NOTIFICATIONS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['notifications/progress', progressParams],
  // A task of 2025-11-25 is cancelled by its id; the schema lets the request's id be absent there.
  [
    'notifications/cancelled',
    from(MODERN, fields({ requestId: id, 'reason?': text }), fields({ 'requestId?': id, 'reason?': text })),
  ],
  ['notifications/message', logParams],
  ['notifications/resources/updated', uri],
  ['notifications/subscriptions/acknowledged', cite(ACKNOWLEDGED, fields({ notifications: filter }))],
  ['notifications/tasks/status', from('2025-11-25', legacyOnly(task))],
  ['notifications/tasks', from(MODERN, extendedTask)],
  ['notifications/elicitation/complete', from('2025-11-25', fields({ elicitationId: text }))],
]);

const PAGE = { modern: '2026-07-28/pagination/002' } as const;
const TASK_PAGE = { legacy: { '2025-11-25': '2025-11-25/tasks/039' } } as const;
const nextCursor = { 'nextCursor?': cite(PAGE, text) };
const prompt = fields({
  name: text,
  'title?': title,
  'description?': text,
  'arguments?': list(
    fields({ name: text, 'title?': title, 'description?': text, 'required?': oneOf(true, false) }),
  ),
});

/** What `result` holds in answer to a request, apart from what all modern results have. */
export const RESULTS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['initialize', initializeResult],
  ['server/discover', discoverResult],
  ['tools/list', fields({ tools: listedTools, ...nextCursor })],
  ['tools/call', toolResult],
  ['resources/list', fields({ resources: list(resource), ...nextCursor })],
  ['resources/templates/list', fields({ resourceTemplates: list(resourceTemplate), ...nextCursor })],
  ['resources/read', fields({ contents: list(contents) })],
  ['prompts/list', fields({ prompts: list(prompt), ...nextCursor })],
  ['prompts/get', fields({ messages: list(fields({ role, content: promptBlock })), 'description?': text })],
  ['completion/complete', completeResult],
  ['elicitation/create', elicitResult],
  ['sampling/createMessage', sampleResult],
  ['roots/list', rootsResult],
  ['tasks/get', from(MODERN, extendedTask, from('2025-11-25', task))],
  ['tasks/cancel', legacyOnly(from('2025-11-25', task))],
  [
    'tasks/list',
    legacyOnly(from('2025-11-25', all(taskList, fields({ 'nextCursor?': cite(TASK_PAGE, text) })))),
  ],
]);
/** What a modern server asks its client, inside a result. */
export const QUESTIONS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['elicitation/create', elicitParams],
  ['sampling/createMessage', sampleParams],
  ['roots/list', anything],
]);
/** An answer of the client does not say what it answers, but its members do. */
const response: Shape = (value, where, notes) => {
  record(value, where, notes);
  if (!isRecord(value)) return;
  if ('roots' in value) rootsResult(value, where, notes);
  else if ('action' in value) elicitResult(value, where, notes);
  else if ('model' in value) sampleResult(value, where, notes);
};
/** What a request carries that goes on after an input round. */
export const RETRIED = from(
  MODERN,
  fields({ 'inputResponses?': dictionary(response), 'requestState?': text }),
);
const CACHE = { modern: '2026-07-28/caching/001' } as const;
const TTL = { modern: '2026-07-28/caching/005' } as const;
const SCOPE = { modern: '2026-07-28/caching/011' } as const;
const notNegative: Shape = (value, where, notes, citation) => {
  number(value, where, notes, citation);
  if (typeof value === 'number' && value < 0)
    notes.problems.push({ where, expected: '0 or more', received: String(value), citation: TTL });
};
const scope = cite(SCOPE, oneOf('public', 'private'));
export const cachingHints = cite(
  CACHE,
  fields({
    ttlMs: notNegative,
    cacheScope: (value, ...rest) => (value === undefined ? text : scope)(value, ...rest),
  }),
);
