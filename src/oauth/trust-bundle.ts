/**
 * A SPIFFE trust bundle, from a file or over HTTP: the keys in it that may sign JWT-SVIDs.
 *
 * @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md
 */
import { open } from 'node:fs/promises';
import type { JWK } from 'jose';
import { parseJson } from '../wire/jsonrpc/json.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import type { FetchJson } from './fetch-json.js';
import { readKeySet } from './keys.js';
import { secureUrl } from './secure-url.js';
import { KeysUnreachable } from './token-refused.js';

const MAX_BYTES = 1_048_576;

/** @throws RangeError when it is to come from where anybody on the way could change it. */
export function checkBundle(bundle: string): void {
  if (bundle === '' || (isUrl(bundle) && secureUrl(bundle) === undefined))
    throw new RangeError(`the trust bundle ${JSON.stringify(bundle)} must be a file or an https URL`);
}

/** Those for JWT-SVIDs, without the `use` that no JWK library knows; the others sign X.509 certificates. */
export async function readBundleKeys(bundle: string, fetchJson: FetchJson): Promise<JWK[]> {
  const document = isUrl(bundle) ? await fetchBundle(bundle, fetchJson) : await readFileBundle(bundle);
  const found = readKeySet(document, bundle).filter(
    ({ use, kid }) => use === 'jwt-svid' && kid !== undefined,
  );
  return found.map(({ use: _, ...key }) => key);
}

async function fetchBundle(bundle: string, fetchJson: FetchJson): Promise<JsonObject> {
  const answer = await fetchJson(new URL(bundle));
  if ('document' in answer) return answer.document;
  throw new KeysUnreachable(answer.instead);
}

async function readFileBundle(path: string): Promise<JsonObject> {
  let document: unknown;
  try {
    document = parseJson(await readBounded(path));
  } catch (cause) {
    throw new KeysUnreachable(`the trust bundle ${path} cannot be read`, { cause });
  }
  if (isRecord(document)) return document;
  throw new KeysUnreachable(`the trust bundle ${path} holds no JSON object`);
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function isUrl(bundle: string): boolean {
  return /^https?:\/\//i.test(bundle);
}
