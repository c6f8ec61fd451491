/**
 * The seal of an approval's row: HMAC-SHA256 over the canonical JSON of everything in it. Whoever can write to the shared state
 * but has no approval key can neither approve, nor change what an approver sees, nor extend an approval, nor move a decision to
 * another call. They can still delete rows, and put an earlier row back: against that a process remembers what it has used (uses.ts).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../jsonrpc/canonical.js';
import type { JsonObject } from '../value.js';
import { type Approval, isApproval } from './approval.js';
import { keyOf } from './binding.js';

/** The first key seals, and all of them open. */
export type SealKeys = readonly Uint8Array[];

/** A key that fits in the hash's block but is short of its length would be weaker than the hash. */
const MIN_KEY_BYTES = 32;

/** @throws RangeError without keys, or with a short one: such a seal would stop nobody. */
export function checkKeys(keys: SealKeys): SealKeys {
  if (keys.length === 0) throw new RangeError('approvals need at least one key to seal their rows with');
  const short = keys.find((key) => key.byteLength < MIN_KEY_BYTES);
  if (short !== undefined)
    throw new RangeError(`a key of approvals must have ${MIN_KEY_BYTES} bytes, received ${short.byteLength}`);
  return keys;
}

export function sealRow(approval: Approval, keys: SealKeys): JsonObject {
  const [first] = keys;
  if (first === undefined) throw new RangeError('there is no key to seal an approval with');
  return { ...approval, seal: macOf(approval, first).toString('base64url') };
}

/** The approval in the row with that key; undefined unless the row is as it was sealed, for that key. */
export function openRow(row: JsonObject, key: string, keys: SealKeys): Approval | undefined {
  const { seal, ...content } = row;
  if (typeof seal !== 'string' || !isApproval(content)) return undefined;
  try {
    const given = Buffer.from(seal, 'base64url');
    const holds = keys.some((one) => {
      const mac = macOf(content, one);
      return mac.byteLength === given.byteLength && timingSafeEqual(mac, given);
    });
    return holds && keyOf(content) === key ? content : undefined;
  } catch (error) {
    // Numbers that JSON cannot write again, and nesting deeper than the stack: no row of ours has either.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function macOf(content: JsonObject, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(canonicalJson(content)).digest();
}
