import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { frameOf } from '../../src/client/frames.js';
import { matchJson, matchResponse, matchText } from '../../src/lesson/transcripts/match.js';
import { type Captures, fill } from '../../src/lesson/transcripts/request.js';
import { readFrames, readHttp } from '../../src/lesson/transcripts/response.js';

const test = suite('walkthrough/match');
const none = (): Captures => new Map();
const where = (expected: unknown, received: unknown, captures = none()) =>
  matchJson(expected, received, captures).map((difference) => difference.where);

test('a text with wildcards matches as a whole and captures what has no name yet', () => {
  const captures = none();
  assert.ok(matchText('Bearer {{any}}, scope="{{scope}}"', 'Bearer a.b, scope="x y"', captures));
  assert.equal([...captures], [['scope', 'x y']]);
  assert.ok(matchText('{{scope}}!', 'x y!', captures));
  assert.not(matchText('{{scope}}!', 'x z!', captures));
  assert.not(matchText('a.b', 'axb', none()));
  assert.not(matchText('a', 'ab', none()));
  assert.ok(matchText('{{n}}-{{n}}', '7-7', none()));
  assert.not(matchText('{{n}}-{{n}}', '7-8', none()));
  assert.ok(matchText('{{n}}-{{n}}0', '7-70', none()));
});

test('JSON is compared member by member, in any order and to the last member', () => {
  assert.equal(where({ a: 1, b: [2, { c: null }] }, { b: [2, { c: null }], a: 1 }), []);
  assert.equal(where({ a: 1 }, { a: 1, b: 2 }), ['/b']);
  assert.equal(where({ a: 1, b: 2 }, { a: 1 }), ['/b']);
  assert.equal(where({ a: [1] }, { a: [1, 2] }), ['/a/1']);
  assert.equal(where({ a: [1, 2] }, { a: [1] }), ['/a/1']);
  assert.equal(where({ a: { b: '1' } }, { a: { b: 1 } }), ['/a/b']);
  assert.equal(where({ a: {} }, { a: [] }), ['/a']);
  assert.equal(where([], {}), ['']);
  assert.equal(where(null, {}), ['']);
});

test('a choice stands for one of several, in a text and as a value', () => {
  assert.ok(matchText('HTTP/1.1 {{400|404}} {{any}}', 'HTTP/1.1 404 Not Found', none()));
  assert.not(matchText('HTTP/1.1 {{400|404}} {{any}}', 'HTTP/1.1 405 No', none()));
  assert.not(matchText('{{a.|b}}', 'ax', none()));
  assert.equal(where({ a: '{{-1|-2}}', b: '{{x|y}}' }, { a: -2, b: 'y' }), []);
  assert.equal(where({ a: '{{-1|-2}}', b: '{{x|y}}' }, { a: -3, b: null }), ['/a', '/b']);
  assert.equal(where({ a: '{{-1|-2}}' }, {}), ['/a']);
});

test('a type stands for any value of it, and captures nothing', () => {
  const captures = none();
  assert.equal(where({ a: '{{string}}', b: '{{integer}}' }, { a: '', b: -7 }, captures), []);
  assert.equal(where({ a: '{{string}}', b: '{{integer}}' }, { a: 1, b: 1.5 }, captures), ['/a', '/b']);
  assert.is(captures.size, 0);
});

test('a status without a reason matches any reason, and none', () => {
  const rest = { line: 1, headers: [], body: { kind: 'empty' as const, line: 1 } };
  const matches = (status: string, received: string): boolean =>
    matchResponse(
      { kind: 'response', status, ...rest },
      { status: received, headers: [], body: '', complete: true },
      none(),
    ).length === 0;
  assert.ok(matches('HTTP/1.1 404', 'HTTP/1.1 404 Not Found'));
  assert.ok(matches('HTTP/1.1 404', 'HTTP/1.1 404'));
  assert.ok(matches('HTTP/1.1 4{{any}}', 'HTTP/1.1 418 I am a teapot'));
  assert.not(matches('HTTP/1.1 404', 'HTTP/1.1 400 Bad Request'));
  assert.not(matches('HTTP/1.1 404 Not Found', 'HTTP/1.1 404 Nothing'));
});

test('JSON wildcards stand for any value, but not for none', () => {
  assert.equal(where({ a: '{{any}}', b: 'no: {{any}}' }, { a: { c: 1 }, b: 'no: d' }), []);
  assert.equal(where({ a: '{{any}}' }, {}), ['/a']);
  assert.equal(where({ a: '{{new}}' }, {}), ['/a']);
  assert.equal(where({ a: 'no: {{any}}' }, { a: 3 }), ['/a']);
});

test('{{rest}} permits more, {{absent}} forbids one', () => {
  assert.equal(where({ a: 1, '{{rest}}': '{{any}}' }, { a: 1, b: 2 }), []);
  assert.equal(where({ a: 1, '{{rest}}': '{{any}}' }, { b: 2 }), ['/a']);
  assert.equal(where({ a: '{{absent}}', '{{rest}}': '{{any}}' }, { a: 1, b: 2 }), ['/a']);
  assert.equal(where({ a: '{{absent}}', '{{rest}}': '{{any}}' }, { b: 2 }), []);
  assert.equal(where([1, '{{rest}}'], [1, 2, 3]), []);
  assert.equal(where([1, '{{rest}}'], [1]), []);
  assert.equal(where([1, '{{rest}}'], []), ['/0']);
  assert.equal(where(['{{rest}}', 1], [2, 1]), ['/0']);
});

