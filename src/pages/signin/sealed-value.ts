/**
 * A value that only this server can write and read, for one purpose and for a time. A page keeps it in the storage of its
 * exact origin and hands it back; what is in it is its user's affair.
 */
import type { Sealer } from '../../wire/mcp/mcp-server.js';

export type SealedValue<Value> = {
  /** Undefined when there is none, or one that is too old, not ours or for another purpose. */
  open(sealed: string | undefined): Promise<Value | undefined>;
  seal(value: Value, ttlMs: number): Promise<string>;
};

/** `resource` is part of the purpose: what one server sealed is nothing to another with the same keys. */
export function createSealedValue<Value>(
  purpose: string,
  { resource, sealer }: { resource: string; sealer: Sealer },
): SealedValue<Value> {
  const about = JSON.stringify(['page', purpose, resource]);
  return {
    async open(sealed) {
      const text = sealed === undefined ? undefined : await sealer.open(sealed, about);
      // What opens was sealed below.
      return text === undefined ? undefined : (JSON.parse(text) as Value);
    },
    seal: (value, ttlMs) => sealer.seal(JSON.stringify(value), about, ttlMs),
  };
}
