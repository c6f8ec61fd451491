import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namespaceOf, officialName } from '../../src/services/registry/official/names.js';
import { list, namesOf, one } from './asking.js';
import { entry, version } from './entries.js';

const test = suite('registry/official/names');

test('a name without a namespace gets that of its host', () => {
  const names: [name: string, url: string, expected: string][] = [
    ['com.example/jira', 'https://mcp.test/', 'com.example/jira'],
    ['jira', 'https://mcp.example.com/mcp', 'com.example.mcp/jira'],
    ['jira', 'https://MCP.Example.com.:8443/mcp', 'com.example.mcp/jira'],
    ['jira', 'http://localhost:3000/mcp', 'localhost/jira'],
    ['jira', 'http://127.0.0.1:3000/mcp', '127.0.0.1/jira'],
    ['jira', 'http://[::1]:3000/mcp', '--1/jira'],
    ['jira', 'http://my_host.test/mcp', 'test.my-host/jira'],
    ['jira', 'https://b\u00fccher.example/', 'example.xn--bcher-kva/jira'],
    ['my_team/jira', 'https://mcp.test/', 'my-team/jira'],
  ];
  for (const [name, url, expected] of names) assert.is(officialName({ name, url }), expected);
  assert.is(namespaceOf('a.b.c'), 'c.b.a');
});
test('any name and host make a name that the official registry accepts', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/);
  fc.assert(
    fc.property(name, fc.webUrl(), (given, url) => {
      const made = officialName({ name: given, url });
      assert.match(made, /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
      assert.ok(made.length <= 200);
    }),
  );
});
test('two servers that claim one name are both listed, and the one known by it has it', () => {
  const first = entry('x/a');
  const second = {
    ...entry('x/a', { url: 'https://other.test/' }),
    address: 'https://a.test/m',
    name: 'https://a.test/m',
  };
  const third = { ...second, address: 'https://b.test/m', name: 'https://b.test/m' };
  const expected = ['test.other/a 1.0.0', 'test.other/https-b.test-m 1.0.0', 'x/a 1.0.0'];
  assert.equal(namesOf(list([third, second, first])), expected);
  assert.equal(namesOf(list([first, second, third])), expected);
});
test('a long description is shortened, and an empty one gets a text', () => {
  const described = (description: string) =>
    one([entry('x/a', {}, { versions: [version('1.0.0', { description })] })], 'x%2Fa/versions/latest')
      .server;
  assert.is(described('long '.repeat(100)).description.length, 100);
  assert.match(described('long '.repeat(100)).description, /long lo?n?g?\.\.\.$/);
  assert.is(described(' \n ').description, 'x/a');
  assert.is(described('one\ntwo').description, 'one two');
});

test.run();
