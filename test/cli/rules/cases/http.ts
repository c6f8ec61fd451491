/** HTTP: what violates each of its rules. */
import { createWitness, type Violation, type Witness } from '../../../../src/cli/rules/witness.js';
import type { JsonObject } from '../../../../src/wire/value.js';
import { type Case, call, failure, notification, request, result, session } from '../conversations.js';
import { type Answer, ask, exchange, modern, REVISION, SERVER_META } from '../exchanges.js';

const META = { _meta: SERVER_META };
const DONE = { resultType: 'complete', content: [], ...META };
const tool = (params: JsonObject = {}) => modern('tools/call', { name: 'a', ...params });
const list = request('tools/list');
const LISTED = result({ tools: [] });
const cancelled = modern('notifications/cancelled', { requestId: 1 }, { id: undefined });
const sends = (requestHeaders: NonNullable<Answer['requestHeaders']>, message: unknown = tool()) =>
  ask(message, undefined, { requestHeaders });
/** The server answers although the headers are wrong; what the client violates is another matter. */
const passes = (requestHeaders: NonNullable<Answer['requestHeaders']>, message: unknown = tool()) =>
  ofServer(ask(message, { result: DONE }, { requestHeaders }));
const ofServer = (found: Violation[]) => found.filter(({ side }) => side === 'server');
const refused = (status: number, challenge: string | undefined, message: unknown = tool()) =>
  ask(
    message,
    { error: { code: 1, message: 'no' } },
    { status, headers: challenge === undefined ? {} : { 'www-authenticate': challenge } },
  );
const FULL = 'Bearer resource_metadata="https://a.example/m", scope="a"';
const initialize = (revision: string) =>
  request('initialize', {
    protocolVersion: revision,
    capabilities: {},
    clientInfo: { name: 'c', version: '1' },
  });

/** An annotated tool was listed; then it is called. */
const PARAMETER = {
  name: 'a',
  inputSchema: { type: 'object', properties: { place: { type: 'string', 'x-mcp-header': 'Place' } } },
};
function callsAnnotated(requestHeaders: Answer['requestHeaders'], answer?: JsonObject): Violation[] {
  const witness = createWitness({ transport: 'http' });
  return [
    ...exchange(witness, modern('tools/list'), {
      result: { resultType: 'complete', tools: [PARAMETER], ttlMs: 0, cacheScope: 'public', ...META },
    }),
    ...exchange(witness, modern('tools/call', { name: 'a', arguments: { place: 'x' } }, { id: 2 }), answer, {
      requestHeaders,
    }),
  ];
}
/** A bare request without a body, such as a GET. */
function bare(
  witness: ReturnType<typeof createWitness>,
  method: string,
  headers: { [name: string]: string },
  status: number,
  type: string,
  ...messages: unknown[]
): Violation[] {
  const id = 1_000_000;
  return [
    ...witness.request({ id, method, target: '/mcp', headers: Object.entries(headers), body: '' }),
    ...witness.response(id, { status, headers: [['content-type', type]] }),
    ...messages.flatMap((message) => witness.message(id, JSON.stringify(message))),
    ...witness.end(id),
  ];
}
const inSession = (
  method: string,
  headers: { [name: string]: string },
  status: number,
  type: string,
  ...messages: unknown[]
) => {
  const { witness, headers: own } = session({ session: 's' });
  return bare(
    witness,
    method,
    { Accept: 'text/event-stream', ...own, ...headers },
    status,
    type,
    ...messages,
  );
};

