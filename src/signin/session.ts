/**
 * Who is signed in to a service's pages. It is kept in the person's own browser, sealed, and ends with the token that it was
 * made from; the token itself is looked at once and kept nowhere.
 */
import { randomBytes } from 'node:crypto';
import type { Principal } from '../principal.js';

export type Session = {
  issuer: string;
  user: string;
  tenant: string;
  /** Milliseconds since 1970. */
  until: number;
  /** In every form that is shown to this session, and in no page of anybody else. */
  csrf: string;
};

/** However long the token lives. */
const MOST_MS = 60 * 60_000;

/** Undefined when the token has ended already. */
export function sessionOf(principal: Principal, now: Date): Session | undefined {
  const { issuer, user, tenant, expiresAt } = principal;
  const most = now.getTime() + MOST_MS;
  const until = expiresAt === undefined ? most : Math.min(most, expiresAt * 1000);
  if (until <= now.getTime()) return undefined;
  return { issuer, user, tenant, until, csrf: randomBytes(24).toString('base64url') };
}
