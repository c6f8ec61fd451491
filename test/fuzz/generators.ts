/** What the fuzzer sends: bytes and values near what the servers expect, and far from it. */
import fc, { type Arbitrary } from 'fast-check';

/** JSON values with the odd things that parsers differ about. */
export const json: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  fc.constantFrom('__proto__', 1e308, -0, '\u0000', '\ud800', 'x'.repeat(70_000), 2 ** 53),
);

const METHODS = [
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/cancel',
  'tasks/update',
  'notifications/cancelled',
  'notifications/initialized',
  'no/such',
];
const TOOLS = ['postgres.readonly', 's3.list', 'jira.search', 'incidents.list', 'incidents.get', 'no.such'];
const REVISIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '1999-01-01'];

const meta = fc.record(
  {
    'io.modelcontextprotocol/protocolVersion': fc.oneof(fc.constantFrom(...REVISIONS), json),
    'io.modelcontextprotocol/clientCapabilities': fc.oneof(fc.constant({}), json),
    'io.modelcontextprotocol/clientInfo': fc.oneof(fc.constant({ name: 'fuzz', version: '1' }), json),
    progressToken: json,
  },
  { requiredKeys: [] },
);
const params = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        name: fc.oneof(fc.constantFrom(...TOOLS), json),
        arguments: fc.oneof(
          fc.dictionary(fc.constantFrom('sql', 'jql', 'bucket', 'prefix', 'limit', 'status', 'id'), json),
          json,
        ),
        uri: fc.oneof(fc.webUrl(), fc.constantFrom('incident://1', 'incident://../x'), json),
        cursor: json,
        taskId: json,
        requestId: json,
        protocolVersion: fc.oneof(fc.constantFrom(...REVISIONS), json),
        capabilities: json,
        clientInfo: json,
        _meta: fc.oneof({ weight: 3, arbitrary: meta }, json),
      },
      { requiredKeys: [] },
    ),
  },
  json,
);

/** A request with this id, or what is left of one. */
export const message = (id: Arbitrary<unknown>): Arbitrary<Record<string, unknown>> =>
  fc.record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, json),
      id,
      method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...METHODS) }, json),
      params,
    },
    { requiredKeys: ['jsonrpc'] },
  ) as Arbitrary<Record<string, unknown>>;

export const id = fc.oneof(fc.integer(), fc.string(), json);

/** The text of a message: sometimes cut, doubled, in a batch, or with a member twice. */
export const body: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: message(id).map((one) => JSON.stringify(one)) },
  fc.array(message(id), { maxLength: 60 }).map((all) => JSON.stringify(all)),
  fc.tuple(message(id), fc.nat(200)).map(([one, at]) => JSON.stringify(one).slice(0, at)),
  message(id).map((one) => `{"id":1,${JSON.stringify(one).slice(1)}`),
  fc.nat(2_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.string({ unit: 'binary' }),
);

const HEADERS = [
  'host',
  'origin',
  'accept',
  'content-type',
  'content-length',
  'transfer-encoding',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'last-event-id',
  'expect',
  'connection',
  'authorization',
  'upgrade',
  'x-other',
];
const VALUES = [
  'localhost',
  'evil.example',
  'null',
  'application/json',
  'text/event-stream',
  'application/json, text/event-stream',
  '*/*;q=0',
  '0',
  '5',
  '-1',
  '99999999999',
  'chunked',
  'gzip, chunked',
  '2026-07-28',
  '2025-11-25',
  'tools/call',
  'tools/list',
  '100-continue',
  'close',
  'keep-alive',
  'Bearer x',
  'Basic eA==',
  '=?base64?eA==?=',
  'h2c',
];
const headerLine = fc
  .tuple(
    fc.constantFrom(...HEADERS),
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES) }, fc.string({ unit: 'binary' })),
  )
  .map(([name, value]) => `${name}: ${value}`);
const requestLine = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'CONNECT', 'get', 'POST '),
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          '/mcp',
          '/',
          '/healthz',
          '/readyz',
          '/trace/x',
          '/metrics/x',
          '/mcp/',
          '*',
          '//mcp',
        ),
      },
      fc.webPath(),
      fc.string({ unit: 'binary' }),
    ),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'http/1.1', ''),
  )
  .map((parts) => parts.join(' '));

/** The bytes of a request, latin1: lines of a head, an ending that may be wrong, and a body. */
export const httpBytes: Arbitrary<Buffer> = fc
  .tuple(
    requestLine,
    fc.array(headerLine, { maxLength: 12 }),
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
    body,
  )
  .map(([line, headers, end, text]) =>
    Buffer.from([line, 'host: localhost', ...headers, '', text].join(end), 'latin1'),
  );

/** A token with one thing about it wrong, so that it must be refused. */
export const brokenToken = (token: string): Arbitrary<string> => {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const parsed = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  const packed = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
  const member = fc.tuple(
    fc.constantFrom('alg', 'typ', 'kid', 'crit', 'jwk', 'jku', 'b64', 'enc', 'zip'),
    json,
  );
  const claim = fc.tuple(
    fc.constantFrom('iss', 'aud', 'exp', 'nbf', 'scope', 'sub', 'tenant', 'client_id', 'cnf'),
    json,
  );
  return fc
    .oneof(
      member.map(([name, value]) => `${packed({ ...parsed(head), [name]: value })}.${claims}.${signature}`),
      claim.map(([name, value]) => `${head}.${packed({ ...parsed(claims), [name]: value })}.${signature}`),
      fc.nat(token.length - 1).map((at) => token.slice(0, at)),
      fc.base64String().map((other) => `${head}.${claims}.${other.replace(/[+/=]/g, '')}`),
      fc.string({ unit: 'binary' }),
    )
    .filter((other) => other !== token && other.trim() !== token);
};

const SQL_WORDS = [
  'SELECT',
  'FROM',
  'WHERE',
  'customers',
  'incidents',
  '*',
  '1',
  "'a'",
  '(',
  ')',
  ',',
  ';',
  '--',
  '/*',
  '*/',
  '$$',
  '"',
  "'",
  'UNION ALL',
  'WITH x AS',
  'DELETE',
  'INSERT INTO',
  'COPY',
  'SET',
  'pg_sleep(0.01)',
  'pg_read_file',
  'lo_import',
  'current_setting',
  'DO',
  'EXPLAIN',
  'generate_series(1, 100)',
  'LIMIT 5',
  'ORDER BY 1',
  '::text',
  "E'\\\\'",
  'U&"\\0061"',
  'RESET ROLE',
  'COMMIT',
  'NULL',
  'cast(',
  'email',
];
export const sql: Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(fc.constantFrom(...SQL_WORDS), { maxLength: 14 }).map((words) => words.join(' ')),
  },
  fc.string({ unit: 'binary', maxLength: 200 }),
);

/** Lines for stdio, without line breaks inside. */
export const line: Arbitrary<string> = body.map((text) => text.replace(/[\r\n]/g, ' '));
