import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUriTemplate } from '../../src/wire/mcp/uri.js';

const test = suite('mcp/uri-template');

const match = (template: string, uri: string) => parseUriTemplate(template).match(uri);

test('{name} matches one segment, but no slash, query or fragment', () => {
  assert.equal(match('incident://{id}', 'incident://INC-1001'), { id: 'INC-1001' });
  for (const uri of ['incident://', 'incident://a/b', 'incident://a?b', 'incident://a#b', 'xincident://a']) {
    assert.is(match('incident://{id}', uri), undefined, uri);
  }
});
test('{+name} matches slashes too', () => {
  assert.equal(match('file:///{+path}', 'file:///a/b/c.txt'), { path: 'a/b/c.txt' });
  assert.is(match('file:///{+path}', 'file:///'), undefined);
});
test('several variables are separated by the text between them', () => {
  assert.equal(match('x://{a}/{b}.{c}', 'x://1/2.3'), { a: '1', b: '2', c: '3' });
  assert.is(match('x://{a}/{b}.{c}', 'x://1/2'), undefined);
});
test('values are percent-decoded, and a stray percent sign matches nothing', () => {
  assert.equal(match('x://{a}', 'x://gr%C3%B6%C3%9Fer%2Fb'), { a: 'größer/b' });
  for (const uri of ['x://%', 'x://%zz', 'x://%C3', 'x://%ff'])
    assert.is(match('x://{a}', uri), undefined, uri);
});
test('literal text is matched literally, whatever it means in a pattern', () => {
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
  assert.equal(match('x://{a_1}/{+B}', 'x://1/2/3'), { a_1: '1', B: '2/3' });
});
test('the literal text of a template matches the percent-encoded URI, and every other spelling of it', () => {
  for (const template of [
    'file:///docs/café/{name}',
    'file:///docs/caf%C3%A9/{name}',
    'FILE:///docs/caf%c3%a9/{name}',
  ])
    for (const uri of [
      'file:///docs/caf%C3%A9/a.txt',
      'file:///docs/caf%c3%a9/a.txt',
      'file:///docs/café/a.txt',
      'File:///%64ocs/caf%C3%A9/a%2Etxt',
      'file:///docs/x/../café/./a.txt',
    ])
      assert.equal(match(template, uri), { name: 'a.txt' }, `${template} ${uri}`);
  assert.equal(match('x://h/a b/{+path}', 'x://h/a%20b/c%20d/é'), { path: 'c d/é' });
  assert.equal(match('x://h/"<>^`|/{v}', 'x://h/%22%3C%3E%5E%60%7C/1'), { v: '1' });
  assert.equal(match('x://h/\u{1f600}/{v}', 'x://h/%F0%9F%98%80/%F0%9F%98%81'), { v: '\u{1f601}' });
});
test('a reserved character is not its percent-encoded form', () => {
  assert.is(match('x://h/a/{v}', 'x://h/a%2F1'), undefined);
  assert.is(match('x://h/a%2F{v}', 'x://h/a/1'), undefined);
  assert.equal(match('x://h/a%2f{v}', 'x://h/a%2F1'), { v: '1' });
  assert.equal(match('x://h/{v}', 'x://h/a%2Fb%3Fc'), { v: 'a/b?c' });
  assert.is(match('x://h/?q={v}', 'x://h/%3Fq=1'), undefined);
});
test('a host matches in any case, a path only in its own, and a variable keeps the case it arrived in', () => {
  assert.equal(match('x://User@Ex-ample.com:80/{v}', 'X://User@EX-AMPLE.COM:80/Ab'), { v: 'Ab' });
  assert.is(match('x://User@h/{v}', 'x://user@h/1'), undefined);
  assert.is(match('x://h/A/{v}', 'x://h/a/1'), undefined);
  assert.equal(match('incident://{id}', 'INCIDENT://INC-1001'), { id: 'INC-1001' });
  assert.equal(match('x://{Tenant}.Example/{v}', 'x://Acme.example/1'), { Tenant: 'Acme', v: '1' });
});
test('dot segments lead out of no template', () => {
  for (const uri of ['file:///docs/../etc/passwd', 'file:///docs/%2e%2E/etc', 'file:///docs/a/../../etc'])
    assert.is(match('file:///docs/{+path}', uri), undefined, uri);
  assert.equal(match('file:///{+path}', 'file:///docs/../../etc/./passwd'), { path: 'etc/passwd' });
  assert.equal(match('x:{+v}', 'x:a/../b'), { v: 'a/../b' }, 'without a slash there is nothing to resolve');
  assert.equal(match('x://h/{+v}', 'x://h/a/..'), undefined);
  assert.equal(match('x://h/{+v}', 'x://h/a/..b/...'), { v: 'a/..b/...' });
});
test('an earlier variable takes as much as it can, as a regular expression would', () => {
  const templates = [
    'x:y{a}.{b}',
    'x:y{+a}.{b}',
    'x:y{a}.{+b}',
    'x:y{+a}/{b}/{+c}',
    'x:y{a}{b}',
    'x:y{a}aa{+b}a',
  ];
  const letters = ['a', '.', '/'];
  const texts = [''];
  for (let at = 0; at < 121; at += 1) for (const letter of letters) texts.push(`${texts[at]}${letter}`);
  for (const template of templates) {
    const pattern = template
      .replace('.', '\\.')
      .replace(/\{(\+?)\w\}/g, (_, plus) => (plus ? '(.+)' : '([^/?#]+)'));
    const expression = new RegExp(`^${pattern}$`);
    for (const text of texts) {
      const values = expression.exec(`x:y${text}`)?.slice(1);
      const read = match(template, `x:y${text}`);
      assert.equal(read && Object.values(read), values, `${template} ${text}`);
    }
  }
});
test('a URI of a mebibyte is compared quickly, matching or not, however many variables there are', () => {
  const long = 'a'.repeat(1 << 20);
  const dots = '.a'.repeat(1 << 19);
  const began = performance.now();
  assert.is(match('x://{a}/{b}/{c}', `x://${long}`), undefined);
  assert.is(match('x://{a}', `x://${long}`)?.a, long);
  assert.is(match('x:{a}.{b}.{c}', `x:${dots}/`), undefined);
  assert.is(match('x:{+a}.{+b}.{+c}!{d}', `x:${dots}`), undefined);
  assert.is(match('x:{a}', `x:${'%'.repeat(1 << 20)}`), undefined);
  assert.is(match('x:/{a}', `x:${'/..'.repeat(1 << 18)}`), undefined);
  assert.ok(performance.now() - began < 10_000, `${performance.now() - began} ms`);
});

test.run();
