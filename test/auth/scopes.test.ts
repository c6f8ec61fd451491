import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHierarchy, readScopes } from '../../src/oauth/scopes.js';
import { InvalidToken } from '../../src/oauth/token-errors.js';

const test = suite('auth/scopes');

test('scopes are read from each claim in use, as a text or as a list', () => {
  assert.equal(readScopes({ scope: 'a b' }), ['a', 'b']);
  assert.equal(readScopes({ scp: ['a', 'b'] }), ['a', 'b']);
  assert.equal(readScopes({ scp: 'a' }), ['a']);
  assert.equal(readScopes({ scopes: ['a'] }), ['a']);
  assert.equal(readScopes({ scope: ['a', 'b'] }), ['a', 'b']);
});
test('no claim, an empty text and an empty list are no scopes', () => {
  for (const claims of [{}, { scope: '' }, { scope: '  ' }, { scp: [] }])
    assert.equal(readScopes(claims), []);
});
test('each scope counts once, wherever it stands', () => {
  assert.equal(readScopes({ scope: 'a  b a', scp: ['b', 'c'], scopes: 'd' }), ['a', 'b', 'c', 'd']);
});
test('a text that is not a scope is refused', () => {
  const odd = [1, true, {}, ['a', 1], ['a b'], [''], 'a\tb', 'a\nb', 'a"b', 'a\\b', 'ä'];
  for (const scope of odd) {
    try {
      readScopes({ scope });
    } catch (error) {
      assert.ok(error instanceof InvalidToken);
      assert.is(error.reason, 'claims');
      assert.match(error.message, '"scope" must be scopes, received ');
      continue;
    }
    assert.unreachable(`${JSON.stringify(scope)} was read as scopes`);
  }
});

test('a scope includes others, and what those include', () => {
  const complete = createHierarchy({ 'jira:*': ['jira:write'], 'jira:write': ['jira:read'] });
  assert.equal(complete(['jira:*']), ['jira:*', 'jira:write', 'jira:read']);
  assert.equal(complete(['jira:write', 'x']), ['jira:write', 'x', 'jira:read']);
});
test('a narrow scope does not include the broad one, nor one that begins with it', () => {
  const complete = createHierarchy({ 'jira:write': ['jira:read'] });
  assert.equal(complete(['jira:read']), ['jira:read']);
  assert.equal(complete(['jira:write:own', 'jira']), ['jira:write:own', 'jira']);
});
test('a circle ends', () => {
  const complete = createHierarchy({ a: ['b'], b: ['c'], c: ['a', 'c'] });
  assert.equal(complete(['b']), ['b', 'c', 'a']);
});
test('a scope named like a member of every object includes nothing', () => {
  const complete = createHierarchy({});
  assert.equal(complete(['constructor', '__proto__']), ['constructor', '__proto__']);
});
test('no scope can include the approval of a person, directly or through another', () => {
  assert.throws(
    () => createHierarchy({ admin: ['jira:write', 'approved:by:human'] }),
    (error: unknown) =>
      error instanceof RangeError && /admin cannot include approved:by:human/.test(error.message),
  );
  assert.throws(() => createHierarchy({ a: ['b'], b: ['approved:by:human'] }), /b cannot include/);
});
test('the approval may include itself and others', () => {
  const complete = createHierarchy({ 'approved:by:human': ['approved:by:human', 'jira:read'] });
  assert.equal(complete(['approved:by:human']), ['approved:by:human', 'jira:read']);
});
test('a hierarchy with something that is not a scope is refused', () => {
  assert.throws(() => createHierarchy({ 'a b': [] }), /"a b" is no scope/);
  assert.throws(() => createHierarchy({ a: [''] }), /"" is no scope/);
});

test.run();
