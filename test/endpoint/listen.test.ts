import { networkInterfaces } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint } from '../../src/index.js';
import { legacy } from '../http/wire.js';

const test = suite('endpoint/listen');

test('the URL that listen resolves to can be requested, on IPv4 and IPv6', async () => {
  for (const [host, said] of [
    [undefined, /^http:\/\/localhost:\d+\/tools$/],
    ['127.0.0.1', /^http:\/\/localhost:\d+\/tools$/],
    ['::1', /^http:\/\/\[::1\]:\d+\/tools$/],
  ] as const) {
    // A container may have no IPv6 at all.
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    if (host === '::1' && !addresses.some(({ address }) => address === '::1')) continue;
    const endpoint = createEndpoint({ name: 'b', version: '1', tools: [], path: '/tools' });
    const url = await endpoint.listen(0, host);
    assert.match(url, said);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: legacy('ping'),
    });
    assert.equal(await response.json(), { jsonrpc: '2.0', id: 1, result: {} });
    await endpoint.close();
  }
});

test.run();
