import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { principalKey } from '../src/wire/principal.js';
import { principalOf } from './mcp/ask.js';

const test = suite('principal');

test('a principal is issuer, tenant, user and client; its scopes and its expiry are not part of it', () => {
  const ada = principalKey(principalOf());
  for (const same of [{ scopes: ['a'] }, { approvedAt: 1 }, { expiresAt: 2 }]) {
    assert.is(principalKey(principalOf(same)), ada);
  }
  for (const other of [
    { issuer: 'https://b.example' },
    { tenant: 'b' },
    { user: 'bob' },
    { clientId: 'b' },
  ]) {
    assert.is.not(principalKey(principalOf(other)), ada);
  }
});
test('no choice of names turns two principals into one', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', '"', ',', '[', ']', '\\', '/', '\n', ' '),
    maxLength: 4,
  });
  const four = fc.record({ issuer: name, tenant: name, user: name, clientId: name });
  fc.assert(
    fc.property(four, four, (one, other) => {
      const same = Object.entries(one).every(([key, value]) =>
        Object.entries(other).some(([k, v]) => k === key && v === value),
      );
      assert.is(principalKey(principalOf(one)) === principalKey(principalOf(other)), same);
    }),
    { numRuns: 2_000 },
  );
});

test.run();
