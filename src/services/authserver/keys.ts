/**
 * The keys that sign tokens and cookies. Made at the first start and kept in one file that only its owner can read; a
 * file that others can read has told its secret already, so it is refused. A rotated key is published for as long as
 * a token that it signed can live.
 */
import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord } from '../../wire/value.js';

const FILE = 'authserver-keys.json';
const ALGORITHM = 'RS256';

export type SigningKey = {
  jwk: JsonWebKey & { kid: string; use: 'sig'; alg: typeof ALGORITHM };
  /** When another key took over, milliseconds since 1970. */
  retired?: number;
};
/** The first signing key signs, all are published. */
export type Keys = { cookies: string[]; signing: SigningKey[] };

/** @throws Error with one line for whoever starts the server. */
export async function openKeys(stateDir: string): Promise<Keys> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, FILE);
  const kept = await readKeys(path);
  if (kept !== undefined) return kept;
  const made: Keys = { cookies: [randomBytes(32).toString('base64url')], signing: [await makeKey()] };
  const draft = await write(path, made);
  try {
    await link(draft, path); // fails when another process was first, and its keys are the ones to use
    return made;
  } catch (error) {
    const theirs = await readKeys(path);
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    await rm(draft);
  }
}

/** Adds a key that signs from now on, and drops those whose last token has ended. */
export async function rotate(stateDir: string, keys: Keys, now: Date, tokenS: number): Promise<Keys> {
  const living = keys.signing.filter(
    ({ retired }) => retired === undefined || retired + tokenS * 1000 > now.getTime(),
  );
  const signing = [
    await makeKey(),
    ...living.map((key) => ({ ...key, retired: key.retired ?? now.getTime() })),
  ];
  const next: Keys = { cookies: keys.cookies, signing };
  const path = join(stateDir, FILE);
  await rename(await write(path, next), path);
  return next;
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const kid = randomBytes(12).toString('base64url');
  return { jwk: { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: ALGORITHM } };
}

async function write(path: string, keys: Keys): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return draft;
}

async function readKeys(path: string): Promise<Keys | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0 && platform() !== 'win32') {
      const shown = (mode & 0o777).toString(8);
      throw new Error(
        `${path} holds private keys and others may read it (mode ${shown}): remove it, and new keys are made`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const keys = parse(text);
  if (keys === undefined) throw new Error(`${path} holds no keys: remove it, and new keys are made`);
  return keys;
}

function parse(text: string): Keys | undefined {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  return isKeys(value) ? value : undefined;
}

function isKeys(value: unknown): value is Keys {
  if (!isRecord(value) || !Array.isArray(value.cookies) || !Array.isArray(value.signing)) return false;
  const [cookie] = value.cookies;
  return (
    typeof cookie === 'string' &&
    value.signing.length > 0 &&
    value.signing.every((key) => isRecord(key) && isRecord(key.jwk) && typeof key.jwk.kid === 'string')
  );
}
