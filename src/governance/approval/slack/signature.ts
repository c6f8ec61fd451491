/**
 * Whether a request comes from Slack: a keyed hash over its time and its very bytes, and not older than five minutes, lest
 * somebody send it once more.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds. */
const WINDOW_S = 300;

export type Signed = { timestamp: string | undefined; signature: string | undefined; body: Uint8Array };

/** Undefined when it holds, else what is wrong, for the log: the sender is not told. `now` in seconds since 1970. */
export function signatureProblem(
  secret: string,
  { timestamp = '', signature = '', body }: Signed,
  now: number,
): string | undefined {
  if (!/^\d{1,12}$/.test(timestamp)) return 'there is no timestamp';
  if (Math.abs(now - Number(timestamp)) > WINDOW_S)
    return `the timestamp is ${Math.round(now - Number(timestamp))} s old`;
  const made = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  const [right, given] = [Buffer.from(`v0=${made}`), Buffer.from(signature)];
  // Of another length it is no signature, and comparing would throw.
  if (right.length !== given.length || !timingSafeEqual(right, given)) return 'the signature does not match';
  return undefined;
}
