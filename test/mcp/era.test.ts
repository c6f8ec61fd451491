import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/wire/fault.js';
import { NULL_PARAMS } from '../../src/wire/jsonrpc/message.js';
import { negotiate, revisionOverHttp, revisionOverStdio } from '../../src/wire/mcp/era.js';
import { MODERN, NEWEST_LEGACY, type Revision, SUPPORTED } from '../../src/wire/revisions.js';

const test = suite('mcp/era');
const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const INFO = 'io.modelcontextprotocol/clientInfo';
const HEADER = 'mcp-protocol-version';
const full = (version: unknown): object => ({ [VERSION]: version, [CAPABILITIES]: {} });

function told(revision: Revision | Fault): string {
  return revision instanceof Fault ? revision.name : revision;
}
function http(method: string, meta: object | undefined, header?: string): string {
  return told(
    revisionOverHttp({ method, params: meta === undefined ? {} : { _meta: meta } }, { [HEADER]: header }),
  );
}
function stdio(method: string, meta: object | undefined, agreed?: Revision): string {
  return told(revisionOverStdio({ method, params: meta === undefined ? {} : { _meta: meta } }, agreed));
}

// Rows: what the body claims. Columns: what the header claims.
const HEADERS = [undefined, '2024-11-05', '2025-11-25', '2026-07-28', '1999-01-01'] as const;
const table: [title: string, meta: object | undefined, outcomes: readonly string[]][] = [
  ['no _meta', undefined, ['2025-03-26', '2024-11-05', '2025-11-25', 'incompleteMeta', 'unsupportedVersion']],
  [
    'a _meta that claims nothing',
    { progressToken: 1 },
    ['2025-03-26', '2024-11-05', '2025-11-25', 'incompleteMeta', 'unsupportedVersion'],
  ],
  [
    'a complete modern _meta',
    full('2026-07-28'),
    ['headerMismatch', 'headerMismatch', 'headerMismatch', '2026-07-28', 'headerMismatch'],
  ],
  [
    'a legacy revision in _meta',
    full('2025-11-25'),
    ['2025-11-25', 'headerMismatch', '2025-11-25', 'headerMismatch', 'headerMismatch'],
  ],
  [
    'an unknown revision in _meta',
    full('1999-01-01'),
    ['unsupportedVersion', 'headerMismatch', 'headerMismatch', 'headerMismatch', 'unsupportedVersion'],
  ],
  ['a revision that is no text', full(20260728), HEADERS.map(() => 'incompleteMeta')],
  ['capabilities without a revision', { [CAPABILITIES]: {} }, HEADERS.map(() => 'incompleteMeta')],
  [
    'client info alone, which claims nothing',
    { [INFO]: { name: 'c', version: '1' } },
    ['2025-03-26', '2024-11-05', '2025-11-25', 'incompleteMeta', 'unsupportedVersion'],
  ],
];
test('params of null are left out where the schema of the revision lets them be, and refused elsewhere', () => {
  const outcome = (method: string, header?: string): string =>
    told(revisionOverHttp({ method, params: NULL_PARAMS }, { [HEADER]: header }));
  for (const method of [
    'ping',
    'tools/list',
    'prompts/list',
    'resources/templates/list',
    'notifications/initialized',
  ])
    assert.equal(
      [undefined, '2024-11-05', '2025-11-25'].map((header) => outcome(method, header)),
      ['2025-03-26', '2024-11-05', '2025-11-25'],
    );
  for (const method of [
    'tools/call',
    'resources/read',
    'prompts/get',
    'initialize',
    'notifications/cancelled',
  ])
    for (const header of HEADERS.slice(0, 4)) assert.is(outcome(method, header), 'invalidRequest');
  assert.is(outcome('tools/list', '2026-07-28'), 'invalidRequest');
  const stdioOutcome = (method: string) =>
    told(revisionOverStdio({ method, params: NULL_PARAMS }, '2025-06-18'));
  assert.equal([stdioOutcome('tools/list'), stdioOutcome('tools/call')], ['2025-06-18', 'invalidRequest']);
});
test('a removed method is gone, whatever its _meta lacks', () => {
  const partial = { [VERSION]: '2026-07-28' };
  for (const method of [
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'tasks/result',
  ]) {
    assert.equal(
      [undefined, partial, { [CAPABILITIES]: {} }].map((meta) => http(method, meta, '2026-07-28')),
      ['methodNotFound', 'methodNotFound', 'methodNotFound'],
    );
    assert.is(stdio(method, partial), 'methodNotFound');
    assert.is(http(method, undefined, '2025-11-25'), '2025-11-25');
  }
  for (const method of ['tools/list', '__proto__', 'constructor', ''])
    assert.is(http(method, undefined, '2026-07-28'), 'incompleteMeta');
});
for (const [title, meta, outcomes] of table) {
  test(`over HTTP, ${title} is read with each header as the table says`, () => {
    assert.equal(
      HEADERS.map((header) => http('tools/list', meta, header)),
      outcomes,
    );
  });
}

