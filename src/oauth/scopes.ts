/**
 * Scopes: read from whichever claim an authorization server puts them in, and completed by what they include. Which
 * tool needs which scope is decided elsewhere.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 */
import type { JsonObject } from '../wire/value.js';
import { quoted } from './audience.js';
import { TokenRefused } from './token-refused.js';

/** The scope that stands for a person's approval. It counts only for a while; see policy. */
export const APPROVED = 'approved:by:human';

const CLAIMS = ['scope', 'scp', 'scopes'] as const;
const SCOPE = /^[!#-[\]-~]+$/;

export function isScope(value: unknown): value is string {
  return typeof value === 'string' && SCOPE.test(value);
}

/**
 * Each scope once, in the order of the token: texts are lists parted by spaces, arrays hold one scope an element.
 *
 * @throws TokenRefused
 */
export function readScopes(claims: JsonObject): string[] {
  const scopes = CLAIMS.flatMap((name) => {
    const value = claims[name] ?? [];
    const list: unknown = typeof value === 'string' ? value.split(' ').filter(Boolean) : value;
    if (Array.isArray(list) && list.every(isScope)) return list;
    throw new TokenRefused('claims', `"${name}" must be scopes, received ${quoted(value)}`);
  });
  return [...new Set(scopes)];
}

export type Hierarchy = (scopes: readonly string[]) => readonly string[];

/**
 * The scopes, then everything that follows from them.
 *
 * @throws RangeError when the hierarchy names what is no scope, or hands out a person's approval.
 */
export function createHierarchy(implies: { [scope: string]: readonly string[] }): Hierarchy {
  const direct = new Map(Object.entries(implies));
  for (const [scope, included] of direct) {
    const odd = [scope, ...included].find((one) => !isScope(one));
    if (odd !== undefined) throw new RangeError(`${quoted(odd)} is no scope`);
    if (scope !== APPROVED && included.includes(APPROVED)) {
      throw new RangeError(`${scope} cannot include ${APPROVED}: only a person can give it`);
    }
  }
  return (scopes) => {
    // A set may grow while it is walked, and each member is met once: circles end by themselves.
    const all = new Set(scopes);
    for (const scope of all) for (const included of direct.get(scope) ?? []) all.add(included);
    return [...all];
  };
}
