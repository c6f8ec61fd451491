import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUriTemplate } from '../../src/mcp/uri-template.js';

const test = suite('mcp/uri-template');

const match = (template: string, uri: string) => parseUriTemplate(template).match(uri);

test('{name} stands for one segment, and not for a slash, a query or a fragment', () => {
  assert.equal(match('incident://{id}', 'incident://INC-1001'), { id: 'INC-1001' });
  for (const uri of ['incident://', 'incident://a/b', 'incident://a?b', 'incident://a#b', 'xincident://a']) {
    assert.is(match('incident://{id}', uri), undefined, uri);
  }
});
test('{+name} stands for slashes too', () => {
  assert.equal(match('file:///{+path}', 'file:///a/b/c.txt'), { path: 'a/b/c.txt' });
  assert.is(match('file:///{+path}', 'file:///'), undefined);
});
test('several variables are told apart by what stands between them', () => {
  assert.equal(match('x://{a}/{b}.{c}', 'x://1/2.3'), { a: '1', b: '2', c: '3' });
  assert.is(match('x://{a}/{b}.{c}', 'x://1/2'), undefined);
});
test('values are percent-decoded, and a stray percent sign fits nothing', () => {
  assert.equal(match('x://{a}', 'x://gr%C3%B6%C3%9Fer%2Fb'), { a: 'größer/b' });
  for (const uri of ['x://%', 'x://%zz', 'x://%C3', 'x://%ff'])
    assert.is(match('x://{a}', uri), undefined, uri);
});
test('what is literal is taken literally, whatever it means in a pattern', () => {
  const template = 'x://a.b+c(d)[e]|f^g$h*i?\\{v}';
  assert.equal(match(template, 'x://a.b+c(d)[e]|f^g$h*i?\\v'), { v: 'v' });
  assert.is(match(template, 'x://aXb+c(d)[e]|f^g$h*i?\\v'), undefined);
});
test('a line break never ends the comparison early', () => {
  assert.is(match('x://{+a}/z', 'x://a/z\n'), undefined);
  assert.is(match('x://{+a}/z', 'y\nx://a/z'), undefined);
});
test('variables may be named like the members that every object inherits', () => {
  const found = match('x://{constructor}/{toString}', 'x://1/2');
  assert.equal(Object.entries(found ?? {}), [
    ['constructor', '1'],
    ['toString', '2'],
  ]);
});
test('other operators, nameless and repeated variables are refused, and so is a template without any', () => {
  for (const text of [
    'x://{?a}',
    'x://{/a}',
    'x://{#a}',
    'x://{a*}',
    'x://{a:3}',
    'x://{a,b}',
    'x://{}',
    'x://{1a}',
    'x://{a b}',
    'x://{a}/{a}',
    'x://plain',
  ])
    assert.throws(() => parseUriTemplate(text), /^uriTemplate|uriTemplate/, text);
  assert.equal(parseUriTemplate('x://{a_1}/{+B}').variables, ['a_1', 'B']);
});
test('a long URI is compared in no time, fitting or not', () => {
  const long = 'a'.repeat(200_000);
  assert.is(match('x://{a}/{b}/{c}', `x://${long}`), undefined);
  assert.is(match('x://{a}', `x://${long}`)?.a, long);
});

test.run();
