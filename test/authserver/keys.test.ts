import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeys } from '../../src/services/authserver/keys.js';
import { tokenFor } from '../support/person.js';
import { headerOf, READONLY, read, run } from './running.js';

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

test('keys are created at the first start, readable by their owner only, and are the same at the next', async () => {
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

test('a token is signed with the published key, after a restart too', async () => {
  const server = await run({ stateDir: home });
  const token = await tokenOf(server.issuer);
  assert.ok(await isSignedHere(server.issuer, token));
  const { port } = new URL(server.issuer);
  const [before] = await published(server.issuer);
  await server.stop();
  const again = await run({ stateDir: home, port: Number(port) });
  try {
    assert.equal((await published(again.issuer))[0], before);
    assert.ok(await isSignedHere(again.issuer, token));
  } finally {
    await again.close();
  }
});

test.run();
