import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalResource, checkAudience, describe } from '../../src/oauth/audience.js';
import { InvalidToken } from '../../src/oauth/token-errors.js';

const test = suite('auth/audience');

const RESOURCE = 'http://localhost:3000/mcp';

function outcome(aud: unknown, resource = RESOURCE): string {
  try {
    checkAudience(aud, resource);
    return 'accepted';
  } catch (error) {
    if (error instanceof InvalidToken) return error.reason;
    throw error;
  }
}

const same: [string, string][] = [
  [RESOURCE, RESOURCE],
  ['HTTP://LocalHost:3000/mcp', RESOURCE],
  ['https://mcp.example.com:443/mcp', 'https://MCP.example.com/mcp'],
  ['http://mcp.example.com:80', 'http://mcp.example.com'],
  ['http://mcp.example.com:/a', 'http://mcp.example.com/a'],
  ['https://mcp.example.com/', 'https://mcp.example.com'],
  ['https://mcp.example.com', 'https://mcp.example.com/'],
  ['http://[::1]:3000/mcp', 'http://[::1]:3000/mcp'],
  ['https://h/mcp?tenant=a', 'https://h/mcp?tenant=a'],
];
for (const [aud, resource] of same) {
  test(`${aud} is ${resource}`, () => {
    assert.is(outcome(aud, resource), 'accepted');
    assert.is(canonicalResource(aud), canonicalResource(resource));
  });
}

const others = [
  'http://localhost:3000/mcp/',
  'http://localhost:3000/MCP',
  'http://localhost:3000/mcp/tools',
  'http://localhost:3000/mc',
  'http://localhost:3000/mcpx',
  'http://localhost:3000/',
  'http://localhost:3000',
  'http://localhost:3001/mcp',
  'http://localhost/mcp',
  'https://localhost:3000/mcp',
  'http://127.0.0.1:3000/mcp',
  'http://localhost.:3000/mcp',
  'http://evil.localhost:3000/mcp',
  'http://localhost:3000.evil.example/mcp',
  'http://localhost:3000@evil.example/mcp',
  'http://user@localhost:3000/mcp',
  'http://localhost:3000/mcp#',
  'http://localhost:3000/mcp#part',
  'http://localhost:3000/mcp?',
  'http://localhost:3000/a/../mcp',
  'http://localhost:3000/./mcp',
  'http://localhost:3000//mcp',
  'http://localhost:3000/%6dcp',
  'http://localhost:03000/mcp',
  'http:\\\\localhost:3000\\mcp',
  'http:/localhost:3000/mcp',
  'http:localhost:3000/mcp',
  '//localhost:3000/mcp',
  'localhost:3000/mcp',
  ' http://localhost:3000/mcp',
  'xhttp://localhost:3000/mcp',
  'http://localhost:3000/mcp\n',
  'http://local\thost:3000/mcp',
  'http://\u{ff4c}ocalhost:3000/mcp',
  '',
  '*',
  'http://*/mcp',
];
for (const aud of others) {
  test(`${JSON.stringify(aud)} is another resource than ${RESOURCE}`, () => {
    assert.is(outcome(aud), 'audience');
  });
}

test('a letter that lower-cases to another alphabet is not mistaken for it', () => {
  assert.is('\u212a'.toLowerCase(), 'k');
  assert.is(outcome('http://\u212a.example/mcp', 'http://k.example/mcp'), 'audience');
});
test('the canonical spelling has lower case, no default port and a path', () => {
  assert.is(canonicalResource('HTTPS://Host:443?Q'), 'https://host/?Q');
  assert.is(canonicalResource('HTTP://[::A]:443/Path'), 'http://[::a]:443/Path');
  assert.is(canonicalResource('mailto:a@b'), undefined);
});
test('where neither side is a resource identifier, they are not the same one', () => {
  assert.is(outcome('urn:a', 'urn:a'), 'audience');
});
test('with a query, the bare origin may still be written without its slash', () => {
  assert.is(outcome('https://h?a', 'https://h/?a'), 'accepted');
  assert.is(outcome('https://h?A', 'https://h/?a'), 'audience');
});
test('one audience among several is enough', () => {
  assert.is(outcome(['https://a.example', RESOURCE]), 'accepted');
  assert.is(outcome(['https://a.example', 'https://b.example']), 'audience');
});
test('an audience that is not text is refused, even beside a good one', () => {
  for (const aud of [undefined, null, 1, true, {}, [], [RESOURCE, 1], [[RESOURCE]], { aud: RESOURCE }]) {
    assert.is(outcome(aud), 'claims', JSON.stringify(aud));
  }
});
test('the refusal names what was expected and received, on one line of bounded length', () => {
  try {
    checkAudience(['http://a\r\nfaked line', 'x'.repeat(5000)], RESOURCE);
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof InvalidToken);
    assert.match(
      error.message,
      /expected "aud" http:\/\/localhost:3000\/mcp, received \["http:\/\/a\\r\\nfaked/,
    );
    assert.not.match(error.message, /[\r\n]/);
    assert.ok(error.message.length < 400);
    assert.is(error.publicMessage, 'the token is for another audience');
  }
});
test('what was received is quoted without the values inside an object', () => {
  assert.is(describe(undefined), 'nothing');
  assert.is(describe(null), 'null');
  assert.is(describe({ secret: 'abc' }), '["secret"]');
});

test.run();
