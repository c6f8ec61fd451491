import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSealer, readSealingKeys } from '../../src/wire/server/sealer.js';

const test = suite('auth/sealer');

const HOUR = 3_600_000;
const key = (): Uint8Array => randomBytes(32);
const noon = (): Date => new Date('2026-08-01T12:00:00Z');

/** A sealer whose time the test sets. */
function timed(keys: readonly Uint8Array[]) {
  let now = noon().getTime();
  const sealer = createSealer(keys, () => new Date(now));
  return { ...sealer, pass: (ms: number) => (now += ms) };
}

test('what was sealed comes back unchanged', async () => {
  const { seal, open } = createSealer([key()], noon);
  for (const text of ['', '{"a":1}', 'größer 🦀\u2028', 'x'.repeat(100_000)]) {
    assert.is(await open(await seal(text, 'call', HOUR), 'call'), text);
  }
});
test('nothing of the text can be read, and no two seals of it are alike', async () => {
  const { seal } = createSealer([key()], noon);
  const [first, second] = await Promise.all([
    seal('a secret word', 'call', HOUR),
    seal('a secret word', 'call', HOUR),
  ]);
  assert.is.not(first, second);
  assert.match(first, /^[A-Za-z0-9_-]+$/);
  assert.not.ok(Buffer.from(first, 'base64url').includes('secret'));
});
test('a change of any byte breaks the seal: nonce, tag and text alike', async () => {
  const { seal, open } = createSealer([key()], noon);
  const sealed = Buffer.from(await seal('state', 'call', HOUR), 'base64url');
  assert.ok(sealed.length > 28);
  for (let index = 0; index < sealed.length; index += 1) {
    for (const bit of [1, 128]) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(index) ^ bit, index);
      assert.is(await open(changed.toString('base64url'), 'call'), undefined, `byte ${index}`);
    }
  }
  assert.is(await open(sealed.toString('base64url'), 'call'), 'state');
});
test('a seal that was cut short, lengthened or made up is invalid', async () => {
  const { seal, open } = createSealer([key()], noon);
  const sealed = Buffer.from(await seal('state', 'call', HOUR), 'base64url');
  for (let length = 0; length < sealed.length; length += 1) {
    assert.is(await open(sealed.subarray(0, length).toString('base64url'), 'call'), undefined);
  }
  assert.is(await open(Buffer.concat([sealed, Buffer.alloc(1)]).toString('base64url'), 'call'), undefined);
  for (const text of ['', 'e30', '{}', '\0', 'not sealed', 'ü', 'A'.repeat(200), '='.repeat(50)]) {
    assert.is(await open(text, 'call'), undefined, text);
  }
});
test('a seal has one spelling', async () => {
  const { seal, open } = createSealer([key()], noon);
  const sealed = await seal('state', 'call', HOUR);
  for (const other of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, `${sealed.slice(0, 9)}.${sealed.slice(9)}`])
    assert.is(await open(other, 'call'), undefined, other);
  assert.is(await open(sealed, 'call'), 'state');
});
test('a seal opens only for what it is about', async () => {
  const { seal, open } = createSealer([key()], noon);
  const sealed = await seal('state', 'call of Ann', HOUR);
  for (const about of ['call of Bob', '', 'call of Ann ', 'call of ann']) {
    assert.is(await open(sealed, about), undefined, about);
  }
  assert.is(await open(sealed, 'call of Ann'), 'state');
});
test('a seal opens to the last millisecond of its time and not after', async () => {
  const { seal, open, pass } = timed([key()]);
  const sealed = await seal('state', 'call', 1_000);
  pass(1_000);
  assert.is(await open(sealed, 'call'), 'state');
  pass(1);
  assert.is(await open(sealed, 'call'), undefined);
});
test('another key opens nothing, and replicas with the same keys open for each other', async () => {
  const shared = key();
  const sealed = await createSealer([shared], noon).seal('state', 'call', HOUR);
  assert.is(await createSealer([key()], noon).open(sealed, 'call'), undefined);
  assert.is(await createSealer([Buffer.from(shared)], noon).open(sealed, 'call'), 'state');
});
test('a key can be rotated: the new one seals, the old one still opens until it is taken away', async () => {
  const [old, fresh] = [key(), key()];
  const before = await createSealer([old], noon).seal('before', 'call', HOUR);
  const rotated = createSealer([fresh, old], noon);
  assert.is(await rotated.open(before, 'call'), 'before');
  const after = await rotated.seal('after', 'call', HOUR);
  const done = createSealer([fresh], noon);
  assert.is(await done.open(after, 'call'), 'after');
  assert.is(await done.open(before, 'call'), undefined);
  assert.is(await createSealer([old], noon).open(after, 'call'), undefined);
});
test('a key has exactly 32 bytes, and there is at least one', () => {
  for (const keys of [[], [randomBytes(31)], [key(), randomBytes(33)], [new Uint8Array(0)]]) {
    assert.throws(() => createSealer(keys, noon), /a sealing key has 32 bytes/);
  }
  assert.not.throws(() => createSealer([key(), key()], noon));
});
test('keys are read from base64url texts, and one is generated where none is given', () => {
  const given = key();
  const [read] = readSealingKeys([Buffer.from(given).toString('base64url')]);
  assert.equal(Buffer.from(read ?? []), Buffer.from(given));
  const [one] = readSealingKeys([]);
  const [other] = readSealingKeys([]);
  assert.is(one?.length, 32);
  assert.not.equal(one, other);
});

test.run();
