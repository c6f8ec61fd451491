/** Signed heads: what verification with the public keys finds that it cannot find without them. */
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createAnchor } from '../../src/governance/audit/anchor.js';
import { auditVerify } from '../../src/governance/audit/command.js';
import {
  createHeadSigner,
  createHeadVerifier,
  keySetOf,
  readKey,
} from '../../src/governance/audit/signed-head.js';
import { bench, ENTRY, filesIn, linesOf, NOON, rejection, scratch, verified, written } from './logs.js';

const test = suite('audit/signed-head');
const ours = generateKeyPairSync('ed25519');
const older = generateKeyPairSync('ed25519');
const strangers = generateKeyPairSync('ed25519');
const verifyHead = await createHeadVerifier(await keySetOf([ours.publicKey, older.publicKey]));
const signing = { sign: await createHeadSigner(ours.privateKey, 'readonly'), verify: verifyHead };
const HEAD = 'demo/r1.head';

type Stored = { seq: number; hash: string; signed: string };
const headOf = (dir: string): Stored => JSON.parse(readFileSync(join(dir, HEAD), 'utf8'));
const putHead = (dir: string, head: object): void => writeFileSync(join(dir, HEAD), JSON.stringify(head));

test('a head is signed, and its chain verifies with the keys of that server', async () => {
  const dir = await written(5, { signing });
  assert.equal(await verifyHead(headOf(dir).signed), {
    log: 'readonly',
    folder: 'demo',
    replica: 'r1',
    seq: 5,
    hash: headOf(dir).hash,
    time: NOON,
  });
  assert.equal((await verified(dir, { verifyHead, log: 'readonly' })).said, []);
});

test('a log that somebody without the key wrote from the start is detected only with the keys', async () => {
  const dir = await written(5);
  assert.equal((await verified(dir)).said, []);
  assert.equal((await verified(dir, { verifyHead })).said, ['unsigned 0']);
  const forged = await written(5, {
    signing: { ...signing, sign: await createHeadSigner(strangers.privateKey, 'readonly') },
  });
  const { said, findings, breaches } = await verified(forged, { verifyHead });
  assert.equal([said, breaches], [['unsigned 0'], 1]);
  assert.match(findings[0]?.detail ?? '', 'its key is not among the trusted ones');
});

test('a rewritten chain does not fit its signed head, and no head of another chain or log takes its place', async () => {
  const dir = await written(5, { signing });
  const other = await written(5);
  const [file = ''] = filesIn(dir).filter((name) => name.endsWith('.jsonl'));
  cpSync(join(other, file), join(dir, file));
  const signed = headOf(dir);
  assert.equal((await verified(dir, { verifyHead })).said, []);
  // Both logs are the same as long as their clocks agree, so this one is a record longer.
  const longer = await written(6, { clock: () => new Date('2026-11-23T13:00:00.000Z') });
  cpSync(join(longer, file), join(dir, file));
  assert.equal((await verified(dir, { verifyHead })).said, ['changed 5', 'notice 0']);
  putHead(dir, { ...headOf(longer), signed: signed.signed });
  assert.equal((await verified(dir, { verifyHead })).said, ['unsigned 0']);

  const whole = await written(5, { signing });
  const elsewhere = await createHeadSigner(ours.privateKey, 'destructive');
  const { seq, hash } = headOf(whole);
  putHead(whole, {
    seq,
    hash,
    signed: await elsewhere({ folder: 'demo', replica: 'r1', seq, hash, time: NOON }),
  });
  assert.equal((await verified(whole, { verifyHead, log: 'readonly' })).said, ['unsigned 0']);
  assert.equal((await verified(whole, { verifyHead, log: 'destructive' })).said, []);
});

test('records after the newest signed head are counted, and break nothing', async () => {
  const { audit, dir, tick } = await bench({ signing });
  for (let n = 1; n <= 3; n += 1) await audit.append({ ...ENTRY, requestId: `request-${n}` });
  await tick();
  await audit.append({ ...ENTRY, requestId: 'request-4' });
  const { findings, breaches } = await verified(dir, { verifyHead });
  assert.is(breaches, 0);
  assert.equal(
    findings.map(({ detail }) => detail),
    [`1 records after the signed head of ${NOON} have no signature`],
  );
  await audit.close();
  assert.equal((await verified(dir, { verifyHead })).said, []);
});

test('after a rotation both keys count, until the old one is no longer published', async () => {
  const byOlder = await createHeadSigner(older.privateKey, 'readonly');
  const dir = await written(2, { signing: { ...signing, sign: byOlder } });
  assert.equal((await verified(dir, { verifyHead })).said, []);
  const newOnly = await createHeadVerifier(await keySetOf([ours.publicKey]));
  assert.equal((await verified(dir, { verifyHead: newOnly })).said, ['unsigned 0']);
});

