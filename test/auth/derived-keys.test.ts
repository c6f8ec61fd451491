import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deriveKeys } from '../../src/oauth/derived-keys.js';

const test = suite('derived keys');

const SECRET = Buffer.alloc(32, 7);
const HERE = 'https://tools.example.com/mcp';
const hex = (key: Uint8Array | undefined): string => Buffer.from(key ?? []).toString('hex');

test('a secret, a purpose and a resource make the same key each time', () => {
  const [key] = deriveKeys([SECRET], 'request-state', HERE);
  assert.is(key?.length, 32);
  assert.is(hex(key), hex(deriveKeys([SECRET], 'request-state', HERE)[0]));
});

test('the keys are those of RFC 5869, so that what was sealed opens after an update', () => {
  const hmac = (key: Uint8Array, ...parts: (string | Uint8Array)[]): Buffer =>
    parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();
  const extracted = hmac(Buffer.alloc(32), SECRET);
  const info = `["barewire","request-state","${HERE}"]`;
  const expected = hmac(extracted, info, Uint8Array.of(1));
  assert.is(hex(deriveKeys([SECRET], 'request-state', HERE)[0]), hex(expected));
});

test('another purpose, resource or secret makes another key', () => {
  const keys = [
    deriveKeys([SECRET], 'request-state', HERE),
    deriveKeys([SECRET], 'approver-sessions', HERE),
    deriveKeys([SECRET], 'approval-records', HERE),
    deriveKeys([SECRET], 'registry-sessions', HERE),
    deriveKeys([SECRET], 'request-state', 'https://staging.example.com/mcp'),
    deriveKeys([Buffer.alloc(32, 8)], 'request-state', HERE),
  ].map(([key]) => hex(key));
  assert.is(new Set(keys).size, keys.length);
  assert.not.ok(keys.includes(SECRET.toString('hex')));
});

test('several secrets make as many keys, in the same order', () => {
  const keys = deriveKeys([SECRET, Buffer.alloc(32, 8)], 'request-state', HERE);
  assert.equal(keys.map(hex), [
    hex(deriveKeys([SECRET], 'request-state', HERE)[0]),
    hex(deriveKeys([Buffer.alloc(32, 8)], 'request-state', HERE)[0]),
  ]);
});

test('a secret of another length is refused', () => {
  for (const length of [0, 16, 31, 33])
    assert.throws(
      () => deriveKeys([SECRET, Buffer.alloc(length)], 'request-state', HERE),
      /secret: expected 32 bytes/,
    );
});

test.run();
