/**
 * The keys that sign tokens and cookies: made at the first start and stored in one file. A file that others
 * can read is refused, because its keys are no longer secret.
 */
import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord } from '../../wire/value.js';

const FILE = 'authserver-keys.json';

type SigningKey = { jwk: JsonWebKey & { kid: string; use: 'sig'; alg: 'RS256' } };
/** The first signing key signs; all are published. */
export type Keys = { cookies: string[]; signing: SigningKey[] };

/** @throws Error with a one-line message for the operator */
export async function openKeys(stateDir: string): Promise<Keys> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, FILE);
  const storedKeys = await readKeys(path);
  if (storedKeys !== undefined) return storedKeys;
  const newKeys: Keys = { cookies: [randomBytes(32).toString('base64url')], signing: [await makeKey()] };
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(newKeys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path); // fails when another process was faster; then its keys are used
    return newKeys;
  } catch (error) {
    const otherKeys = await readKeys(path);
    if (otherKeys === undefined) throw error;
    return otherKeys;
  } finally {
    await rm(draft);
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const kid = randomBytes(12).toString('base64url');
  return { jwk: { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } };
}

async function readKeys(path: string): Promise<Keys | undefined> {
  const reject = (reason: string) => new Error(`${path} ${reason}: remove it, and new keys are made`);
  let text: string;
  try {
    const mode = (await stat(path)).mode & 0o777;
    if ((mode & 0o077) !== 0 && platform() !== 'win32')
      throw reject(`holds private keys and others may read it (mode ${mode.toString(8)})`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const value: unknown = parseJson(text);
    if (isKeys(value)) return value;
  } catch {
    // The same message as for JSON that holds no keys.
  }
  throw reject('holds no keys');
}

function isKeys(value: unknown): value is Keys {
  if (!isRecord(value) || !Array.isArray(value.cookies) || !Array.isArray(value.signing)) return false;
  const [cookie] = value.cookies;
  const isSigningKey = (key: unknown) =>
    isRecord(key) && isRecord(key.jwk) && typeof key.jwk.kid === 'string';
  return typeof cookie === 'string' && value.signing.length > 0 && value.signing.every(isSigningKey);
}
