/** Two small honest servers pass, and each fails with the right clause once it is broken in one way. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked, failuresIn, violatedIn } from './checked.js';
import { error, type Handler, json, legacy, modern, result, startSmall } from './small.js';

const test = suite('check/broken');
const TIMEOUT_MS = 1_000;

async function reportOn(handler: Handler) {
  const server = await startSmall(handler);
  try {
    return await checked(server.url, { timeoutMs: TIMEOUT_MS });
  } finally {
    await server.close();
  }
}

for (const [name, handler, least] of [
  ['2026-07-28 alone', modern, 35],
  ['2025-11-25', legacy, 25],
] as const)
  test(`a small server of ${name} passes`, async () => {
    const report = await reportOn(handler);
    assert.equal(failuresIn(report), []);
    const { length } = report.results.filter(({ kind }) => kind === 'passed');
    assert.ok(length >= least, `${length} passed`);
  });

/** How a server is broken: its wrong answer, or undefined where it stays correct. */
type Break = (...request: Parameters<Handler>) => ReturnType<Handler> | undefined;

const broken: [clause: string, does: string, honest: Handler, change: Break][] = [
  [
    '2025-11-25/logging/003',
    'does not know logging/setLevel',
    legacy,
    ({ message }) => (message.method === 'logging/setLevel' ? error(200, -32601, message.id) : undefined),
  ],
  [
    '2025-11-25/logging/004',
    'takes any log level',
    legacy,
    ({ message }) => (message.method === 'logging/setLevel' ? result(message, {}) : undefined),
  ],
  [
    '2025-11-25/transports/030',
    'leaves a stream open after the answer',
    legacy,
    ({ message }, response) => {
      if (message.method !== 'tools/list') return undefined;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        `data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { tools: [] } })}\n\n`,
      );
      return 'taken';
    },
  ],
  [
    '2026-07-28/authorization/037',
    'refuses without a challenge',
    modern,
    ({ headers }) => (headers.authorization === 'Bearer right' ? undefined : { status: 401 }),
  ],
  [
    '2026-07-28/streamable-http/036',
    'does without a version header',
    modern,
    ({ headers, message }) =>
      headers['mcp-protocol-version'] === undefined && message.method === 'server/discover'
        ? result(message, { resultType: 'complete' })
        : undefined,
  ],
  [
    '2026-07-28/streamable-http/082',
    'opens a stream by GET',
    modern,
    ({ verb }) => (verb === 'GET' ? { status: 200, body: 'hello' } : undefined),
  ],
  [
    '2026-07-28/streamable-http/083',
    'looks for the session',
    modern,
    ({ headers }) => (headers['mcp-session-id'] === undefined ? undefined : { status: 404 }),
  ],
  [
    '2026-07-28/streamable-http/084',
    'looks for the event',
    modern,
    ({ headers }) => (headers['last-event-id'] === undefined ? undefined : { status: 400 }),
  ],
  [
    '2026-07-28/versioning/011',
    'does not say what it speaks',
    modern,
    ({ message }) => (message.method === 'initialize' ? error(400, -32020, message.id) : undefined),
  ],
  [
    '2026-07-28/versioning/016',
    'refuses a handshake with 404',
    modern,
    ({ message }) =>
      message.method === 'initialize'
        ? error(404, -32601, message.id, { supported: ['2026-07-28'] })
        : undefined,
  ],
  [
    '2026-07-28/basic/002',
    'is upset by what is not UTF-8, ever after',
    modern,
    upset(({ text }) => text.includes('\ufffd')),
  ],
  [
    '2026-07-28/cancellation/017',
    'is upset by a client that leaves, ever after',
    modern,
    upset(({ message }) => message.method === 'subscriptions/listen'),
  ],
];

/** From then on, it knows only one answer. */
function upset(by: (request: Parameters<Handler>[0]) => boolean): Break {
  let isUpset = false;
  return (request) => {
    if (isUpset) return json(500, { sorry: true });
    isUpset = by(request);
    return undefined;
  };
}

for (const [clause, does, honest, change] of broken)
  test(`${clause}: a server that ${does}`, async () => {
    const report = await reportOn((...request) => change(...request) ?? honest(...request));
    assert.ok(violatedIn(report).includes(clause), failuresIn(report).join('\n'));
  });

test('a server that ends in the middle is not asked any more', async () => {
  let count = 0;
  const server = await startSmall((...request) => {
    count += 1;
    if (count === 20) {
      void server.close();
      return 'taken';
    }
    return modern(...request);
  });
  const { results } = await checked(server.url, { timeoutMs: TIMEOUT_MS });
  const gone = results.filter((one) => one.kind === 'skipped' && /no longer answers/.test(one.reason));
  assert.is(results.filter(({ kind }) => kind === 'failed').length, 1);
  assert.ok(gone.length > 20, `${gone.length} were left out`);
});

test.run();
