/** 2026-07-28: what violates the rules of its results, features and streams. */
import { createWitness, type Violation } from '../../../../src/cli/rules/witness.js';
import { isRecord, type JsonObject } from '../../../../src/wire/value.js';
import { type Case, lines, notification, result } from '../conversations.js';
import { ask, CAPABILITIES, CLIENT_META, exchange, modern, REVISION, SERVER_META } from '../exchanges.js';

const META = { _meta: SERVER_META };
const HINTS = { ttlMs: 0, cacheScope: 'public' };
const TEXT = { content: [{ type: 'text', text: 'a' }] };
const DONE = { resultType: 'complete', ...TEXT, ...META };
const TOOL = { name: 'a', inputSchema: { type: 'object' } };
const NAMED: { [method: string]: JsonObject } = {
  'tools/call': { name: 'a' },
  'prompts/get': { name: 'a' },
  'resources/read': { uri: 'a:b' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'a', value: '' } },
};
const sent = (method: string, params: JsonObject = {}): JsonObject =>
  modern(method, { ...NAMED[method], ...params });
const gives = (method: string, value: JsonObject, params: JsonObject = {}): Violation[] =>
  ask(sent(method, params), { result: { resultType: 'complete', ...META, ...value } });
const calls = (value: JsonObject, params: JsonObject = {}) =>
  gives('tools/call', { ...TEXT, ...value }, params);
const lists = (method: string, value: JsonObject) => gives(method, { ...HINTS, ...value });
const tools = (...given: JsonObject[]) =>
  lists('tools/list', { tools: given.map((one) => ({ ...TOOL, ...one })) });
const asks = (question: unknown, capabilities: JsonObject = CAPABILITIES) =>
  ask(sent('tools/call', { _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities } }), {
    result: { resultType: 'input_required', inputRequests: { q: question }, ...META },
  });
const elicits = (params: JsonObject, capabilities?: JsonObject) =>
  asks({ method: 'elicitation/create', params }, capabilities);
const samples = (params: JsonObject, capabilities?: JsonObject) =>
  asks({ method: 'sampling/createMessage', params: { messages: [], maxTokens: 1, ...params } }, capabilities);
const FORM = { message: 'a', requestedSchema: { type: 'object', properties: { a: { type: 'string' } } } };
const LINK = { mode: 'url', message: 'a', url: 'https://a.example/' };
const prompts = (content: unknown) => gives('prompts/get', { messages: [{ role: 'user', content }] });
const mirrors = (property: JsonObject) =>
  tools({ inputSchema: { type: 'object', properties: { a: { type: 'string', ...property } } } });
const progress = (value: number) =>
  notification('notifications/progress', { progressToken: 't', progress: value });