test('a captured value keeps its type and is compared, never taken as a pattern', () => {
  const captures = none();
  assert.equal(where({ a: '{{id}}', b: '{{id}}' }, { a: 7, b: '7' }, captures), ['/b']);
  assert.is(captures.get('id'), 7);
  captures.set('wild', { x: '{{any}}' });
  assert.equal(where('{{wild}}', { x: 1 }, captures), ['']);
  assert.equal(where('{{wild}}', { x: '{{any}}' }, captures), []);
  assert.equal(where('n{{id}}', 'n7', captures), []);
});

test('{{jwt}} stands for a token, and what it says is compared', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ sub: 'ada', aud: ['a'] })}.`;
  const shown = (claims: object) => ({ '{{jwt}}': '{{token}}', header: { alg: 'none' }, claims });
  const captures = none();
  assert.equal(where({ t: shown({ sub: 'ada', aud: ['{{aud}}'] }) }, { t: token }, captures), []);
  assert.equal(
    [...captures],
    [
      ['token', token],
      ['aud', 'a'],
    ],
  );
  assert.equal(where({ t: shown({ sub: 'ada' }) }, { t: token }), ['/t/claims/aud']);
  assert.equal(where({ t: shown({ sub: 'eve', aud: ['a'] }) }, { t: token }), ['/t/claims/sub']);
  assert.equal(where({ t: { '{{jwt}}': '{{any}}', claims: '{{any}}' } }, { t: token }), ['/t/header']);
  assert.equal(where({ t: { '{{jwt}}': '{{any}}', '{{rest}}': '{{any}}' } }, { t: token }), []);
  const open = { '{{jwt}}': '{{any}}', '{{rest}}': '{{any}}' };
  for (const other of ['opaque', 'a.b.c', `${part({})}.${part({})}`, 7, {}])
    assert.not.equal(where(open, other), [], String(other));
});

test('insertions become text, JSON, repetitions and raw bytes', () => {
  const captures: Captures = new Map<string, unknown>([
    ['s', 'a"b'],
    ['n', { a: 1 }],
  ]);
  assert.is(fill('x{{s}}', captures, false).toString(), 'xa"b');
  assert.is(fill('"{{s}}" {{n}}', captures, true).toString(), '"a\\"b" {"a":1}');
  assert.is(fill('{{repeat {"a": 2}}1{{repeat } 2}}', captures, true).toString(), '{"a":{"a":1}}');
  assert.equal([...fill('{{hex c3 28}}a', captures, true)], [0xc3, 0x28, 0x61]);
  assert.throws(() => fill('{{who}}', captures, true), /nothing was captured as {{who}}/);
});

test('a repetition has a bound, before it takes any memory', () => {
  const problem = /at most 4194304 bytes, and this would be 99999999999/;
  assert.throws(() => fill('{{repeat x 99999999999}}', new Map(), true), problem);
});

test('an HTTP response is read by length, by chunks, and to the end of the connection', () => {
  const head = 'HTTP/1.1 200 OK\r\nA: b\r\n';
  const read = (text: string, ended = false, method = 'GET') => {
    const response = readHttp(Buffer.from(text), ended, method);
    return response && [response.body, response.complete];
  };
  assert.equal(read('HTTP/1.1 200 OK\r\nA: b\r\n'), undefined);
  assert.equal(read(`${head}Content-Length: 2\r\n\r\na`), ['a', false]);
  assert.equal(read(`${head}Content-Length: 2\r\n\r\nab`), ['ab', true]);
  assert.equal(read(`${head}Content-Length: 2\r\n\r\n`, false, 'HEAD'), ['', true]);
  assert.equal(read(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncd`), ['abcd', false]);
  assert.equal(read(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`), ['ab', true]);
  assert.equal(read(`${head}\r\nab`), ['ab', false]);
  assert.equal(read(`${head}\r\nab`, true), ['ab', true]);
  assert.equal(read(`HTTP/1.1 100 Continue\r\n\r\n${head}Content-Length: 0\r\n\r\n`), ['', true]);
  assert.throws(() => read(`${head}Content-Length: 1\r\n\r\nab`), /1 bytes follow/);
  assert.throws(() => read('HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'), /not a header line/);
  assert.throws(() => read(`${head}Transfer-Encoding: chunked\r\n\r\nxy\r\n`), /not a chunk size/);
});

test('events end at an empty line, and each kind of line break counts', () => {
  assert.equal(readFrames('event: a\r\ndata: 1\ndata: 2\n\n: ping\n\ndata: cut'), [
    { event: 'a', data: '1\n2' },
    { comment: 'ping' },
  ]);
  assert.equal(frameOf(['id: 7', 'retry: 10', 'data']), { id: '7', retry: '10', data: '' });
});

test.run();
