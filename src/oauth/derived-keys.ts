/**
 * Derives one key per purpose and resource from a secret (HKDF with SHA-256, RFC 5869). A key for one purpose opens nothing
 * that was sealed for another, and what staging sealed does not open in production, even with the same secret.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
import { hkdfSync } from 'node:crypto';

export type KeyPurpose =
  | 'request-state'
  | 'approver-sessions'
  | 'approval-records'
  | 'approval-arguments'
  | 'registry-sessions';

const KEY_BYTES = 32;

/**
 * Returns the keys in the order of the secrets: the first seals or signs, and all of them open or verify.
 *
 * @throws RangeError unless each secret has 32 bytes
 */
export function deriveKeys(
  secrets: readonly Uint8Array[],
  purpose: KeyPurpose,
  resource: string,
): Uint8Array[] {
  if (secrets.some(({ length }) => length !== KEY_BYTES))
    throw new RangeError(`secret: expected ${KEY_BYTES} bytes`);
  const info = JSON.stringify(['barewire', purpose, resource]);
  return secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', info, KEY_BYTES)));
}
