/**
 * Who is signed in to a service's pages. It is sealed and kept in the storage of the pages' exact origin, in the person's own
 * browser, and each request of the pages carries it in a header. It is in no cookie: a browser sends the cookies of a host to
 * every port of it (RFC 6265, section 8.5), so any program on this machine could collect them. It ends with the token that
 * it was made from, or when the person signs out; the token itself is read once and not stored.
 */
import { randomBytes } from 'node:crypto';
import type { Principal } from '../../wire/principal.js';

/** Carries the session. No form can send it, and no page of another origin can read or send it. */
export const SESSION_HEADER = 'barewire-session';
/** The value of that header in an answer to a request that had no session, or one that has ended. */
export const NO_SESSION = 'none';

export type Session = {
  issuer: string;
  user: string;
  tenant: string;
  /** Milliseconds since 1970. */
  until: number;
  /** The list of ended sessions in which this one is looked up (signed-out.ts). */
  list: string;
  /** In every form that is shown to this session: a form that was shown to somebody else decides nothing. */
  csrf: string;
};

/** However long the token lives. */
const MAX_MS = 60 * 60_000;

/** When a session of this token ends; undefined when the token has expired already. */
export function endOf({ expiresAt }: Principal, now: Date): number | undefined {
  const most = now.getTime() + MAX_MS;
  const until = expiresAt === undefined ? most : Math.min(most, expiresAt * 1000);
  return until <= now.getTime() ? undefined : until;
}

export function sessionOf({ issuer, user, tenant }: Principal, until: number, list: string): Session {
  return { issuer, user, tenant, until, list, csrf: randomBytes(24).toString('base64url') };
}
