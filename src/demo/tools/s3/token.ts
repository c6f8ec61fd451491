/**
 * Continuation tokens of s3.list: where a page ended, bound to the listing it belongs to. The digest is there to
 * tell a token from a mistake, not to keep a secret: a forged token could only name a place in the same listing.
 */
import { createHash } from 'node:crypto';

export type Listing = { bucket: string; prefix: string; delimiter: string };

/** The last thing on the page: an object's key, or a common prefix, all of whose keys are done. */
export type Place = { kind: 'key' | 'prefix'; text: string };

export function writeToken(listing: Listing, { kind, text }: Place): string {
  const body = (kind === 'key' ? 'k' : 'p') + text;
  return Buffer.from(digest(listing, body) + body).toString('base64url');
}

/** Undefined when it is no token of this listing. */
export function readToken(listing: Listing, token: string): Place | undefined {
  const written = Buffer.from(token, 'base64url').toString();
  const body = written.slice(DIGEST_LENGTH);
  if (digest(listing, body) !== written.slice(0, DIGEST_LENGTH)) return undefined;
  return { kind: body.startsWith('k') ? 'key' : 'prefix', text: body.slice(1) };
}

const DIGEST_LENGTH = 16;

function digest({ bucket, prefix, delimiter }: Listing, body: string): string {
  const whole = JSON.stringify([bucket, prefix, delimiter, body]);
  return createHash('sha256').update(whole).digest('base64url').slice(0, DIGEST_LENGTH);
}
