/** Input rounds: what a retry carries, and cursors, which are carried the same way. */

import type { HeardMessage } from './heard-message.js';
import { keyOf } from './heard-requests.js';
import { CLIENT_REQUEST, type Rule } from './rule.js';
import { show } from './show.js';

const LISTS: readonly string[] = [
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'tasks/list',
];

export const ROUND_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...CLIENT_REQUEST,
    modern: '2026-07-28/mrtr/025',
    judge: ({ params: { requestState }, talk, json }) =>
      typeof requestState === 'string' && talk.states.get(requestState) === keyOf(json.id)
        ? { where: 'id', expected: 'another id than that of the first attempt', received: show(json.id) }
        : undefined,
  },
  {
    ...CLIENT_REQUEST,
    modern: '2026-07-28/mrtr/024',
    judge: ({ params: { requestState }, talk }) =>
      typeof requestState !== 'string' ||
      !talk.whole ||
      talk.states.forgetful ||
      talk.states.has(requestState)
        ? undefined
        : { where: 'params.requestState', expected: 'a state that the server gave', received: 'another' },
  },
  {
    ...CLIENT_REQUEST,
    method: LISTS,
    modern: '2026-07-28/pagination/007',
    legacy: '2025-11-25/pagination/004',
    judge: ({ params: { cursor }, talk, method }) =>
      typeof cursor !== 'string' ||
      !talk.whole ||
      talk.cursors.forgetful ||
      talk.cursors.has(`${method} ${cursor}`)
        ? undefined
        : {
            where: 'params.cursor',
            expected: 'a cursor that the server gave for this list',
            received: show(cursor),
          },
  },
];
