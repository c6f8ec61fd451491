import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeys, rotate } from '../../src/services/authserver/keys.js';
import { approve, authorize, Browser, PERSON, signIn, tokenFor } from '../support/person.js';
import {
  authorizationUrl,
  DEVICE_GRANT,
  headerOf,
  pkce,
  post,
  READONLY,
  read,
  register,
  run,
} from './running.js';

const test = suite('authserver/keys');
const FILE = 'authserver-keys.json';
const SCOPE = 'postgres:query:readonly';

let home: string;
test.before.each(async () => {
  home = await mkdtemp(join(tmpdir(), 'barewire-keys-'));
});
test.after.each(() => rm(home, { recursive: true, force: true }));

async function published(issuer: string): Promise<(JsonWebKey & { kid: string })[]> {
  const { body } = await read(await fetch(`${issuer}/jwks`));
  return body.keys as (JsonWebKey & { kid: string })[];
}

async function isSignedHere(issuer: string, token: string): Promise<boolean> {
  const jwk = (await published(issuer)).find(({ kid }) => kid === headerOf(token).kid);
  if (jwk === undefined) return false;
  const [header, payload, signature = ''] = token.split('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

const tokenOf = (issuer: string): Promise<string> => tokenFor({ issuer, resource: READONLY, scope: SCOPE });

async function refusal(stateDir: string): Promise<string> {
  try {
    await openKeys(stateDir);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'it opened';
}

test('keys are made at the first start, for their owner only, and are the same at the next', async () => {
  const stateDir = join(home, 'new', 'state');
  const first = await openKeys(stateDir);
  assert.is((await stat(join(stateDir, FILE))).mode & 0o777, 0o600);
  assert.is((await stat(stateDir)).mode & 0o777, 0o700);
  assert.equal(await openKeys(stateDir), first);
  assert.equal(await readdir(stateDir), [FILE], 'no draft is left behind');
});

test('two that start at once have the same keys', async () => {
  const [one, two] = await Promise.all([openKeys(home), openKeys(home)]);
  assert.equal(one, two);
  assert.equal(await readdir(home), [FILE]);
});

test('a file that others can read is refused in one clear line', async () => {
  await openKeys(home);
  const path = join(home, FILE);
  for (const mode of [0o644, 0o640, 0o604]) {
    await chmod(path, mode);
    assert.is(
      await refusal(home),
      `${path} holds private keys and others may read it (mode ${mode.toString(8)}): remove it, and new keys are made`,
    );
  }
});

test('a file that holds no keys is refused, and left as it is', async () => {
  const path = join(home, FILE);
  for (const text of [
    '',
    'nonsense',
    '{}',
    '{"cookies":[],"signing":[]}',
    '{"cookies":["a"],"signing":[{}]}',
  ]) {
    await writeFile(path, text, { mode: 0o600 });
    assert.is(await refusal(home), `${path} holds no keys: remove it, and new keys are made`);
    assert.is(await readFile(path, 'utf8'), text);
  }
});

test('only public halves are published', async () => {
  const server = await run({ stateDir: home });
  try {
    const [key] = await published(server.issuer);
    assert.equal(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  } finally {
    await server.close();
  }
});

test('after a rotation the new key signs, and both are published', async () => {
  const server = await run({ stateDir: home });
  try {
    const before = await tokenOf(server.issuer);
    await server.rotateKeys();
    const after = await tokenOf(server.issuer);
    assert.is.not(headerOf(after).kid, headerOf(before).kid);
    assert.equal(
      (await published(server.issuer)).map(({ kid }) => kid),
      [headerOf(after).kid, headerOf(before).kid],
    );
    assert.ok(await isSignedHere(server.issuer, before));
    assert.ok(await isSignedHere(server.issuer, after));
    assert.is((await stat(join(home, FILE))).mode & 0o777, 0o600);
  } finally {
    await server.close();
  }
});

test('what was under way goes on across a rotation: sessions, codes, devices, clients', async () => {
  const server = await run({ stateDir: home });
  try {
    const callback = 'https://web.example/callback';
    const client = await register(server.issuer, { redirect_uris: [callback] });
    const more = { redirect_uri: callback, resource: READONLY, scope: SCOPE };
    const browser = new Browser(server.issuer);
    const proof = pkce();
    const url = authorizationUrl(server.issuer, client, proof, more);
    const left = await authorize(url, { ...PERSON, browser });
    const device = await post(`${server.issuer}/device_authorization`, { resource: READONLY, scope: SCOPE });
    await server.rotateKeys();
    const again = await signIn(browser, await browser.open(url));
    assert.ok('left' in again, 'still allowed');
    const code = new URL(left).searchParams.get('code') ?? '';
    const grant = { grant_type: 'authorization_code', client_id: client, code, redirect_uri: callback };
    const tokens = await post(`${server.issuer}/token`, { ...grant, code_verifier: proof.verifier }, '');
    assert.is(tokens.status, 200);
    await approve(String(device.body.verification_uri_complete));
    const poll = { grant_type: DEVICE_GRANT, device_code: String(device.body.device_code) };
    assert.is((await post(`${server.issuer}/token`, poll)).status, 200);
  } finally {
    await server.close();
  }
});

test('rotations asked for at once happen one after the other', async () => {
  const server = await run({ stateDir: home });
  try {
    await Promise.all([server.rotateKeys(), server.rotateKeys()]);
    const kids = (await published(server.issuer)).map(({ kid }) => kid);
    assert.is(new Set(kids).size, 3);
    assert.equal(
      (await openKeys(home)).signing.map(({ jwk }) => jwk.kid),
      kids,
    );
  } finally {
    await server.close();
  }
});

test('a key is dropped at a rotation once all its tokens have ended, and not before', async () => {
  const start = new Date('2026-01-01T00:00:00Z');
  const at = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);
  const first = await openKeys(home);
  const second = await rotate(home, first, at(0), 900);
  const third = await rotate(home, second, at(899), 900);
  assert.is(third.signing.length, 3);
  const fourth = await rotate(home, third, at(900), 900);
  assert.is(fourth.signing.length, 3);
  assert.not.ok(fourth.signing.some(({ jwk }) => jwk.kid === first.signing[0]?.jwk.kid));
});

test.run();