export const HTTP_CASES: readonly Case[] = [
  ['2026-07-28/streamable-http/008', 'client', () => sends({ Accept: 'application/json' })],
  [
    '2025-11-25/transports/015',
    'client',
    () => call(list, LISTED, {}, { requestHeaders: { Accept: undefined } }),
  ],
  [
    '2026-07-28/streamable-http/010',
    'client',
    () =>
      ask([tool()], undefined, {
        requestHeaders: { 'MCP-Protocol-Version': REVISION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' },
      }),
  ],
  ['2025-11-25/transports/016', 'client', () => call([list])],
  [
    '2026-07-28/streamable-http/011',
    'client',
    () =>
      ask({ jsonrpc: '2.0', id: 1, result: {} }, undefined, {
        requestHeaders: { 'MCP-Protocol-Version': REVISION },
      }).filter(({ clause }) => !/basic\/006/.test(clause)),
  ],
  ['2026-07-28/streamable-http/030', 'client', () => sends({ 'MCP-Protocol-Version': undefined })],
  ['2026-07-28/streamable-http/031', 'client', () => sends({ 'MCP-Protocol-Version': '2025-11-25' })],
  ['2026-07-28/streamable-http/037', 'client', () => sends({ 'Mcp-Method': 'tools/list' })],
  ['2026-07-28/streamable-http/038', 'client', () => sends({ 'Mcp-Name': undefined })],
  ['2026-07-28/streamable-http/058', 'client', () => callsAnnotated({})],
  [
    'ext-tasks/sep-2663/019',
    'client',
    () => sends({ 'Mcp-Name': 'other' }, modern('tasks/get', { taskId: 't' })),
  ],
  ['2026-07-28/streamable-http/032', 'server', () => passes({ 'MCP-Protocol-Version': '2025-11-25' })],
  ['2026-07-28/streamable-http/072', 'server', () => passes({ 'Mcp-Method': undefined })],
  ['2026-07-28/streamable-http/074', 'server', () => passes({ 'Mcp-Method': 'tools/list' })],
  ['2026-07-28/streamable-http/073', 'server', () => passes({ 'Mcp-Name': undefined })],
  ['2026-07-28/streamable-http/075', 'server', () => passes({ 'Mcp-Name': 'other' })],
  ['2026-07-28/streamable-http/064', 'server', () => ofServer(callsAnnotated({}, { result: DONE }))],
  [
    '2026-07-28/streamable-http/068',
    'server',
    () => ofServer(callsAnnotated({ 'Mcp-Param-Place': 'y' }, { result: DONE })),
  ],
  [
    '2025-11-25/transports/062',
    'client',
    () => call(list, LISTED, {}, { requestHeaders: { 'MCP-Protocol-Version': undefined } }),
  ],
  [
    '2025-06-18/transports/006',
    'client',
    () =>
      call(
        list,
        LISTED,
        { revision: '2025-06-18' },
        { requestHeaders: { 'MCP-Protocol-Version': undefined } },
      ),
  ],
  [
    '2025-11-25/transports/063',
    'client',
    () => call(list, LISTED, {}, { requestHeaders: { 'MCP-Protocol-Version': '2025-06-18' } }),
  ],
  [
    '2025-11-25/transports/055',
    'client',
    () => call(list, LISTED, { session: 's' }, { requestHeaders: { 'Mcp-Session-Id': undefined } }),
  ],
  ['2025-11-25/transports/035', 'client', () => inSession('GET', { Accept: 'application/json' }, 405, '')],
  [
    '2026-07-28/authorization/033',
    'client',
    () => inQuery(tool(), { 'MCP-Protocol-Version': REVISION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' }),
  ],
  ['2025-11-25/authorization/028', 'client', () => inQuery(initialize('2025-11-25'), {})],
  [
    '2026-07-28/streamable-http/016',
    'server',
    () => ask(tool(), {}, { headers: { 'content-type': 'text/html' } }),
  ],
  [
    '2026-07-28/streamable-http/016',
    'server',
    () => ask(tool(), {}, { status: 202, headers: { 'content-type': '' } }),
  ],
  [
    '2025-11-25/transports/020',
    'server',
    () => call(list, {}, {}, { headers: { 'content-type': 'text/plain' } }),
  ],
  ['2026-07-28/streamable-http/013', 'server', () => ask(cancelled, [], { status: 200 })],
  [
    '2025-11-25/transports/017',
    'server',
    () =>
      call(
        notification('notifications/roots/list_changed'),
        [],
        {},
        { status: 204, headers: { 'content-type': '' } },
      ),
  ],
  [
    '2025-11-25/transports/017',
    'server',
    () =>
      call(
        notification('notifications/roots/list_changed'),
        ['Accepted'],
        {},
        { status: 202, headers: { 'content-type': 'text/plain' } },
      ),
  ],
  [
    '2026-07-28/streamable-http/023',
    'server',
    () => ask(tool(), [{ jsonrpc: '2.0', id: 1, result: DONE }], { headers: { 'x-accel-buffering': 'yes' } }),
  ],
  [
    '2026-07-28/streamable-http/083',
    'server',
    () =>
      modernOnly((witness) =>
        exchange(witness, tool(), { result: DONE }, { headers: { 'Mcp-Session-Id': 's' } }),
      ),
  ],
  [
    '2026-07-28/streamable-http/082',
    'server',
    () =>
      modernOnly((witness) =>
        bare(
          witness,
          'GET',
          { Accept: 'text/event-stream', 'MCP-Protocol-Version': REVISION },
          404,
          'text/plain',
        ),
      ),
  ],
  ['2025-11-25/transports/053', 'server', () => session({ session: 'not visible' }).found],
  ['2025-11-25/transports/058', 'server', () => afterDelete()],
  ['2025-11-25/transports/036', 'server', () => inSession('GET', {}, 200, 'text/html')],
  [
    '2025-11-25/transports/039',
    'server',
    () =>
      inSession('GET', {}, 200, 'text/event-stream', result({}, 0)).filter(
        ({ clause }) => !/basic\/006/.test(clause),
      ),
  ],
  [
    '2025-11-25/transports/065',
    'server',
    () => ofServer(call(list, LISTED, {}, { requestHeaders: { 'MCP-Protocol-Version': 'banana' } })),
  ],
  [
    '2025-06-18/transports/008',
    'server',
    () =>
      ofServer(
        call(
          list,
          LISTED,
          { revision: '2025-06-18' },
          { requestHeaders: { 'MCP-Protocol-Version': 'banana' } },
        ),
      ),
  ],
  ['2026-07-28/authorization/037', 'server', () => refused(401, undefined)],
  ['2025-11-25/authorization/031', 'server', () => refused(401, undefined, initialize('2025-11-25'))],
  [
    '2025-06-18/authorization/004',
    'server',
    () => refused(401, 'Bearer scope="a"', initialize('2025-06-18')),
  ],
  [
    '2026-07-28/authorization/014',
    'server',
    () => refused(401, 'Bearer resource_metadata="https://a.example/m"'),
  ],
  [
    '2025-11-25/authorization/014',
    'server',
    () => refused(401, 'Bearer resource_metadata="https://a.example/m"', initialize('2025-11-25')),
  ],
  [
    '2026-07-28/authorization/042',
    'server',
    () => refused(401, 'Bearer resource_metadata="https://a.example/m", scope="a offline_access"'),
  ],
  [
    '2026-07-28/authorization/050',
    'server',
    () => refused(403, 'Bearer error="insufficient_scope", resource_metadata="https://a.example/m"'),
  ],
  [
    '2026-07-28/authorization/051',
    'server',
    () => refused(403, 'Bearer error="insufficient_scope", scope="a"'),
  ],
  [
    '2025-11-25/authorization/038',
    'server',
    () => refused(403, 'Bearer error="insufficient_scope", scope="a"', initialize('2025-11-25')),
  ],
  [
    '2026-07-28/streamable-http/021',
    'server',
    () =>
      ask(tool({ _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } }), [
        { jsonrpc: '2.0', id: 1, result: DONE },
        notification('notifications/message', { level: 'info', data: 1 }),
      ]),
  ],
  [
    '2025-11-25/transports/030',
    'server',
    () => call(list, [LISTED, notification('notifications/message', { level: 'info', data: 1 })]),
  ],
  ['2026-07-28/patterns/001', 'server', () => ask(tool(), [request('roots/list')])],
  ['2026-07-28/transports/004', 'client', () => response()],
  ['2026-07-28/streamable-http/034', 'server', () => ask(tool(), failure(-32601, undefined, 1))],
  ['2026-07-28/schema/006', 'server', () => ask(tool(), failure(-32020, undefined, 1))],
  [
    '2026-07-28/schema/007',
    'server',
    () => ask(tool(), failure(-32022, { supported: ['2025-11-25'], requested: REVISION }, 1)),
  ],
  ['2026-07-28/basic/064', 'server', () => ask(tool(), failure(-32021, { requiredCapabilities: {} }, 1))],
  ['2026-07-28/basic/063', 'server', () => ask(tool(), failure(-32021, {}, 1), { status: 400 })],
  [
    '2026-07-28/versioning/002',
    'server',
    () => ask(tool(), failure(-32022, { requested: REVISION }, 1), { status: 400 }),
  ],
  ['2026-07-28/basic/020', 'server', () => ask(tool(), failure(-32050, undefined, 1))],
  ['2026-07-28/basic/022', 'server', () => ask(tool(), failure(-32002, undefined, 1))],
  ['2026-07-28/basic/023', 'server', () => ask(tool(), failure(-32042, undefined, 1))],
  ['2026-07-28/basic/025', 'server', () => ask(tool(), failure(-32300, undefined, 1))],
];
/** What a good challenge violates: nothing. */
export const goodChallenge = () => refused(401, FULL);

function inQuery(message: JsonObject, headers: { [name: string]: string }): Violation[] {
  const accept = { Accept: 'application/json, text/event-stream', ...headers };
  return createWitness({ transport: 'http' }).request({
    id: 1,
    method: 'POST',
    target: '/mcp?access_token=x',
    headers: Object.entries(accept),
    body: JSON.stringify(message),
  });
}
/** What a server does that has said that it serves this revision alone. */
function modernOnly(then: (witness: Witness) => Violation[]): Violation[] {
  const witness = createWitness({ transport: 'http' });
  const discovered = { resultType: 'complete', supportedVersions: [REVISION], capabilities: {}, ...META };
  const found = exchange(witness, modern('server/discover'), {
    result: { ...discovered, ttlMs: 0, cacheScope: 'public' },
  });
  return [...found, ...then(witness)];
}
function afterDelete(): Violation[] {
  const { witness, send, headers } = session({ session: 's' });
  return [...bare(witness, 'DELETE', headers, 204, ''), ...send(list, LISTED)];
}
function response(): Violation[] {
  const witness = createWitness({ transport: 'stdio' });
  witness.line('client', JSON.stringify(tool()));
  return witness
    .line('client', JSON.stringify(result({}, 5)))
    .filter(({ clause }) => !/basic\/006/.test(clause));
}
