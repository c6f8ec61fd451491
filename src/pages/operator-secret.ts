/**
 * The trace and the metrics are for the operator alone, so a secret protects them. The sender's address
 * proves nothing: a proxy on this machine has a local address and may send any Host.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** The comparison takes the same time wherever the texts differ, and whatever their lengths. */
export function isSecret(text: string, secret: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(text), digest(secret));
}

export function hasBearer(authorization: string | undefined, secret: string): boolean {
  return isSecret(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '', secret);
}

/**
 * `/metrics` with the secret as a bearer token, which no log records, or `/metrics/<secret>` for a browser.
 */
export function asksForMetrics(path: string, authorization: string | undefined, secret: string): boolean {
  if (path === '/metrics') return hasBearer(authorization, secret);
  return path.startsWith('/metrics/') && isSecret(path.slice('/metrics/'.length), secret);
}
