/**
 * Who is signed in to a service's pages. The session is sealed and stored by the person's own browser, for the exact origin
 * of the pages, and each request of the pages carries it in a header. No cookie holds it: a browser sends a host's cookies to
 * every port (RFC 6265, section 8.5), so any program on this machine could collect them. It ends with the token that it was
 * made from, or when the person signs out; the token itself is read once and not stored.
 */
import { randomBytes } from 'node:crypto';
import type { Sealer } from '../../wire/mcp/mcp-server.js';
import type { Principal } from '../../wire/principal.js';

/** Carries the session. No form can send it, and no page of another origin can read or send it. */
export const SESSION_HEADER = 'barewire-session';
/** The value of that header in the answer to a request without a session, or with one that has ended. */
export const NO_SESSION = 'none';

export type Session = {
  issuer: string;
  user: string;
  tenant: string;
  /** Milliseconds since 1970. */
  until: number;
  /** The list of ended sessions in which this one is looked up (ended-sessions.ts). */
  list: string;
  /** In every form that is shown to this session: a form that was shown to somebody else decides nothing. */
  csrf: string;
};

/** However long the token lives. */
const MAX_MS = 60 * 60_000;

/** When a session of this token ends; undefined when the token has expired already. */
export function sessionEnd({ expiresAt }: Principal, now: Date): number | undefined {
  const latest = now.getTime() + MAX_MS;
  const until = expiresAt === undefined ? latest : Math.min(latest, expiresAt * 1000);
  return until <= now.getTime() ? undefined : until;
}

export function newSession({ issuer, user, tenant }: Principal, until: number, list: string): Session {
  return { issuer, user, tenant, until, list, csrf: randomBytes(24).toString('base64url') };
}

/** A value that a browser stores, and that only this server can write and read, for one purpose and a limited time. */
export type SealedValue<Value> = {
  /** Undefined when there is none, or when it is expired, forged or sealed for another purpose. */
  open(sealed: string | undefined): Promise<Value | undefined>;
  seal(value: Value, ttlMs: number): Promise<string>;
};

/** `resource` is part of the purpose: another server with the same keys cannot use the value. */
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
