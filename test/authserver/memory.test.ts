import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemory } from '../../src/services/authserver/memory.js';

const test = suite('authserver/memory');

function memoryAt(most?: number) {
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') };
  return { clock, memory: createMemory(() => new Date(clock.ms), most) };
}

test('each model is separate from the others, and the same model is shared', async () => {
  const { memory } = memoryAt();
  await memory('Session').upsert('1', { uid: 'u' }, 10);
  assert.is(await memory('Grant').find('1'), undefined);
  assert.equal(await memory('Session').find('1'), { uid: 'u' });
});

test('an entry expires when its time is over, and one without a time does not', async () => {
  const { memory, clock } = memoryAt();
  const kind = memory('DeviceCode');
  await kind.upsert('short', { userCode: 'A', uid: 'a' }, 10);
  await kind.upsert('long', { userCode: 'B' });
  clock.ms += 10_000;
  assert.is(await kind.find('short'), undefined);
  assert.is(await kind.findByUserCode('A'), undefined);
  assert.equal(await kind.findByUserCode('B'), { userCode: 'B' });
});

test('what is changed outside is not changed inside, either way', async () => {
  const { memory } = memoryAt();
  const kind = memory('Grant');
  const payload = { resources: { a: 'x' } };
  await kind.upsert('1', payload, 10);
  payload.resources.a = 'changed';
  const found = await kind.find('1');
  assert.equal(found, { resources: { a: 'x' } });
  Object.assign(found ?? {}, { resources: {} });
  assert.equal(await kind.find('1'), { resources: { a: 'x' } });
});

test('revoking a grant removes everything that came from it, and nothing else', async () => {
  const { memory } = memoryAt();
  const kind = memory('RefreshToken');
  await kind.upsert('1', { grantId: 'g' }, 10);
  await kind.upsert('2', { grantId: 'g' }, 10);
  await kind.upsert('3', { grantId: 'h' }, 10);
  await kind.revokeByGrantId('g');
  assert.equal([await kind.find('1'), await kind.find('2')], [undefined, undefined]);
  assert.equal(await kind.find('3'), { grantId: 'h' });
});

test('a used code is marked as used', async () => {
  const { memory, clock } = memoryAt();
  const kind = memory('AuthorizationCode');
  await kind.upsert('1', { grantId: 'g' }, 10);
  await kind.consume('1');
  await kind.consume('unknown');
  assert.equal(await kind.find('1'), { grantId: 'g', consumed: clock.ms / 1000 });
});

test('the oldest entries make room, after the expired ones', async () => {
  const { memory, clock } = memoryAt(3);
  const kind = memory('Client');
  await kind.upsert('old', {});
  await kind.upsert('ended', {}, 1);
  await kind.upsert('new', {});
  clock.ms += 2_000;
  await kind.upsert('fourth', {});
  assert.ok((await kind.find('old')) !== undefined, 'expired entries made room');
  await kind.upsert('fifth', {});
  assert.is(await kind.find('old'), undefined);
  await kind.upsert('new', { again: true });
  assert.equal(await kind.find('fourth'), {}, 'an existing entry needs no room');
});

test.run();
