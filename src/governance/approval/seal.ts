/**
 * The seal of an approval's row: HMAC-SHA256 over the canonical JSON of everything in it. Somebody who can write to the shared
 * state but has no approval key cannot approve, change what an approver sees, extend an approval, or move a decision to another
 * call. They can still delete rows and restore earlier ones; because of that each process remembers which approvals it used
 * (uses.ts).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../wire/jsonrpc/canonical.js';
import type { JsonObject } from '../../wire/value.js';
import { type Approval, isApproval } from './approval.js';
import { keyOf } from './binding.js';

/** The first key seals, and all of them open. */
export type SealKeys = readonly Uint8Array[];

/** A key shorter than the hash's output would make the seal weaker than the hash. */
const MIN_KEY_BYTES = 32;

/** @throws RangeError without keys, or with a short one, because such a seal stops nobody. */
export function checkKeys(keys: SealKeys): SealKeys {
  if (keys.length === 0)
    throw new RangeError('approvals: expected at least one key to seal rows with, received none');
  const short = keys.find((key) => key.byteLength < MIN_KEY_BYTES);
  if (short !== undefined)
    throw new RangeError(
      `approval key: expected at least ${MIN_KEY_BYTES} bytes, received ${short.byteLength}`,
    );
  return keys;
}

export function sealRow(approval: Approval, keys: SealKeys): JsonObject {
  const [first] = keys;
  if (first === undefined) throw new RangeError('approvals: expected a key to seal with, received none');
  return { ...approval, seal: macOf(approval, first).toString('base64url') };
}

/** The approval in the row with that key; undefined unless its seal is valid for this row and this key. */
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
    // Numbers that JSON cannot represent, or nesting deeper than the stack: this service writes no such row.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function macOf(content: JsonObject, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(canonicalJson(content)).digest();
}