const logged = notification('notifications/message', { level: 'info', data: 1 });
const TOKEN = { _meta: { progressToken: 't' } };
const withMeta = (change: JsonObject) => {
  const message = sent('tools/call');
  const params = isRecord(message.params) ? message.params : {};
  return { ...message, params: { ...params, _meta: { ...CLIENT_META, ...change } } };
};
const HEADERS = {
  requestHeaders: { 'MCP-Protocol-Version': REVISION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' },
};
const ID = 'io.modelcontextprotocol/subscriptionId';
const notified = (method: string, params: JsonObject = {}, id: unknown = 1) =>
  notification(method, { ...params, _meta: { [ID]: id } });
const ACK = notified('notifications/subscriptions/acknowledged', {
  notifications: { toolsListChanged: true },
});
const listen = (...messages: unknown[]) =>
  ask(sent('subscriptions/listen', { notifications: { toolsListChanged: true } }), messages);
const ENDED = { resultType: 'complete', _meta: { ...SERVER_META, [ID]: 1 } };
const discovered = (capabilities: JsonObject = {}) => ({
  result: { resultType: 'complete', supportedVersions: [REVISION], capabilities, ...HINTS, ...META },
});
function afterDiscovery(
  capabilities: JsonObject,
  message: JsonObject,
  answer: JsonObject | unknown[],
): Violation[] {
  const witness = createWitness({ transport: 'http' });
  return [
    ...exchange(witness, sent('server/discover'), discovered(capabilities)),
    ...exchange(witness, { ...message, id: 2 }, answer),
  ];
}
function inTurn(...turns: [JsonObject, JsonObject | undefined][]): Violation[] {
  const witness = createWitness({ transport: 'http' });
  return turns.flatMap(([message, answer], at) => exchange(witness, { id: at + 1, ...message }, answer));
}
const ROUND = { resultType: 'input_required', requestState: 's', ...META };
const list = (params: JsonObject, id: number) => modern('tools/list', params, { id });

export const MODERN_CASES: readonly Case[] = [
  ['2026-07-28/schema/020', 'server', () => tools({ title: 1 })],
  ['2026-07-28/schema/020', 'client', () => ask(sent('tools/call', { arguments: [] }))],
  ['2026-07-28/basic/008', 'server', () => calls({ resultType: undefined })],
  [
    '2026-07-28/basic/010',
    'server',
    () => afterDiscovery({ tools: {} }, sent('tools/call'), { result: { ...DONE, resultType: 'odd' } }),
  ],
  ['2026-07-28/basic/052', 'client', () => ask(withMeta({ 'a..b/c': 1 }))],
  ['2026-07-28/basic/054', 'client', () => ask(withMeta({ 'com.modelcontextprotocol.x/c': 1 }))],
  ['2026-07-28/basic/055', 'client', () => ask(withMeta({ _a: 1 }))],
  [
    '2026-07-28/basic/056',
    'client',
    () => ask(withMeta({ 'io.modelcontextprotocol/protocolVersion': undefined }), undefined, HEADERS),
  ],
  [
    '2026-07-28/basic/057',
    'client',
    () => ask(withMeta({ 'io.modelcontextprotocol/clientCapabilities': undefined })),
  ],
  [
    '2026-07-28/basic/058',
    'server',
    () =>
      ask(withMeta({ 'io.modelcontextprotocol/clientCapabilities': undefined }), { result: DONE }).filter(
        ({ side }) => side === 'server',
      ),
  ],
  [
    '2026-07-28/basic/060',
    'client',
    () => ask(withMeta({ 'io.modelcontextprotocol/clientInfo': undefined })),
  ],
  ['2026-07-28/basic/065', 'server', () => calls({ _meta: {} })],
  ['2026-07-28/basic/069', 'client', () => ask(withMeta({ traceparent: 'x' }))],
  [
    '2026-07-28/versioning/001',
    'server',
    () =>
      afterDiscovery(
        {},
        modern('tools/call', {
          name: 'a',
          _meta: { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' },
        }),
        { result: DONE },
      ),
  ],
  ['2026-07-28/changelog/002', 'server', () => gives('ping', {})],
  ['2026-07-28/discover/002', 'server', () => lists('server/discover', { capabilities: {} })],
  ['2026-07-28/caching/001', 'server', () => gives('tools/list', { tools: [], ttlMs: 0 })],
  ['2026-07-28/caching/002', 'server', () => ask(sent('tools/call'), { result: { ...ROUND, ttlMs: 0 } })],
  ['2026-07-28/caching/005', 'server', () => lists('tools/list', { tools: [], ttlMs: -1 })],
  ['2026-07-28/caching/011', 'server', () => lists('tools/list', { tools: [], cacheScope: 'all' })],
  [
    '2026-07-28/caching/015',
    'server',
    () =>
      inTurn(
        [list({}, 1), { result: { resultType: 'complete', tools: [], nextCursor: 'c', ...HINTS, ...META } }],
        [
          list({ cursor: 'c' }, 2),
          { result: { resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private', ...META } },
        ],
      ),
  ],
  ['2026-07-28/pagination/002', 'server', () => lists('tools/list', { tools: [], nextCursor: null })],
  ['2026-07-28/pagination/007', 'client', () => lines(['>', list({ cursor: 'mine' }, 1)])],
  ['2026-07-28/mrtr/005', 'server', () => ask(sent('tools/list'), { result: ROUND })],
  ['2026-07-28/mrtr/008', 'server', () => asks({ method: 'ping' })],
  [
    '2026-07-28/mrtr/018',
    'server',
    () => ask(sent('tools/call'), { result: { resultType: 'input_required', ...META } }),
  ],
  ['2026-07-28/mrtr/019', 'server', () => asks({ method: 'roots/list' }, {})],
  ['2026-07-28/mrtr/024', 'client', () => lines(['>', sent('tools/call', { requestState: 'mine' })])],
  [
    '2026-07-28/mrtr/025',
    'client',
    () =>
      inTurn([sent('tools/call'), { result: ROUND }], [sent('tools/call', { requestState: 's' }), undefined]),
  ],
  ['2026-07-28/elicitation/004', 'server', () => elicits(LINK, { elicitation: {} })],
  ['2026-07-28/elicitation/006', 'server', () => elicits({ ...FORM, message: undefined })],
  ['2026-07-28/elicitation/008', 'server', () => elicits({ message: 'a' })],
  [
    '2026-07-28/elicitation/009',
    'server',
    () => elicits({ ...FORM, requestedSchema: { type: 'object', properties: { a: { type: 'object' } } } }),
  ],
  ['2026-07-28/elicitation/011', 'server', () => elicits({ ...LINK, url: undefined })],
  ['2026-07-28/elicitation/012', 'server', () => elicits({ ...LINK, url: 'nowhere' })],
  ['2026-07-28/elicitation/027', 'server', () => elicits({ ...LINK, url: 'http://a.example/' })],
  ['2026-07-28/sampling/002', 'server', () => samples({ tools: [TOOL] }, { sampling: {} })],
  ['2026-07-28/sampling/003', 'server', () => samples({ includeContext: 'allServers' }, { sampling: {} })],
  [
    '2026-07-28/sampling/004',
    'server',
    () =>
      samples({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'tool_result', toolUseId: 'a', content: [] },
              { type: 'text', text: 'a' },
            ],
          },
        ],
      }),
  ],
  [
    '2026-07-28/sampling/005',
    'server',
    () =>
      samples({
        messages: [{ role: 'assistant', content: { type: 'tool_use', id: 'a', name: 'a', input: {} } }],
      }),
  ],
  [
    '2026-07-28/sampling/006',
    'server',
    () => samples({ messages: [{ role: 'system', content: { type: 'text', text: 'a' } }] }),
  ],
  [
    '2026-07-28/roots/003',
    'client',
    () => ask(sent('tools/call', { inputResponses: { q: { roots: [{ uri: 'https://a.example/' }] } } })),
  ],
  ['2026-07-28/prompts/008', 'server', () => prompts({ type: 'image', data: '%', mimeType: 'image/png' })],
  ['2026-07-28/prompts/009', 'server', () => prompts({ type: 'audio', data: 'AAAA' })],
  ['2026-07-28/prompts/011', 'server', () => prompts({ type: 'resource', resource: { uri: 'a:b' } })],
  [
    '2026-07-28/resources/011',
    'server',
    () => lists('resources/list', { resources: [{ uri: 'a:b', name: 'a', annotations: { priority: 2 } }] }),
  ],
  [
    '2026-07-28/resources/015',
    'server',
    () => lists('resources/list', { resources: [{ uri: 'no scheme', name: 'a' }] }),
  ],
  [
    '2026-07-28/resources/022',
    'server',
    () => lists('resources/read', { contents: [{ uri: 'a:b', blob: '%' }] }),
  ],
  [
    '2026-07-28/completion/002',
    'server',
    () => gives('completion/complete', { completion: { values: Array.from({ length: 101 }, () => 'a') } }),
  ],
  ['2026-07-28/schema/013', 'server', () => calls({ content: undefined })],
  ['2026-07-28/schema/019', 'server', () => tools({ inputSchema: {} })],
  ['2026-07-28/tools/011', 'server', () => tools({ inputSchema: null })],
  ['2026-07-28/tools/015', 'server', () => tools({ name: 'a'.repeat(129) })],
  ['2026-07-28/tools/017', 'server', () => tools({ name: 'a b' })],
  ['2026-07-28/tools/019', 'server', () => tools({}, {})],
  [
    '2026-07-28/tools/001',
    'server',
    () =>
      afterDiscovery({}, sent('tools/list'), {
        result: { resultType: 'complete', tools: [TOOL], ...HINTS, ...META },
      }),
  ],
  [
    '2026-07-28/resources/001',
    'server',
    () =>
      afterDiscovery({}, sent('resources/list'), {
        result: { resultType: 'complete', resources: [{ uri: 'a:b', name: 'a' }], ...HINTS, ...META },
      }),
  ],
  [
    '2026-07-28/prompts/001',
    'server',
    () =>
      afterDiscovery({}, sent('prompts/list'), {
        result: { resultType: 'complete', prompts: [{ name: 'a' }], ...HINTS, ...META },
      }),
  ],
  [
    '2026-07-28/tools/027',
    'server',
    () =>
      afterDiscovery({ tools: {} }, sent('tools/call'), {
        result: { ...DONE, content: [{ type: 'resource', resource: { uri: 'a:b', text: 'a' } }] },
      }),
  ],
  ['2026-07-28/tools/028', 'server', () => calls({ structuredContent: [1] })],
  [
    '2026-07-28/tools/030',
    'server',
    () =>
      inTurn(
        [
          sent('tools/list'),
          { result: { resultType: 'complete', tools: [{ ...TOOL, outputSchema: {} }], ...HINTS, ...META } },
        ],
        [{ ...sent('tools/call'), id: 2 }, { result: DONE }],
      ),
  ],
  [
    '2026-07-28/tools/032',
    'server',
    () =>
      inTurn(
        [sent('tools/list'), { result: { resultType: 'complete', tools: [TOOL], ...HINTS, ...META } }],
        [{ ...sent('tools/call', { name: 'b' }), id: 2 }, { result: { ...DONE, isError: true } }],
      ),
  ],
  ['2026-07-28/streamable-http/042', 'server', () => mirrors({ 'x-mcp-header': '' })],
  ['2026-07-28/streamable-http/043', 'server', () => mirrors({ 'x-mcp-header': 'a b' })],
  ['2026-07-28/streamable-http/044', 'server', () => mirrors({ 'x-mcp-header': 'a\r\nb' })],
  [
    '2026-07-28/streamable-http/045',
    'server',
    () =>
      tools({
        inputSchema: {
          type: 'object',
          properties: {
            a: { type: 'string', 'x-mcp-header': 'A' },
            b: { type: 'string', 'x-mcp-header': 'a' },
          },
        },
      }),
  ],
  ['2026-07-28/streamable-http/046', 'server', () => mirrors({ 'x-mcp-header': 'A', type: 'number' })],
  [
    '2026-07-28/streamable-http/048',
    'server',
    () =>
      tools({
        inputSchema: {
          type: 'object',
          anyOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }],
        },
      }),
  ],
  [
    '2026-07-28/logging/003',
    'server',
    () =>
      afterDiscovery(
        { tools: {} },
        sent('tools/call', { _meta: { 'io.modelcontextprotocol/logLevel': 'info' } }),
        [logged],
      ),
  ],
  ['2026-07-28/logging/004', 'server', () => ask(sent('tools/call'), [logged])],
  ['2026-07-28/progress/002', 'client', () => ask(sent('tools/call', { _meta: { progressToken: true } }))],
  [
    '2026-07-28/progress/003',
    'client',
    () => lines(['>', sent('tools/call', TOKEN)], ['>', { ...sent('tools/call', TOKEN), id: 2 }]),
  ],
  ['2026-07-28/progress/004', 'server', () => ask(sent('tools/call', TOKEN), [progress(1), progress(0.5)])],
  ['2026-07-28/progress/007', 'server', () => lines(['>', sent('tools/call')], ['<', progress(1)])],
  [
    '2026-07-28/progress/011',
    'server',
    () => lines(['>', sent('tools/call', TOKEN)], ['<', result(DONE, 1)], ['<', progress(1)]),
  ],
  ['2026-07-28/streamable-http/019', 'server', () => onOther()],
  [
    '2026-07-28/streamable-http/019',
    'server',
    () => ask(sent('tools/call'), [notification('notifications/tools/list_changed')]),
  ],
  ['2026-07-28/streamable-http/022', 'server', () => listen(ACK, logged)],
  [
    '2026-07-28/cancellation/011',
    'client',
    () => lines(['>', sent('tools/call')], ['>', notification('notifications/cancelled', { requestId: 9 })]),
  ],
  [
    '2026-07-28/cancellation/012',
    'server',
    () => lines(['>', sent('tools/call')], ['<', notification('notifications/cancelled', { requestId: 1 })]),
  ],
  [
    '2026-07-28/schema/011',
    'server',
    () => listen(ACK, notification('notifications/cancelled', { requestId: 1 })),
  ],
  ['2026-07-28/basic/068', 'server', () => listen(ACK, notification('notifications/tools/list_changed'))],
  [
    '2026-07-28/subscriptions/001',
    'server',
    () => listen(ACK, notified('notifications/prompts/list_changed')),
  ],
  ['2026-07-28/subscriptions/002', 'server', () => listen(notified('notifications/tools/list_changed'))],
  [
    '2026-07-28/subscriptions/005',
    'server',
    () =>
      listen(
        notified('notifications/subscriptions/acknowledged', { notifications: { promptsListChanged: true } }),
      ),
  ],
  [
    '2026-07-28/subscriptions/007',
    'server',
    () => listen(ACK, notified('notifications/tools/list_changed', {}, '1')),
  ],
  ['2026-07-28/subscriptions/011', 'server', () => listen(ACK, result({ ...ENDED, resultType: 'odd' }, 1))],
  ['2026-07-28/subscriptions/012', 'server', () => listen(ACK, result({ ...ENDED, ...META }, 1))],
];

/** Progress of one call on the stream of another. */
function onOther(): Violation[] {
  const witness = createWitness({ transport: 'http' });
  return [
    ...exchange(witness, { ...sent('tools/call', TOKEN), id: 8 }),
    ...exchange(witness, sent('tools/call'), [progress(1)]),
  ];
}
