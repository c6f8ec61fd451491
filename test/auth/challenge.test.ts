import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Challenges } from '../../src/oauth/challenge.js';
import { InvalidToken } from '../../src/oauth/token-errors.js';
import type { Fault } from '../../src/wire/fault.js';

const test = suite('auth/challenge');

const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const challenges = new Challenges(METADATA, ['a:read', 'b:read']);

const headerOf = ({ headers }: Fault): string => headers?.['www-authenticate'] ?? '';
const seen = (fault: Fault): unknown[] => [
  fault.status('modern'),
  fault.status('legacy'),
  fault.code,
  headerOf(fault),
];

test('where no token was sent no error is named', () => {
  const fault = challenges.missing('no access token was sent');
  const header = `Bearer scope="a:read b:read", resource_metadata="${METADATA}"`;
  assert.equal(seen(fault), [401, 401, 401, header]);
  assert.equal(fault.data, {
    ...{ reason: 'missing_token', remediation: 'available' },
    ...{ scope: 'a:read b:read', resource_metadata: METADATA },
  });
});
test('a bad token is invalid_token, described without anything that its sender did not know', () => {
  const refused = new InvalidToken('audience', 'expected "aud" https://a, received https://b');
  const fault = challenges.invalid(refused);
  const said = 'the token is for another audience';
  const header = `Bearer error="invalid_token", error_description="${said}", scope="a:read b:read", resource_metadata="${METADATA}"`;
  assert.equal(seen(fault), [401, 401, 401, header]);
  assert.is(fault.message, `Unauthorized: ${said}`);
  assert.is(fault.cause, refused);
});
test('too little scope names every scope that the operation needs, and only those', () => {
  const fault = challenges.insufficient(['c:write', 'approved:by:human'], 'missing scope: c:write');
  const header = `Bearer error="insufficient_scope", error_description="missing scope: c:write", scope="c:write approved:by:human", resource_metadata="${METADATA}"`;
  assert.equal(seen(fault), [403, 403, 403, header]);
});
test('a call that a person may approve says so, and names the scopes of the other way', () => {
  const approval = { url: 'https://approve.example/1' };
  const fault = challenges.insufficient(['c:write'], 'it needs approval', approval);
  const header = `Bearer error="insufficient_scope", error_description="it needs approval", scope="c:write", resource_metadata="${METADATA}"`;
  assert.equal([fault.status('modern'), headerOf(fault)], [403, header]);
  assert.is(fault.message, 'Forbidden: it needs approval');
  const { reason, approval: named } = fault.data as { [name: string]: unknown };
  assert.equal([reason, named], ['approval_required', approval]);
});
test('characters that a parameter cannot hold are replaced', () => {
  const header = headerOf(challenges.malformed('a "b" \\ é'));
  assert.match(header, `error_description="a 'b' ' ?"`);
});
test('a request that is invalid whatever its token says is a bad request in both eras', () => {
  const fault = challenges.malformed('two of them');
  assert.equal([fault.status('modern'), fault.status('legacy')], [400, 400]);
  assert.match(headerOf(fault), /^Bearer error="invalid_request", error_description="two of them", scope=/);
});
test('a server without scopes of its own names none', () => {
  const fault = new Challenges(METADATA, []).missing('none');
  assert.is(headerOf(fault), `Bearer resource_metadata="${METADATA}"`);
  const said = { reason: 'missing_token', remediation: 'available' };
  assert.equal(fault.data, { ...said, resource_metadata: METADATA });
});
test('the header says what the data says, in the same order', () => {
  for (const fault of [
    challenges.missing('none'),
    challenges.invalid(new InvalidToken('expired', 'at noon')),
    challenges.insufficient(['c'], 'missing scope: c'),
    challenges.malformed('two of them'),
  ]) {
    const own = Object.entries(fault.data as object).filter(([name]) => !/^(reason|remediation)$/.test(name));
    assert.equal(own, parsed(headerOf(fault)));
  }
});
test('no text can end its parameter, add another, or break the line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), (one, other) => {
      const header = headerOf(challenges.insufficient([other], `${one}", error="x`));
      assert.match(header, /^[\x20-\x7e]*$/);
      assert.equal(
        parsed(header).map(([name]) => name),
        ['error', 'error_description', ...(other === '' ? [] : ['scope']), 'resource_metadata'],
      );
    }),
  );
});

/** Read as a client would: RFC 9110, section 11.2, with quoted strings only. */
function parsed(header: string): [string, string][] {
  assert.match(header, /^Bearer (\w+="(?:[^"\\]|\\.)*")(, \w+="(?:[^"\\]|\\.)*")*$/);
  return [...header.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]);
}

test.run();
