/**
 * Seals state that travels through a client and must come back unchanged: AES-256-GCM, bound to its subject and an
 * expiry time. Replicas share keys. The first key seals and every key opens, so keys can be rotated.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Sealer } from '../mcp/mcp-server.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @throws RangeError unless there is a key and every key has 32 bytes */
export function createSealer(keys: readonly Uint8Array[], clock: () => Date): Sealer {
  const [sealingKey] = keys;
  if (sealingKey === undefined || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new RangeError(`a sealing key has ${KEY_BYTES} bytes`);
  }
  return {
    async seal(text, about, ttlMs) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, sealingKey, iv).setAAD(digest(about));
      const plain = JSON.stringify({ until: clock().getTime() + ttlMs, text });
      const cipherText = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), cipherText]).toString('base64url');
    },
    async open(seal, about) {
      const bytes = Buffer.from(seal, 'base64url');
      // Accept only the exact text that was sealed, because the decoder ignores stray characters.
      if (bytes.toString('base64url') !== seal) return undefined;
      for (const key of keys) {
        const plain = decrypt(key, bytes, about);
        if (plain === undefined) continue;
        const { until, text } = JSON.parse(plain) as { until: number; text: string };
        return until >= clock().getTime() ? text : undefined;
      }
      return undefined;
    },
  };
}

/** Reads base64url texts of 32 bytes each; without any, generates one key for this process. */
export function readSealingKeys(texts: readonly string[]): Uint8Array[] {
  return texts.length === 0 ? [randomBytes(KEY_BYTES)] : texts.map((text) => Buffer.from(text, 'base64url'));
}

function decrypt(key: Uint8Array, bytes: Buffer, about: string): string | undefined {
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES))
    .setAAD(digest(about))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    return undefined; // another key, another subject, or tampering
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
