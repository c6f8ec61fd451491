/**
 * Caches verified tokens, so that a token that comes with every request is verified once a minute. Entries are keyed by
 * digest and never outlive their token. The price: a revoked token or withdrawn key works until the entry expires.
 */
import { hash } from 'node:crypto';
import type { Principal } from '../wire/principal.js';

export type TokenCacheOptions = { entries: number; ageMs: number; clock: () => Date };

export class TokenCache {
  readonly #entries = new Map<string, { principal: Principal; from: number; until: number }>();
  readonly #options: TokenCacheOptions;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Principal | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#options.clock().getTime();
    if (now >= entry.from && now < entry.until) return entry.principal;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, principal: Principal): void {
    const { entries, ageMs, clock } = this.#options;
    const from = clock().getTime();
    const until = Math.min(from + ageMs, (principal.expiresAt ?? Number.POSITIVE_INFINITY) * 1000);
    // Removed first, so that the map stays in the order of age.
    this.#entries.delete(key);
    if (entries === 0 || until <= from) return;
    this.#entries.set(key, { principal, from, until });
    if (this.#entries.size <= entries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64');
}
