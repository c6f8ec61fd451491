/** The legacy revisions: what violates the rules of their handshake, capabilities and methods. */
import type { JsonObject } from '../../../../src/wire/value.js';
import {
  type Case,
  failure,
  type Line,
  lines,
  notification,
  pipe,
  request,
  result,
  SERVER_CAPABILITIES,
  session,
} from '../conversations.js';

const list = request('tools/list');
const tool = (params: JsonObject = {}) => request('tools/call', { name: 'a', ...params });
const TOOL = { name: 'a', inputSchema: { type: 'object' } };
const answers = (method: string, value: unknown, setup = {}, params: JsonObject = {}) =>
  pipe(setup, ['>', request(method, params)], ['<', result(value)]);
const asks = (method: string, params: JsonObject, setup = {}) => pipe(setup, ['<', request(method, params)]);
const prompts = (content: unknown, setup = {}) =>
  answers('prompts/get', { messages: [{ role: 'user', content }] }, setup, { name: 'a' });
const calls = (value: unknown, setup = {}) => answers('tools/call', value, setup, { name: 'a' });
const FORM = { message: 'a', requestedSchema: { type: 'object', properties: { a: { type: 'string' } } } };
const URL_QUESTION = { mode: 'url', message: 'a', url: 'https://a.example/', elicitationId: 'e' };
const progress = (value: number) =>
  notification('notifications/progress', { progressToken: 't', progress: value });
const withToken = (id: number): JsonObject =>
  request('tools/call', { name: 'a', _meta: { progressToken: 't' } }, id);
const initialize = (changes: JsonObject) =>
  request(
    'initialize',
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' }, ...changes },
    0,
  );
const TEXT = { content: [{ type: 'text', text: 'a' }] };
const listed = (tool: JsonObject, setup = {}) =>
  answers('tools/list', { tools: [{ ...TOOL, ...tool }] }, setup);
const knows = (tool: JsonObject): Line[] => [
  ['>', request('tools/list', {}, 1)],
  ['<', result({ tools: [{ ...TOOL, ...tool }] }, 1)],
];
const without = (name: string): JsonObject => {
  const { [name]: _, ...rest } = SERVER_CAPABILITIES as JsonObject;
  return rest;
};
const june = { revision: '2025-06-18' };
const march = { revision: '2025-03-26' };
const first = { revision: '2024-11-05' };

