/** A server that accepts two issuers, over HTTP: tokens of one have no effect in the other's tenants. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPolicy } from '../../src/governance/policy/policy.js';
import type { IssuerOptions } from '../../src/oauth/verifier.js';
import { at, call, closeGuarded, counted, guarded, ping, startIssuer } from './guarded.js';

const test = suite('endpoint/issuers');
test.after(closeGuarded);

type Rules = Omit<IssuerOptions, 'issuer'>;

/** `stolen` is a good token of B, with the claims that A's tokens have. */
async function accepting(ofA: Rules = {}, ofB: Rules = {}) {
  const [a, b] = [await startIssuer(), await startIssuer()];
  const issuers = [
    { issuer: a.issuer, ...ofA },
    { issuer: b.issuer, ...ofB },
  ];
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true });
  const policy = createPolicy({ name: 'bench', clock: () => new Date() });
  const door = await guarded({ tools: [tool], policy }, { issuers }, a);
  const stolen = (others: object = {}) => b.sign(door.claims({ ...others, iss: b.issuer }));
  return { ...door, runs, stolen };
}

test('two issuers whose tokens name no tenant do not share one: both are refused, and the log names the setting', async () => {
  const { post, token, stolen, refusals } = await accepting();
  for (const bearer of [token(), stolen()]) {
    const { status, headers, text } = await post(bearer, ping);
    assert.is(status, 401);
    assert.match(headers.get('www-authenticate') ?? '', 'error="invalid_token"');
    assert.not.match(text, '--issuer-rules');
  }
  assert.is(refusals.length, 2);
  for (const { reason, detail } of refusals) {
    assert.is(reason, 'tenant');
    assert.match(String(detail), '"tenant" in --issuer-rules');
  }
});
test('an issuer cannot act in a tenant that the rules give to another, whatever its tokens say', async () => {
  const { post, token, stolen, runs } = await accepting({ tenants: ['acme'] }, { tenants: ['beta'] });
  const claims = {
    tenant: 'acme',
    scope: 'bench:write approved:by:human approvals:decide',
    approved_at: at(0),
  };
  assert.is((await post(stolen(claims), call('write'))).status, 401);
  assert.is(runs(), 0);
  assert.is((await post(token(claims), call('write'))).status, 200);
  assert.is(runs(), 1);
});
test('an issuer that may not grant approved:by:human does not make a destructive call run', async () => {
  const { post, stolen, runs } = await accepting({}, { scopes: ['bench:read', 'bench:write'] });
  const claims = { tenant: 'beta', scope: 'bench:write approved:by:human', approved_at: at(0) };
  const refused = await post(stolen(claims), call('write'));
  assert.equal([refused.status, refused.body.error?.code, runs()], [403, 403, 0]);
});

test.run();
