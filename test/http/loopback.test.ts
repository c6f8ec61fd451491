import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createNetServer, Server as NetServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, createListener, listen } from '../../src/wire/http/listener.js';
import { listenOnBoth } from '../../src/wire/http/loopback.js';

const test = suite('http/loopback');
const BOUNDS = { headerBytes: 16_384, requestMs: 5_000 };

async function tryToListen(port: number, host: string): Promise<string | NetServer> {
  const server = createNetServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    server.listen(port, host, () => resolve(server));
  });
}
const ipv6 = await tryToListen(0, '::1');
if (typeof ipv6 !== 'string') ipv6.close();
const check = typeof ipv6 === 'string' ? test.skip : test;

const open = (): Server => createListener((_, response) => response.end('ours'), BOUNDS);

check(
  'a server of localhost answers on both loopback addresses, and nobody else can listen on its port',
  async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const server = open();
      const port = await listen(server, 0, name);
      try {
        for (const host of ['127.0.0.1', '[::1]']) {
          assert.is(await (await fetch(`http://${host}:${port}/`)).text(), 'ours', host);
        }
        for (const host of ['127.0.0.1', '::1', '::']) {
          assert.is(await tryToListen(port, host), 'EADDRINUSE', host);
        }
      } finally {
        await close(server, 100);
      }
      for (const host of ['127.0.0.1', '::1']) {
        const again = await tryToListen(port, host);
        assert.type(again, 'object', `${host} is free again`);
        if (typeof again !== 'string') again.close();
      }
    }
  },
);

check('a server that got the IPv6 address first also answers on the other', async () => {
  const server = open();
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  await listenOnBoth(server);
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  assert.is(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'ours');
  await close(server, 100);
});

check('a port that is taken on the other loopback address is in use', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '::1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const server = open();
  try {
    await listen(server, port, '127.0.0.1');
    assert.unreachable();
  } catch (error) {
    assert.is(error instanceof Error && 'code' in error && error.code, 'EADDRINUSE');
    assert.is(server.listening, false);
  } finally {
    other.close();
  }
});

check('closing lets an answer finish that is under way on the other address', async () => {
  const answers: ServerResponse[] = [];
  const server = createListener((_, response) => {
    response.write('begun ');
    answers.push(response);
  }, BOUNDS);
  const port = await listen(server, 0, '127.0.0.1');
  const answer = await fetch(`http://[::1]:${port}/`);
  const closed = close(server, 2_000);
  for (const response of answers) response.end('ended');
  assert.is(await answer.text(), 'begun ended');
  await closed;
});

/** Makes listening on `::1` fail with that code, at most so many times. */
async function withFailures(code: string, times: number, run: () => Promise<void>): Promise<void> {
  const real = NetServer.prototype.listen;
  let left = times;
  NetServer.prototype.listen = function (this: NetServer, ...all: unknown[]) {
    if (all[1] !== '::1' || left === 0) return Reflect.apply(real, this, all);
    left -= 1;
    queueMicrotask(() => this.emit('error', Object.assign(new Error(code), { code })));
    return this;
  } as typeof real;
  await run().finally(() => {
    NetServer.prototype.listen = real;
  });
}
const codeOf = (listening: Promise<number>): Promise<string | undefined> =>
  listening.then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code,
  );

test('where the system chooses the port, one that is taken on the other address is replaced, up to ten times', async () => {
  await withFailures('EADDRINUSE', 9, async () => {
    const server = open();
    const port = await listen(server, 0, '127.0.0.1');
    assert.is(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'ours');
    await close(server, 100);
  });
  await withFailures('EADDRINUSE', 10, async () => {
    const server = open();
    assert.is(await codeOf(listen(server, 0, '127.0.0.1')), 'EADDRINUSE');
    assert.is(server.listening, false);
  });
});

test('a port that somebody named is not tried again', () =>
  withFailures('EADDRINUSE', 1, async () => {
    const before = open();
    const port = await listen(before, 0, '127.0.0.2');
    await close(before, 100);
    assert.is(await codeOf(listen(open(), port, '127.0.0.1')), 'EADDRINUSE');
  }));

test('a machine without IPv6 is served on the one address that it has', async () => {
  for (const code of ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])
    await withFailures(code, 10, async () => {
      const server = open();
      const port = await listen(server, 0, '127.0.0.1');
      assert.is(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'ours', code);
      await close(server, 100);
    });
});

test('a server on another address stays on that one', async () => {
  const server = open();
  const port = await listen(server, 0, '127.0.0.2');
  try {
    assert.is(await (await fetch(`http://127.0.0.2:${port}/`)).text(), 'ours');
    const other = await tryToListen(port, '::1');
    if (typeof other !== 'string') other.close();
    assert.type(other, typeof ipv6 === 'string' ? 'string' : 'object');
  } finally {
    await close(server, 100);
  }
});

test.run();
