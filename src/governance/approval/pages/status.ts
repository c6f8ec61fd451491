/** The status of a request, from its record and the time, in the words that people read. */

import { type Html, html } from '../../../pages/html.js';
import type { Approval } from '../approval.js';

/** `lapsed`: approved, and not used in time. */
export type Status = 'pending' | 'approved' | 'refused' | 'consumed' | 'expired' | 'lapsed';

export function statusOf({ state, expiresAt }: Approval, now: Date): Status {
  if (expiresAt > now.getTime()) return state;
  if (state === 'pending') return 'expired';
  return state === 'approved' ? 'lapsed' : state;
}

/** Whether the time ran out before the request was decided or its approval used. */
export function ranOut(status: Status): boolean {
  return status === 'expired' || status === 'lapsed';
}

/** The words, and the class of the box they stand in. */
export const STATUS: { [Name in Status]: { words: string; tone: string } } = {
  pending: { words: 'Waiting for a decision', tone: 'warn' },
  approved: { words: 'Approved, not used yet', tone: 'good' },
  refused: { words: 'Refused', tone: 'bad' },
  consumed: { words: 'Approved and used', tone: 'good' },
  expired: { words: 'Expired: nobody decided in time', tone: '' },
  lapsed: { words: 'Approved, but not used in time', tone: '' },
};

/** In UTC, because the server does not know the reader's time zone. */
export function timeElement(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

export function timeLeft(expiresAt: number, now: Date): string {
  const minutes = Math.floor((expiresAt - now.getTime()) / 60_000);
  if (minutes < 1) return 'less than a minute left';
  return minutes === 1 ? '1 minute left' : `${minutes} minutes left`;
}
