import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkEmitted, type Emitted } from './emitted.js';

const spec = new URL('../../../shared/spec/', import.meta.url);
const test = suite('support/emitted');
const check = existsSync(spec) ? test : test.skip;

const MODERN = '2026-07-28';
const reply = (result: unknown) => ({ jsonrpc: '2.0', id: 1, result });
const failed = (code: number, rest: object = { id: 1 }, data?: unknown) => ({
  jsonrpc: '2.0',
  ...rest,
  error: { code, message: 'no', ...(data === undefined ? {} : { data }) },
});
const told = (method: string, params: unknown) => ({ jsonrpc: '2.0', method, params });
const info = { name: 'a', version: '1' };
const listed = [{ name: 'a', inputSchema: { type: 'object' } }];
const initialized = (protocolVersion: string) =>
  reply({ protocolVersion, capabilities: {}, serverInfo: info });
const progress = told('notifications/progress', { progressToken: 1, progress: 0.5 });

const valid: [title: string, emitted: Emitted][] = [
  ['a reply to ping', { revision: '2024-11-05', method: 'ping', message: reply({}) }],
  ['a list of tools', { revision: '2025-06-18', method: 'tools/list', message: reply({ tools: listed }) }],
  [
    'the reply to initialize',
    { revision: '2025-11-25', method: 'initialize', message: initialized('2025-11-25') },
  ],
  [
    'no revision as 2025-03-26',
    { revision: undefined, method: 'tools/call', message: reply({ content: [] }) },
  ],
  ['an error without id on a legacy revision', { revision: '2025-03-26', message: failed(-32700, {}) }],
  [
    'an error to a sender of no known revision',
    {
      revision: '1900-01-01',
      message: failed(-32022, { id: 1 }, { supported: [MODERN], requested: '1900-01-01' }),
    },
  ],
  ['progress', { revision: '2025-06-18', message: progress }],
  [
    'a question back',
    {
      revision: MODERN,
      method: 'tools/call',
      message: reply({ resultType: 'input_required', requestState: 's' }),
    },
  ],
  ['a code of the application', { revision: MODERN, method: 'tools/call', message: failed(403) }],
];
const invalid: [title: string, emitted: Emitted, expected: RegExp][] = [
  [
    'a reply without jsonrpc',
    { revision: '2025-06-18', method: 'ping', message: { id: 1, result: {} } },
    /JSONRPCResponse.*jsonrpc/,
  ],
  [
    'a null id',
    { revision: '2025-11-25', message: failed(-32700, { id: null }) },
    /JSONRPCErrorResponse.*\/id/,
  ],
  [
    'a null id on a legacy revision',
    { revision: '2025-03-26', message: failed(-32700, { id: null }) },
    /JSONRPCError .*\/id/,
  ],
  [
    'tools that are no list',
    { revision: '2025-06-18', method: 'tools/list', message: reply({ tools: {} }) },
    /ListToolsResult.*array/,
  ],
  [
    'a tool without schema',
    {
      revision: MODERN,
      method: 'tools/list',
      message: reply({ tools: [{ name: 'a' }], resultType: 'complete', ttlMs: 1, cacheScope: 'public' }),
    },
    /inputSchema/,
  ],
  [
    'a modern result without resultType',
    { revision: MODERN, method: 'tools/call', message: reply({ content: [] }) },
    /resultType/,
  ],
  [
    'a modern list without ttlMs',
    {
      revision: MODERN,
      method: 'tools/list',
      message: reply({ tools: [], resultType: 'complete', cacheScope: 'public' }),
    },
    /ttlMs/,
  ],
  [
    'a complete call without content',
    { revision: MODERN, method: 'tools/call', message: reply({ resultType: 'complete' }) },
    /CallToolResult.*content/,
  ],
  [
    'a result of an unknown method',
    { revision: MODERN, method: 'ping', message: reply({ resultType: 'complete' }) },
    /no result for ping/,
  ],
  ['a result of no request', { revision: '2025-06-18', message: reply({}) }, /answers no request/],
  [
    'a result for an unknown revision',
    { revision: '1900-01-01', method: 'tools/list', message: reply({ tools: [] }) },
    /only an error/,
  ],
  [
    'a version error without its data',
    { revision: MODERN, message: failed(-32022) },
    /UnsupportedProtocolVersionError/,
  ],
  [
    'a code that is a text',
    { revision: '2025-06-18', message: { jsonrpc: '2.0', id: 1, error: { code: '1', message: '' } } },
    /code.*integer/,
  ],
  [
    'progress without a token',
    { revision: '2025-06-18', message: told('notifications/progress', { progress: 1 }) },
    /progressToken/,
  ],
  [
    'a notification only a client sends',
    { revision: '2025-06-18', message: told('notifications/initialized', {}) },
    /no server sends/,
  ],
  [
    'a request on a modern revision',
    { revision: MODERN, message: { ...told('roots/list', {}), id: 1 } },
    /no server sends/,
  ],
  ['an array', { revision: '2025-03-26', method: 'ping', message: [reply({})] }, /not an object/],
];

for (const [title, emitted] of valid) {
  check(`accepts ${title}`, () => assert.equal(checkEmitted(emitted), 'valid'));
}
for (const [title, emitted, expected] of invalid) {
  check(`finds ${title}`, () => {
    const verdict = checkEmitted(emitted);
    assert.type(verdict, 'object');
    assert.match(typeof verdict === 'object' ? verdict.problems.join(' / ') : '', expected);
  });
}

check('accepts the official examples of results', () => {
  const methods: Record<string, string> = {
    CallToolResult: 'tools/call',
    ListToolsResult: 'tools/list',
    DiscoverResult: 'server/discover',
  };
  let count = 0;
  for (const [type, method] of Object.entries(methods)) {
    const folder = new URL(`examples/${MODERN}/${type}/`, spec);
    for (const name of readdirSync(folder)) {
      const result: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      assert.equal(checkEmitted({ revision: MODERN, method, message: reply(result) }), 'valid', name);
      count += 1;
    }
  }
  assert.ok(count >= 3);
});

test.run();
