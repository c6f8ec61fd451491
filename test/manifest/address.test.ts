/** The manifest's address for an endpoint, and the endpoint for a manifest's address. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  manifestAddressFor,
  endpointAt,
  manifestAddress,
  manifestPaths,
} from '../../src/services/registry/manifest/address.js';

const test = suite('manifest/address');

const AT = '/.well-known/mcp-capabilities';

test('the manifest of an endpoint stands below the well-known path at the path of the endpoint', () => {
  assert.is(
    manifestAddress(new URL('https://tools.example/readonly/mcp')),
    `https://tools.example${AT}/readonly/mcp`,
  );
  assert.equal(manifestPaths(new URL('https://tools.example/mcp')), [`${AT}/mcp`, AT]);
  assert.equal(manifestPaths(new URL('https://tools.example/')), [AT]);
  // The schema of manifests is there.
  assert.equal(manifestPaths(new URL('https://tools.example/schema')), [AT]);
});

for (const [url, address, endpoint] of [
  ['https://tools.example/readonly/mcp', `${AT}/readonly/mcp`, 'https://tools.example/readonly/mcp'],
  ['https://tools.example/mcp/', `${AT}/mcp/`, 'https://tools.example/mcp/'],
  ['https://tools.example/mcp?a=1#b', `${AT}/mcp`, 'https://tools.example/mcp'],
  [`https://tools.example${AT}/mcp`, `${AT}/mcp`, 'https://tools.example/mcp'],
  ['https://tools.example', AT, undefined],
  [`https://tools.example${AT}`, AT, undefined],
  [`https://tools.example${AT}/`, AT, undefined],
  [`https://tools.example${AT}/schema`, AT, undefined],
] as const) {
  test(`${url} means the manifest at ${address}`, () => {
    const meant = manifestAddressFor(new URL(url));
    assert.is(meant, `https://tools.example${address}`);
    assert.is(endpointAt(new URL(meant)), endpoint);
  });
}

test.run();
