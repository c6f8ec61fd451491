/** Which revision a client comes to speak, with servers of each era and with those that are neither. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, connectHttp } from '../../src/client/index.js';
import { FAULTS } from '../../src/wire/fault.js';
import {
  closeAll,
  closeLater,
  error,
  failure,
  INITIALIZED,
  legacy,
  modern,
  OPTIONS,
  result,
  type Script,
  type Served,
  serve,
} from './servers.js';

const test = suite('client/handshake');
test.after(closeAll);

async function connect({ url }: Served, options = {}): Promise<Client> {
  const client = await connectHttp(url, { ...OPTIONS, ...options });
  closeLater(() => client.close());
  return client;
}

const methods = ({ received }: Served) => received.map(({ message }) => message.method);
const refuseAll: Script = ({ message }) => error(message, FAULTS.methodNotFound.code, undefined, 404);

test('a modern server is asked once, with the metadata of each request', async () => {
  const server = await modern(refuseAll);
  const client = await connect(server);
  assert.equal([client.era, client.revision], ['modern', '2026-07-28']);
  assert.equal(client.server, {
    info: { name: 'scripted', version: '1' },
    capabilities: { tools: {} },
  });
  assert.equal(methods(server), ['server/discover']);
  const [{ headers, message }] = server.received as [Served['received'][0]];
  assert.is(headers['mcp-protocol-version'], '2026-07-28');
  assert.is(headers['mcp-method'], 'server/discover');
  assert.is(headers.accept, 'application/json, text/event-stream');
  assert.equal(message.params, {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': OPTIONS.clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {
        extensions: { 'io.modelcontextprotocol/tasks': {} },
      },
    },
  });
});

test('whatever a legacy server answers to the probe, the client initializes', async () => {
  const answers: Script[] = [
    () => ({ status: 400, body: '' }),
    () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' }),
    () => ({ status: 500, body: 'oops' }),
    () => ({ status: 202 }),
    ({ message }) => error(message, FAULTS.methodNotFound.code),
    ({ message }) => error(message, -32_000, undefined, 400),
    ({ message }) => result(message, {}),
  ];
  for (const answer of answers) {
    const server = await serve((received, response) => {
      const { message } = received;
      if (message.method === 'server/discover') return answer(received, response);
      return message.method === 'initialize' ? result(message, INITIALIZED) : { status: 202 };
    });
    const client = await connect(server);
    assert.is(client.revision, '2025-11-25');
    assert.equal(methods(server), ['server/discover', 'initialize', 'notifications/initialized']);
    const [, opening, opened] = server.received;
    assert.is(opening?.headers['mcp-protocol-version'], undefined);
    assert.is(opened?.headers['mcp-protocol-version'], '2025-11-25');
  }
});

test('a modern server that refuses the revision names another one, and the client takes it', async () => {
  const refusal = (supported: string[]) => (received: { message: { [key: string]: unknown } }) =>
    error(received.message, FAULTS.unsupportedVersion.code, { supported }, 400);
  const both = await serve((received) =>
    received.message.method === 'server/discover'
      ? refusal(['2025-06-18', '2024-11-05'])(received)
      : received.message.method === 'initialize'
        ? result(received.message, { ...INITIALIZED, protocolVersion: '2025-06-18' })
        : { status: 202 },
  );
  assert.is((await connect(both)).revision, '2025-06-18');
  const params = both.received[1]?.message.params as { protocolVersion: string };
  assert.is(params.protocolVersion, '2025-06-18');

  const neither = await failure(connect(await serve(refusal(['1900-01-01']))));
  assert.is(neither.kind, 'version');
  assert.match(neither.message, 'speaks 1900-01-01; this client speaks 2026-07-28');
  const stubborn = await serve(refusal(['2026-07-28']));
  assert.is((await failure(connect(stubborn))).code, FAULTS.unsupportedVersion.code);
  assert.is(stubborn.received.length, 2);
});

test('an error that only a modern server sends is no reason to initialize', async () => {
  const server = await serve(({ message }) => error(message, FAULTS.headerMismatch.code, undefined, 400));
  assert.is((await failure(connect(server))).code, FAULTS.headerMismatch.code);
  assert.is(server.received.length, 1);
});

test('a revision that is pinned is the only one', async () => {
  const old = await legacy(refuseAll);
  assert.is((await connect(old, { revision: '2025-11-25' })).revision, '2025-11-25');
  assert.is(methods(old)[0], 'initialize');
  const other = await failure(connect(old, { revision: '2025-06-18' }));
  assert.is(other.kind, 'version');
  assert.match(other.message, 'the server wants to speak "2025-11-25"; this client: 2025-06-18');
  const newest = await failure(connect(old, { revision: '2026-07-28' }));
  assert.is(newest.message, 'the server does not speak 2026-07-28');
});

test('an era that is pinned is the only one', async () => {
  const old = await legacy(refuseAll);
  assert.is((await connect(old, { era: 'legacy' })).revision, '2025-11-25');
  assert.is(methods(old)[0], 'initialize');
  assert.is((await failure(connect(old, { era: 'modern' }))).kind, 'version');
});

test('a server that wants an unknown revision is refused', async () => {
  const server = await serve(({ message }) =>
    message.method === 'initialize'
      ? result(message, { ...INITIALIZED, protocolVersion: '2099-01-01' })
      : { status: 400 },
  );
  const refused = await failure(connect(server));
  assert.match(refused.message, 'wants to speak "2099-01-01"; this client: 2025-11-25, 2025-06-18');
});

test('log messages are asked for as the era asks for them', async () => {
  const old = await legacy(({ message }) => result(message, {}));
  const initialized = { ...INITIALIZED, capabilities: { logging: {} } };
  const logs = await serve(({ message }) =>
    message.method === 'server/discover'
      ? { status: 400 }
      : message.id === undefined
        ? { status: 202 }
        : result(message, message.method === 'initialize' ? initialized : {}),
  );
  await connect(logs, { logLevel: 'debug' });
  await connect(old, { logLevel: 'debug' });
  assert.is(methods(logs).at(-1), 'logging/setLevel');
  assert.not(methods(old).includes('logging/setLevel'), 'a server without logging is not asked');
  const server = await modern(refuseAll);
  await connect(server, { logLevel: 'debug' });
  assert.match(JSON.stringify(server.received[0]), '"io.modelcontextprotocol/logLevel":"debug"');
});

test('a signal ends a client that is still connecting', async () => {
  const stop = new AbortController();
  const server = await serve(() => {
    stop.abort();
    return undefined;
  });
  const stopped = await failure(connect(server, { signal: stop.signal }));
  assert.is(stopped.kind, 'cancelled');
  assert.is((await failure(connect(server, { signal: stop.signal }))).kind, 'cancelled');
  assert.is(server.received.length, 1);
});

test.run();