test('over HTTP, a revision without capabilities is incomplete, with the header and without', () => {
  assert.is(http('tools/list', { [VERSION]: MODERN }, MODERN), 'incompleteMeta');
  assert.is(http('tools/list', { [VERSION]: MODERN }), 'incompleteMeta');
});
test('over HTTP, initialize without a modern _meta is legacy whatever its header says', () => {
  for (const header of HEADERS) assert.is(http('initialize', undefined, header), '2025-03-26');
  assert.is(http('initialize', full(MODERN), MODERN), MODERN);
});
test('over HTTP, a notification is modern by its header alone', () => {
  assert.is(http('notifications/cancelled', undefined, MODERN), MODERN);
  assert.is(http('notifications/initialized', undefined, '2025-06-18'), '2025-06-18');
  assert.is(http('notifications/initialized', undefined, 'x'), 'unsupportedVersion');
});
test('a _meta that is not an object claims nothing', () => {
  for (const _meta of [null, [], 'x', 1])
    assert.is(told(revisionOverHttp({ method: 'ping', params: { _meta } }, {})), '2025-03-26');
});
test('client info, when there, has a name and a version', () => {
  for (const info of ['me', null, {}, { name: 'c' }, { name: 'c', version: 1 }])
    assert.is(http('tools/list', { ...full(MODERN), [INFO]: info }, MODERN), 'incompleteMeta');
  assert.is(http('tools/list', { ...full(MODERN), [INFO]: { name: '', version: '' } }, MODERN), MODERN);
});
test('capabilities are an object', () => {
  for (const capabilities of [null, [], 'x', true])
    assert.is(
      http('tools/list', { [VERSION]: MODERN, [CAPABILITIES]: capabilities }, MODERN),
      'incompleteMeta',
    );
});
test('a log level, when there, is one that MCP knows', () => {
  const level = 'io.modelcontextprotocol/logLevel';
  assert.is(http('tools/list', { ...full(MODERN), [level]: 'debug' }, MODERN), MODERN);
  for (const wrong of ['DEBUG', 'verbose', 3, null])
    assert.is(http('tools/list', { ...full(MODERN), [level]: wrong }, MODERN), 'invalidParams');
});
test('the error for an unsupported version has the supported ones and the requested one', () => {
  const revision = revisionOverHttp(
    { method: 'tools/list', params: { _meta: full('9') } },
    { [HEADER]: '9' },
  );
  assert.equal(revision instanceof Fault && revision.data, { supported: SUPPORTED, requested: '9' });
});

test('over stdio, the agreed revision holds, and a modern _meta speaks for itself', () => {
  assert.is(stdio('tools/list', undefined, '2024-11-05'), '2024-11-05');
  assert.is(stdio('tools/list', full(MODERN), '2024-11-05'), MODERN);
  assert.is(stdio('tools/list', full(MODERN)), MODERN);
  assert.is(stdio('tools/list', full('9')), 'unsupportedVersion');
});
test('over stdio, nothing but initialize, ping and notifications may come before an agreement', () => {
  assert.is(stdio('initialize', undefined), '2025-03-26');
  assert.is(stdio('notifications/cancelled', undefined), '2025-03-26');
  assert.is(stdio('ping', undefined), '2025-03-26');
  assert.is(stdio('tools/list', undefined), 'incompleteMeta');
  const revision = revisionOverStdio({ method: 'tools/list', params: {} }, undefined);
  assert.equal(revision instanceof Fault && revision.data, { supported: SUPPORTED });
});

test('initialize gets the legacy revision it proposes, and else our newest', () => {
  const legacy = SUPPORTED.filter((revision) => revision !== MODERN);
  assert.equal(
    legacy.map((revision) => negotiate(revision)),
    legacy,
  );
  for (const other of [MODERN, '1.0.0', '', undefined, null, 7, 'constructor'])
    assert.is(negotiate(other), NEWEST_LEGACY);
});

test.run();
