/** What a `WWW-Authenticate` header says, also when it is written oddly or wrongly. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBearerChallenge, splitScopes } from '../../src/oauth/client/bearer-challenge.js';

const test = suite('oauth-client/bearer-challenge');
const C = { scopes: ['c'] };

for (const [what, values, expected] of [
  ['credentials of another scheme come first', ['Negotiate YII=, Bearer scope="c"'], C],
  ['they are padded twice', ['Negotiate YII==, Bearer scope="c"'], C],
  ['they are not padded', ['Negotiate YII, Bearer scope="c"'], C],
  ['they have every character', ['Negotiate a.B~9_+/-=, Bearer scope="c"'], C],
  ['there is more space before them', ['Negotiate \t YII=, Bearer scope="c"'], C],
  ['there is space after them', ['Negotiate YII= \t, Bearer scope="c"'], C],
  ['credentials that are called Bearer are no challenge', ['Negotiate Bearer'], undefined],
  ['nor with space after them', ['Negotiate Bearer \t'], undefined],
  ['nor is a parameter', ['Basic bearer="a", Digest bearer=b'], undefined],
  ['nor a text in quotes', ['Basic realm="a, Bearer scope=c", title="\\", Bearer scope=c"'], undefined],
  ['the header begins with a parameter', ['scope="c"'], undefined],
  ['and goes on with a scheme', ['scope="c"Bearer'], undefined],
  [
    'names have any case',
    ['BEARER Scope="c", ERROR=a, Resource_Metadata=b'],
    { ...C, error: 'a', resourceMetadata: 'b' },
  ],
  [
    'a repeated parameter counts once',
    ['Bearer scope="c", Scope="d", error=a, error=b'],
    { ...C, error: 'a' },
  ],
  ['there is space around the equals sign', ['Bearer scope \t= \t"c"'], C],
  ['space alone parts parameters', ['Bearer error=a scope=c'], { ...C, error: 'a' }],
  [
    'an empty text is a value',
    ['Bearer error="", resource_metadata=""'],
    { scopes: [], error: '', resourceMetadata: '' },
  ],
  ['escapes are taken away', ['Bearer error="\\a\\\\b\\""'], { scopes: [], error: 'a\\b"' }],
  [
    'tokens have special characters',
    ["Bearer error=!#$%&'*+.^_`|~-9"],
    { scopes: [], error: "!#$%&'*+.^_`|~-9" },
  ],
  ['reading ends at what is no challenge', ['Bearer scope=c, @, Bearer resource_metadata=b'], C],
  ['the next header is read all the same', ['@', 'Bearer scope=c'], C],
  ['the first of several counts', ['Bearer scope=c, Bearer scope=d', 'Bearer scope=e'], C],
  [
    'unless another says where the metadata is',
    ['Bearer scope=d', 'Bearer scope=c, resource_metadata=b'],
    { ...C, resourceMetadata: 'b' },
  ],
  [
    'of those, the first',
    ['Bearer resource_metadata=a', 'Bearer resource_metadata=b'],
    { scopes: [], resourceMetadata: 'a' },
  ],
  ['a scheme that only begins like it is another', ['Bearerish scope=c', 'X-Bearer scope=c'], undefined],
  ['there is nothing', [''], undefined],
  ['there are only commas', [', ,\t,'], undefined],
] as const) {
  test(`${what}: ${values.join(' | ')}`, () => {
    assert.equal(readBearerChallenge(values), expected);
  });
}

test('each scope counts once, and what is no scope does not', () => {
  assert.equal(splitScopes('a b  a "c" d\\ \t é e'), ['a', 'b', 'e']);
  assert.equal(splitScopes(''), []);
  assert.equal(splitScopes(undefined), []);
});

test.run();
