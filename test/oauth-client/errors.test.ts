/** What a person reads when there is no token. */
import * as oauth from 'oauth4webapi';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AuthorizationError,
  harmless,
  oauthError,
  quoted,
  toAuthorizationError,
} from '../../src/oauth/client/errors.js';

const test = suite('oauth-client/errors');

const messageOf = (error: unknown): string => toAuthorizationError('asking', error).message;
const failed = (message: string, cause?: unknown): Error => new Error(message, { cause });

test('an error says what it is, and its text moves no cursor', () => {
  const error = new AuthorizationError('a\u001b[2J\nb…é', 'invalid_grant');
  assert.is(String(error), 'AuthorizationError: a?[2J?b…?');
  assert.is(error.code, 'invalid_grant');
  assert.is(harmless('\u202e🔑 ~'), '?? ~');
});

test('what a server sent is quoted, and ends nowhere but at the quote', () => {
  assert.is(quoted('a "b" \\ \u0007é'), `"a 'b' ' ??"`);
  assert.is(quoted(''), '""');
  assert.equal([undefined, null, 7, ['a']].map(quoted), Array(4).fill('nothing'));
  assert.is(quoted('x'.repeat(300)), `"${'x'.repeat(300)}"`);
  assert.match(quoted('x'.repeat(301)), /^"x{290,299}\.\.\."$/);
});

test('the refusal of a server is shown with its description, if there is one', () => {
  const refusals = [
    oauthError('asking', 'invalid_scope', 'no "such" scope'),
    oauthError('asking', 'invalid_scope', ''),
    oauthError('asking', 'invalid_scope', undefined),
    oauthError('asking', 'invalid_scope', 7),
    oauthError('asking', 7, undefined),
  ];
  assert.equal(
    refusals.map(({ message, code }) => [message, code]),
    [
      [`asking was refused: "invalid_scope", "no 'such' scope"`, 'invalid_scope'],
      ['asking was refused: "invalid_scope"', 'invalid_scope'],
      ['asking was refused: "invalid_scope"', 'invalid_scope'],
      ['asking was refused: "invalid_scope"', 'invalid_scope'],
      ['asking was refused: nothing', undefined],
    ],
  );
});

test('what the library found in a response is a refusal too, in the body and in the redirect', () => {
  const cause = { error: 'invalid_client', error_description: 'who are you' };
  const response = new Response(null, { status: 400 });
  const inBody = new oauth.ResponseBodyError('unused', { cause, response });
  const inRedirect = new oauth.AuthorizationResponseError('unused', { cause: new URLSearchParams(cause) });
  for (const error of [inBody, inRedirect]) {
    const { message, code } = toAuthorizationError('asking', error);
    assert.is(message, 'asking was refused: "invalid_client", "who are you"');
    assert.is(code, 'invalid_client');
  }
});

test('a response that is no answer is shown with its status', () => {
  const error = failed('not JSON', new Response(null, { status: 502 }));
  assert.is(messageOf(error), 'asking failed: it answered with status 502');
});

test('an explained error stays as it is, and another is the cause of its explanation', () => {
  const explained = new AuthorizationError('nobody signed in');
  assert.is(toAuthorizationError('asking', explained), explained);
  const other = failed('broken');
  const error = toAuthorizationError('asking', other);
  assert.is(error.cause, other);
  assert.is(error.code, undefined);
});

for (const [what, error, expected] of [
  ['one reason is told once', failed('a'), 'a'],
  ['the first and the innermost are told', failed('a', failed('b', failed('c'))), 'a (c)'],
  [
    '"fetch failed" says nothing',
    failed('fetch failed', failed('connect ECONNREFUSED')),
    'connect ECONNREFUSED',
  ],
  [
    'an error without a text has its code',
    failed('fetch failed', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
    'ECONNREFUSED',
  ],
  ['a text comes before the code', Object.assign(failed('a'), { code: 'B' }), 'a'],
  ['an error without text and code is passed over', failed('', failed('b')), 'b'],
  ['where no error says more, there is its name', new TypeError('fetch failed'), 'TypeError: fetch failed'],
  ['what is no error is told as text', 'interrupted', 'interrupted'],
  ['a cause that is no error ends the search', failed('a', 'b'), 'a'],
] as const) {
  test(`of a failure: ${what}`, () => {
    assert.is(messageOf(error), `asking failed: ${expected}`);
  });
}

test('errors that are each other’s cause are followed eight times, even if they say nothing', () => {
  const outer = failed('a');
  outer.cause = failed('b', outer);
  assert.is(messageOf(outer), 'asking failed: a (b)');
  const silent = new TypeError('fetch failed');
  silent.cause = silent;
  assert.is(messageOf(silent), 'asking failed: TypeError: fetch failed');
});

test.run();