export const LEGACY_CASES: readonly Case[] = [
  ['2025-11-25/lifecycle/001', 'client', () => lines(['>', list])],
  ['2025-11-25/lifecycle/002', 'client', () => lines(['>', initialize({ clientInfo: undefined })])],
  [
    '2025-11-25/lifecycle/003',
    'server',
    () => lines(['>', initialize({})], ['<', result({ protocolVersion: '2025-11-25', capabilities: {} }, 0)]),
  ],
  [
    '2025-11-25/lifecycle/004',
    'client',
    () =>
      pipe(
        { hasty: true },
        ['>', request('tools/list', {}, 1)],
        ['>', request('tools/list', {}, 2)],
        ['>', request('tools/list', {}, 3)],
      ),
  ],
  ['2025-11-25/lifecycle/005', 'client', () => lines(['>', initialize({})], ['>', list])],
  ['2025-11-25/lifecycle/006', 'server', () => asks('roots/list', {}, { hasty: true })],
  ['2025-11-25/lifecycle/014', 'client', () => pipe({}, ['>', request('tools/call', { name: 1 })])],
  [
    '2025-11-25/lifecycle/014',
    'server',
    () => answers('tools/list', { tools: [{ ...TOOL, name: undefined }] }),
  ],
  ['2025-06-18/lifecycle/001', 'client', () => pipe(june, ['>', request('tools/call', { name: 1 })])],
  ['2025-03-26/lifecycle/003', 'client', () => pipe(march, ['>', request('tools/call', { name: 1 })])],
  ['2024-11-05/lifecycle/001', 'client', () => pipe(first, ['>', request('tools/call', { name: 1 })])],
  ['2025-11-25/lifecycle/015', 'client', () => pipe({ server: without('tools') }, ['>', list])],
  [
    '2025-11-25/lifecycle/015',
    'client',
    () =>
      pipe({ server: without('completions') }, [
        '>',
        request('completion/complete', {
          ref: { type: 'ref/prompt', name: 'a' },
          argument: { name: 'a', value: '' },
        }),
      ]),
  ],
  [
    '2025-11-25/lifecycle/015',
    'client',
    () => pipe({ client: { roots: {} } }, ['>', notification('notifications/roots/list_changed')]),
  ],
  [
    '2025-11-25/lifecycle/015',
    'server',
    () => asks('sampling/createMessage', { messages: [], maxTokens: 1 }, { client: { roots: {} } }),
  ],
  [
    '2025-11-25/lifecycle/015',
    'server',
    () => pipe({ server: { tools: {} } }, ['<', notification('notifications/tools/list_changed')]),
  ],
  ['2025-06-18/lifecycle/001', 'server', () => asks('roots/list', {}, { ...june, client: {} })],
  ['2025-03-26/lifecycle/003', 'server', () => asks('roots/list', {}, { ...march, client: {} })],
  ['2024-11-05/lifecycle/001', 'server', () => asks('roots/list', {}, { ...first, client: {} })],
  ['2025-03-26/lifecycle/001', 'client', () => inBatch()],
  [
    '2025-11-25/logging/001',
    'server',
    () =>
      pipe({ server: without('logging') }, [
        '<',
        notification('notifications/message', { level: 'info', data: 1 }),
      ]),
  ],
  [
    '2025-11-25/logging/003',
    'server',
    () => answers('logging/setLevel', { level: 'info' }, {}, { level: 'info' }),
  ],
  ['2025-11-25/ping/001', 'server', () => answers('ping', { pong: true })],
  ['2025-11-25/ping/001', 'client', () => pipe({}, ['<', request('ping')], ['>', result({ pong: true })])],
  ['2025-11-25/tools/001', 'server', () => offered('tools', [TOOL])],
  ['2025-11-25/resources/001', 'server', () => offered('resources', [{ uri: 'a:b', name: 'a' }])],
  ['2025-11-25/prompts/001', 'server', () => offered('prompts', [{ name: 'a' }])],
  [
    '2025-11-25/cancellation/001',
    'client',
    () => pipe({}, ['>', notification('notifications/cancelled', { requestId: 99 })]),
  ],
  [
    '2025-11-25/cancellation/002',
    'client',
    () => lines(['>', initialize({})], ['>', notification('notifications/cancelled', { requestId: 0 })]),
  ],
  ['2025-11-25/progress/001', 'client', () => pipe({}, ['>', tool({ _meta: { progressToken: 1.5 } })])],
  ['2025-11-25/progress/002', 'client', () => pipe({}, ['>', withToken(1)], ['>', withToken(2)])],
  [
    '2025-11-25/progress/003',
    'server',
    () => pipe({}, ['>', withToken(1)], ['<', progress(2)], ['<', progress(2)]),
  ],
  ['2025-11-25/progress/006', 'server', () => pipe({}, ['<', progress(1)])],
  [
    '2025-11-25/progress/011',
    'server',
    () => pipe({}, ['>', withToken(1)], ['<', result(TEXT, 1)], ['<', progress(1)]),
  ],
  ['2025-11-25/basic/023', 'server', () => calls({ ...TEXT, _meta: { '1a.example/b': 1 } })],
  ['2025-11-25/basic/025', 'server', () => calls({ ...TEXT, _meta: { 'com.mcp/b': 1 } })],
  ['2025-11-25/basic/026', 'server', () => calls({ ...TEXT, _meta: { _fast: 1 } })],
  ['2025-11-25/pagination/004', 'client', () => pipe({}, ['>', request('tools/list', { cursor: 'mine' })])],
  [
    '2025-11-25/completion/002',
    'server',
    () =>
      answers(
        'completion/complete',
        { completion: { values: Array.from({ length: 101 }, () => 'a') } },
        {},
        { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'a', value: '' } },
      ),
  ],
  [
    '2025-11-25/elicitation/002',
    'server',
    () => asks('elicitation/create', URL_QUESTION, { client: { elicitation: {} } }),
  ],
  ['2025-11-25/elicitation/003', 'server', () => asks('elicitation/create', { ...FORM, message: undefined })],
  ['2025-11-25/elicitation/004', 'server', () => asks('elicitation/create', { message: 'a' })],
  [
    '2025-11-25/elicitation/005',
    'server',
    () => asks('elicitation/create', { ...URL_QUESTION, elicitationId: undefined }),
  ],
  ['2025-11-25/elicitation/010', 'server', () => pipe({}, ['>', tool()], ['<', failure(-32042, {})])],
  [
    '2025-11-25/elicitation/016',
    'client',
    () =>
      pipe(
        { client: { elicitation: {} } },
        ['<', request('elicitation/create', URL_QUESTION)],
        ['>', failure(-1)],
      ).filter(({ side }) => side === 'client'),
  ],
  [
    '2025-11-25/elicitation/020',
    'server',
    () => asks('elicitation/create', { ...URL_QUESTION, url: 'http://a.example/' }),
  ],
  [
    '2025-06-18/elicitation/002',
    'server',
    () =>
      asks(
        'elicitation/create',
        { ...FORM, requestedSchema: { type: 'object', properties: { a: { type: 'object' } } } },
        june,
      ),
  ],
  ['2025-11-25/prompts/003', 'server', () => prompts({ type: 'image', data: '%', mimeType: 'image/png' })],
  ['2025-11-25/prompts/004', 'server', () => prompts({ type: 'audio', data: 'AAAA' })],
  ['2025-11-25/prompts/005', 'server', () => prompts({ type: 'resource', resource: { uri: 'a:b' } })],
  [
    '2025-11-25/resources/007',
    'server',
    () => answers('resources/list', { resources: [{ uri: 'no scheme', name: 'a' }] }),
  ],
  [
    '2025-11-25/resources/012',
    'server',
    () => answers('resources/read', { contents: [{ uri: 'a:b', blob: '%' }] }, {}, { uri: 'a:b' }),
  ],
  [
    '2025-03-26/tools/001',
    'server',
    () => calls({ content: [{ type: 'resource_link', uri: 'a:b', name: 'a' }] }, march),
  ],
  [
    '2024-11-05/tools/001',
    'server',
    () => calls({ content: [{ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }] }, first),
  ],
  ['2025-11-25/tools/003', 'server', () => listed({ inputSchema: null })],
  ['2025-11-25/tools/012', 'server', () => listed({ outputSchema: { type: 'array' } })],
  ['2025-11-25/tools/005', 'server', () => listed({ name: 'a b' })],
  ['2025-11-25/tools/005', 'server', () => listed({ name: '' })],
  ['2025-11-25/tools/007', 'server', () => answers('tools/list', { tools: [TOOL, TOOL] })],
  ['2025-11-25/tools/009', 'server', () => embeds({})],
  ['2025-06-18/tools/004', 'server', () => embeds(june)],
  ['2025-11-25/tools/010', 'server', () => calls({ ...TEXT, structuredContent: {} })],
  ['2025-06-18/tools/001', 'server', () => calls({ ...TEXT, structuredContent: {} }, june)],
  ['2025-11-25/tools/011', 'server', () => lacksStructure({})],
  ['2025-06-18/tools/002', 'server', () => lacksStructure(june)],
  [
    '2025-11-25/tools/014',
    'server',
    () => pipe({}, ...knows({}), ['>', tool({ name: 'b' })], ['<', result({ ...TEXT, isError: true })]),
  ],
];

function inBatch() {
  const { witness, headers } = session(march);
  const body = JSON.stringify([initialize({ protocolVersion: '2025-03-26' })]);
  return witness.request({
    id: 5,
    method: 'POST',
    target: '/mcp',
    headers: Object.entries({ accept: 'application/json, text/event-stream', ...headers }),
    body,
  });
}
/** A client of its own accord asks for a list that was not declared, and gets one. */
function offered(feature: string, items: unknown[]) {
  const found = pipe(
    { server: without(feature) },
    ['>', request(`${feature}/list`)],
    ['<', result({ [feature]: items })],
  );
  return found.filter(({ side }) => side === 'server');
}
const embeds = (setup: JsonObject) =>
  calls(
    { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'a' } }] },
    { ...setup, server: without('resources') },
  );
const lacksStructure = (setup: JsonObject) =>
  pipe(setup, ...knows({ outputSchema: { type: 'object' } }), ['>', tool()], ['<', result(TEXT)]);
