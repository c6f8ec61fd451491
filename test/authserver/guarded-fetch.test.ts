import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDocumentFetch } from '../../src/services/authserver/client-documents.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { within } from '../support/until.js';

const test = suite('authserver/guarded-fetch');
const guarded = createDocumentFetch();

/** The reason itself, without what led to it. */
async function refused(asking: Promise<Response>): Promise<string> {
  try {
    const { status } = await asking;
    return `it answered ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function withSite(answer: RequestListener, use: (port: number, count: () => number) => Promise<void>) {
  let asked = 0;
  const site = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  const port = await listen(site, 0, '127.0.0.1');
  try {
    await use(port, () => asked);
  } finally {
    await close(site, 0);
  }
}

test('this machine may be requested by its own names', async () => {
  const answer: RequestListener = (request, response) =>
    response.writeHead(200, { 'cache-control': 'max-age=5' }).end(String(request.headers.accept));
  await withSite(answer, async (port) => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const response = await guarded(`http://${host}:${port}/x`, { headers: { accept: 'application/json' } });
      assert.is(await response.text(), 'application/json');
      assert.is(response.headers.get('cache-control'), 'max-age=5');
    }
  });
});

test('no redirect is followed', async () => {
  const answer: RequestListener = (_request, response) =>
    response.writeHead(302, { location: '/next' }).end();
  await withSite(answer, async (port, count) => {
    const response = await guarded(`http://127.0.0.1:${port}/`);
    assert.equal([response.status, count()], [302, 1]);
  });
});

test('an answer that switches to another protocol is refused', async () => {
  await withSite(
    ({ socket }) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    async (port) => {
      const asking = refused(guarded(`http://127.0.0.1:${port}/`));
      assert.match(await within(asking, 'a refusal'), /switches to another protocol/);
    },
  );
});

test('an answer that is too large or too slow is given up', async () => {
  await withSite(
    (_request, response) => response.end('x'.repeat(65 * 1024)),
    async (port) => {
      assert.match(await refused(guarded(`http://127.0.0.1:${port}/`)), /more than 65536 bytes/);
    },
  );
  const slow: RequestListener = (_request, response) => void response.write('{');
  await withSite(slow, async (port) => {
    const signal = AbortSignal.timeout(50);
    assert.match(await refused(guarded(`http://127.0.0.1:${port}/`, { signal })), /aborted/);
  });
});

for (const address of [
  'http://client.example/',
  'http://10.0.0.1/',
  'ftp://localhost/',
  'file:///etc/passwd',
]) {
  test(`${address} is not asked, for it is not https`, async () => {
    assert.match(await refused(guarded(address)), /only https is, and http on loopback/);
  });
}

for (const host of [
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '[::]',
  '[fd12::1]',
  '[fe80::1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[64:ff9b::a00:1]',
]) {
  test(`https://${host}/ is not asked, for it is inside`, async () => {
    assert.match(await refused(guarded(`https://${host}/`)), /inside this network/);
  });
}

const resolvingTo = (...addresses: string[]) =>
  createDocumentFetch((_hostname, _options, done) => {
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    done(null, found);
  });

test('a public name that leads to a private network is refused, even if only one of several addresses does', async () => {
  await withSite(
    (_request, response) => response.end('inside'),
    async (port, count) => {
      for (const addresses of [
        ['127.0.0.1'],
        ['::1'],
        ['10.0.0.1'],
        ['93.184.215.14', '192.168.0.1'],
        ['fd00::1'],
      ]) {
        const asking = resolvingTo(...addresses)(`https://client.example:${port}/`);
        assert.match(await refused(asking), /inside this network/, addresses.join());
      }
      assert.is(count(), 0);
    },
  );
});

test('a name of this machine that leads elsewhere is refused', async () => {
  assert.match(await refused(resolvingTo('93.184.215.14')('http://localhost:1/')), /not this machine/);
});

test('a name that nobody knows is an error, not an answer', async () => {
  const failing = createDocumentFetch((hostname, _options, done) =>
    done(Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' }), []),
  );
  assert.is(await refused(failing('https://client.example/')), 'no client.example');
});

test.run();
