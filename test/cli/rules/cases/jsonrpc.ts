/** JSON-RPC: what violates each of its rules. */
import type { JsonObject } from '../../../../src/wire/value.js';
import {
  type Case,
  call,
  failure,
  lines,
  notification,
  pipe,
  request,
  result,
  session,
} from '../conversations.js';
import { ask, modern, SERVER_META } from '../exchanges.js';

const DONE = { resultType: 'complete', content: [], _meta: SERVER_META };
const tool = (rest: JsonObject = {}) => modern('tools/call', { name: 'a' }, rest);
const list = (id: unknown = 7) => request('tools/list', {}, id);
const LISTED = { tools: [] };
const answeredWith = (message: JsonObject, options = {}) => ask(tool(), message, options);
const legacy = (message: unknown) => pipe({}, ['>', message]);
const legacyAnswer = (message: unknown) => pipe({}, ['>', list()], ['<', message]);

export const JSONRPC_CASES: readonly Case[] = [
  ['2026-07-28/basic/002', 'client', () => ask({ ...tool(), jsonrpc: '1.0' })],
  ['2025-11-25/basic/002', 'client', () => legacy({ ...list(), jsonrpc: 2 })],
  ['2026-07-28/basic/003', 'client', () => ask(tool({ id: 1.5 }))],
  ['2025-11-25/basic/003', 'client', () => legacy(list({}))],
  ['2025-11-25/basic/003', 'server', () => pipe({}, ['<', request('roots/list', {}, true)])],
  ['2026-07-28/basic/004', 'client', () => ask(tool({ id: null }))],
  ['2025-11-25/basic/004', 'client', () => legacy(list(null))],
  ['2026-07-28/basic/005', 'client', () => lines(['>', tool()], ['>', tool()])],
  ['2025-11-25/basic/005', 'client', () => pipe({}, ['>', list()], ['<', result(LISTED)], ['>', list()])],
  ['2026-07-28/basic/006', 'server', () => answeredWith({ id: '1', result: DONE })],
  ['2025-11-25/basic/006', 'server', () => legacyAnswer(result(LISTED, 8))],
  [
    '2025-11-25/basic/006',
    'client',
    () => pipe({}, ['<', request('roots/list', {}, 1)], ['>', result({ roots: [] }, 2)]),
  ],
  [
    '2025-11-25/basic/006',
    'server',
    () => pipe({}, ['>', list()], ['<', result(LISTED)], ['<', result(LISTED)]),
  ],
  ['2026-07-28/basic/007', 'server', () => answeredWith({ id: 1 })],
  ['2025-11-25/basic/007', 'server', () => legacyAnswer({ jsonrpc: '2.0', id: 7 })],
  [
    '2025-06-18/basic/002',
    'server',
    () => pipe({ revision: '2025-06-18' }, ['>', list()], ['<', { ...result(LISTED), error: null }]),
  ],
  [
    '2025-03-26/basic/003',
    'server',
    () => pipe({ revision: '2025-03-26' }, ['>', list()], ['<', { ...result(LISTED), error: null }]),
  ],
  [
    '2024-11-05/messages/001',
    'server',
    () => pipe({ revision: '2024-11-05' }, ['>', list()], ['<', { ...result(LISTED), error: null }]),
  ],
  [
    '2026-07-28/basic/013',
    'server',
    () => answeredWith({ id: undefined, error: { code: -32602, message: 'no' } }),
  ],
  ['2025-11-25/basic/009', 'server', () => legacyAnswer(failure(-32602, undefined, 8))],
  ['2025-11-25/basic/009', 'server', () => call(list(), failure(-32602, undefined, null))],
  [
    '2025-06-18/basic/001',
    'server',
    () => call(list(), failure(-32602, undefined, 8), { revision: '2025-06-18' }),
  ],
  ['2026-07-28/basic/014', 'server', () => answeredWith({ error: { code: -32602 } })],
  ['2025-11-25/basic/010', 'server', () => legacyAnswer({ ...failure(-32602), error: 'no' })],
  ['2026-07-28/basic/015', 'server', () => answeredWith({ error: { code: '1', message: 'no' } })],
  ['2025-11-25/basic/011', 'server', () => legacyAnswer(failure(1.5))],
  [
    '2026-07-28/basic/027',
    'server',
    () =>
      ask(
        modern('notifications/cancelled', { requestId: 1 }, { id: undefined }),
        [{ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } }],
        { status: 200 },
      ).filter(({ clause }) => !/013$/.test(clause)),
  ],
  ['2025-11-25/basic/012', 'server', () => pipeless(notification('notifications/roots/list_changed'))],
  ['2026-07-28/basic/028', 'client', () => ask(modern('notifications/cancelled', { requestId: 5 }))],
  ['2025-11-25/basic/013', 'client', () => legacy(request('notifications/roots/list_changed'))],
  [
    '2026-07-28/patterns/002',
    'server',
    () => lines(['>', tool()], ['<', result(DONE, 1)], ['<', result(DONE, 1)]),
  ],
  ['2026-07-28/patterns/002', 'server', () => ask(tool(), [], { complete: true })],
  ['2026-07-28/stdio/004', 'server', () => lines(['>', tool()], ['<', 'Listening on stdio'])],
  ['2026-07-28/stdio/005', 'client', () => lines(['>', tool()], ['>', 'quit'])],
  ['2025-11-25/transports/006', 'server', () => pipe({}, ['<', ''])],
  ['2025-11-25/transports/007', 'client', () => pipe({}, ['>', '{'])],
];

/** A notification that is answered with a response: the empty body is the matter of another clause. */
function pipeless(message: JsonObject) {
  const { send } = session();
  return send(message, [result({}, 1)], { status: 202 }).filter(
    ({ clause }) => clause !== '2025-11-25/transports/017',
  );
}
