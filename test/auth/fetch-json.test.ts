import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFetchJson } from '../../src/oauth/fetch-json.js';
import { IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { Authority } from '../support/certificates.js';
import { needing } from '../support/programs.js';
import { within } from '../support/until.js';

const test = suite('auth/fetch-json');

const open: Server[] = [];
test.after.each(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

async function portOf(server: Server): Promise<number> {
  open.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
async function serve(listener: RequestListener) {
  const url = new URL(`http://127.0.0.1:${await portOf(createServer(listener))}/doc`);
  return { url, get: (deadlineMs = 20_000) => createFetchJson(undefined, deadlineMs)(url) };
}
/** The failure of a request that must not succeed. */
const failure = (asking: Promise<unknown>): Promise<IssuerUnreachable> =>
  asking.then(
    (answer) => assert.unreachable(JSON.stringify(answer)),
    (error: unknown) => {
      assert.instance(error, IssuerUnreachable);
      return error as IssuerUnreachable;
    },
  ) as Promise<IssuerUnreachable>;

test('a document is asked for as JSON', async () => {
  const { get } = await serve(({ headers }, response) =>
    response.end(JSON.stringify({ to: headers.accept })),
  );
  assert.equal(await get(), { document: { to: 'application/json' } });
});
test('a document comes without fetch, which takes long to load', async () => {
  const { get } = await serve((_, response) => response.end('{"a":1}'));
  const { fetch } = globalThis;
  globalThis.fetch = () => assert.unreachable('fetch was called') as never;
  try {
    assert.equal(await get(), { document: { a: 1 } });
  } finally {
    globalThis.fetch = fetch;
  }
});
test('what is no JSON object is a problem, which says what is wrong', async () => {
  for (const [text, problem] of [
    ['', 'answered with no JSON'],
    ['<html>', 'answered with no JSON'],
    ['[]', 'answered with no JSON object'],
    ['null', 'answered with no JSON object'],
  ] as const) {
    const { url, get } = await serve((_, response) => response.end(text));
    assert.equal(await get(), { problem: `${url} ${problem}` });
  }
});
test('an answer without a body is a problem as well', async () => {
  const url = new URL('https://as.example/doc');
  const ask = (status: number) => createFetchJson(async () => ({ status, body: null }), 1_000)(url);
  assert.equal(await ask(404), { problem: `${url} answered with status 404` });
  assert.equal(await ask(200), { problem: `${url} answered with no JSON` });
});
test('a server in trouble counts as unreachable, and the error says why', async () => {
  for (const status of [429, 500, 503]) {
    const { url, get } = await serve((_, response) => response.writeHead(status).end());
    const { message, cause } = await failure(get());
    assert.is(message, `${url} could not be asked within 20000 ms`);
    assert.is(String(cause), `Error: status ${status}`);
  }
  const { get } = await serve((_, response) => response.writeHead(499).end());
  assert.ok('problem' in (await get()));
});
test('the body of an error is not waited for', async () => {
  let closed: Promise<unknown> | undefined;
  const { get } = await serve((request, response) => {
    closed = once(request.socket, 'close');
    response.writeHead(404).write('and so on');
  });
  assert.ok('problem' in (await within(get(), 'an answer')));
  await within(Promise.resolve(closed), 'the end of the connection');
});
test('a server that stops in the middle of a document is given up at the deadline', async () => {
  const { url, get } = await serve((_, response) => void response.write('{"a":'));
  assert.is((await failure(get(50))).message, `${url} could not be asked within 50 ms`);
});
test('a connection that breaks in the middle of a document counts as unreachable', async () => {
  const { get } = await serve((request, response) => {
    response.write('{"a":', () => request.socket.resetAndDestroy());
  });
  await failure(get());
});
needing(
  test,
  'auth/fetch-json over TLS',
  'openssl',
)('a server whose certificate nobody trusts is not believed', async () => {
  const server = createSecureServer(new Authority().issue(), (_, response) => response.end('{"a":1}'));
  const asking = createFetchJson(undefined, 20_000)(new URL(`https://localhost:${await portOf(server)}/`));
  const { cause } = await failure(asking);
  assert.is((cause as NodeJS.ErrnoException).code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test.run();