test('heads that were kept elsewhere reveal a log that was set back, and one that was removed', async () => {
  const sent: string[] = [];
  const anchor = createAnchor(
    async (lines) => void sent.push(lines),
    (error) => assert.unreachable(error.message),
    () => () => {},
  );
  const { audit, dir, tick } = await bench({ signing: { ...signing, anchor } });
  for (let n = 1; n <= 3; n += 1) await audit.append({ ...ENTRY, requestId: `request-${n}` });
  await tick();
  const earlier = join(scratch(), 'earlier');
  cpSync(dir, earlier, { recursive: true });
  await audit.append({ ...ENTRY, requestId: 'request-4' });
  await audit.close();
  assert.is(sent.length, 1, 'the newest head of a chain is sent, once');
  const lines: string[] = [];
  const verify = (folder: string) =>
    auditVerify({ dir: folder, verifyHead, log: 'readonly', anchored: sent.join('') }, (line) =>
      lines.push(line),
    );
  assert.is(await verify(dir), 0);
  assert.equal((await verified(earlier, { verifyHead })).said, [], 'its own head was signed once');
  assert.is(await verify(earlier), 1);
  assert.match(lines.join('\n'), 'the log ends with record 3; the head kept elsewhere knows 4');
  rmSync(join(earlier, 'demo'), { recursive: true });
  mkdirSync(earlier, { recursive: true });
  assert.is(await verify(earlier), 1);
  const forged = `${sent.join('')}${sent[0]?.replace(/\.[^.]*$/, '.AAAA')}\n`;
  const error = await rejection(auditVerify({ dir, verifyHead, anchored: forged }, () => {}));
  assert.is(error.message, '--anchor: line 2 is no signed head: its signature does not match');
});

test('an anchor sends once a minute, the newest head of each chain, and again what could not be sent', async () => {
  const timers: { ms: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void) => {
    timers.push({ ms, run });
    return () => {};
  };
  const sent: string[] = [];
  const errors: string[] = [];
  let works = false;
  const send = async (lines: string): Promise<void> => {
    if (!works) throw new Error('away');
    sent.push(lines);
  };
  const anchor = createAnchor(send, ({ message }) => errors.push(message), after);
  const series = { folder: 'demo', replica: 'r1' };
  anchor.take(series, 'first');
  anchor.take(series, 'second');
  anchor.take({ ...series, folder: 'other' }, 'third');
  assert.equal(
    timers.map(({ ms }) => ms),
    [60_000],
  );
  timers[0]?.run();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal([sent, errors, timers.length], [[], ['away'], 2]);
  works = true;
  await anchor.close();
  assert.equal(sent, ['second\nthird\n']);
});

test('keys are read from PEM and JWK, and anything else is refused', async () => {
  const pem = ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const jwk = JSON.stringify(ours.privateKey.export({ format: 'jwk' }));
  const publicPem = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const text of [pem, jwk, publicPem]) {
    const { publicKey, privateKey } = readKey(text);
    assert.equal(publicKey.export({ format: 'jwk' }), ours.publicKey.export({ format: 'jwk' }));
    assert.is(privateKey === undefined, text === publicPem);
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const text of ['', 'x', '{}', rsa.export({ type: 'pkcs8', format: 'pem' }).toString()])
    assert.throws(() => readKey(text), /expected an Ed25519 key/);
  assert.match((await rejection(createHeadVerifier({ keys: [] }))).message, '--keys: expected a JWK Set');
});

test('a signature counts only as an EdDSA signature of a head', async () => {
  const signed = await signing.sign({
    folder: 'demo',
    replica: 'r1',
    seq: 1,
    hash: 'a'.repeat(64),
    time: NOON,
  });
  const [header = '', payload = '', signature = ''] = signed.split('.');
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const typ = 'barewire-audit-head';
  for (const wrong of [
    `${header}.${payload}.`,
    `${header}.${encode({ seq: 2 })}.${signature}`,
    `${encode({ alg: 'none', kid, typ })}.${payload}.`,
    `${encode({ alg: 'HS256', kid, typ })}.${payload}.${signature}`,
    `${encode({ alg: 'EdDSA', kid, typ: 'JWT' })}.${payload}.${signature}`,
    'x'.repeat(5000),
    '',
  ])
    assert.ok('problem' in (await verifyHead(wrong)), wrong.slice(0, 60));
  assert.not.ok('problem' in (await verifyHead(signed)));
  assert.ok(linesOf(join(await written(1, { signing }), HEAD)).length === 1);
});

test.run();
