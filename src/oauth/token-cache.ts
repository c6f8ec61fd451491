/**
 * Tokens that were verified a moment ago, so that one that comes with every request is verified once a minute. Kept by
 * digest: a token itself stays in memory as long as its call, which may go on as a task. An entry never outlives its token. The
 * price: a revoked token or withdrawn key still works until the entry expires.
 */
import { hash } from 'node:crypto';
import type { Principal } from '../wire/principal.js';

export type TokenCacheOptions = { entries: number; ageMs: number; clock: () => Date };

export class TokenCache {
  readonly #held = new Map<string, { principal: Principal; from: number; until: number }>();
  readonly #options: TokenCacheOptions;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  get(key: string): Principal | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    const now = this.#options.clock().getTime();
    if (now >= held.from && now < held.until) return held.principal;
    this.#held.delete(key);
    return undefined;
  }

  set(key: string, principal: Principal): void {
    const { entries, ageMs, clock } = this.#options;
    const from = clock().getTime();
    const until = Math.min(from + ageMs, (principal.expiresAt ?? Number.POSITIVE_INFINITY) * 1000);
    // Out and in again, so that the order of the map is the order of age.
    this.#held.delete(key);
    if (entries === 0 || until <= from) return;
    this.#held.set(key, { principal, from, until });
    if (this.#held.size <= entries) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      return;
    }
  }
}

export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64');
}
