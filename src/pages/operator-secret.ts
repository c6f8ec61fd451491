/**
 * What is for the operator alone, the trace and the metrics, stands behind a secret. Where a request comes from tells nothing:
 * a proxy on this machine has a local address, may send any Host, and need not say that it is one.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** A comparison that takes as long for a near miss as for a wild guess, whatever the lengths. */
export function isSecret(given: string, secret: string): boolean {
  const [one, other] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** `/metrics` with the secret as a bearer token, which no access log keeps, or `/metrics/<secret>` for a browser. */
export function asksForMetrics(path: string, authorization: string | undefined, secret: string): boolean {
  if (path === '/metrics') return isSecret(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '', secret);
  return path.startsWith('/metrics/') && isSecret(path.slice('/metrics/'.length), secret);
}
