/** Where a request stands, told from the record and the time, in the words that a person reads. */

import { type Html, html } from '../../../pages/html.js';
import type { Approval } from '../approval.js';

/** `lapsed`: approved, and not used in time. */
export type Standing = 'pending' | 'approved' | 'refused' | 'consumed' | 'expired' | 'lapsed';

export function standingOf({ state, expiresAt }: Approval, now: Date): Standing {
  const over = expiresAt <= now.getTime();
  if (state === 'pending' && over) return 'expired';
  if (state === 'approved' && over) return 'lapsed';
  return state;
}

/** Nothing can come of these any more, and nothing did. */
export const OVER: readonly Standing[] = ['expired', 'lapsed'];

export const WORDS: { [Name in Standing]: string } = {
  pending: 'Waits for a decision',
  approved: 'Approved, not used yet',
  refused: 'Refused',
  consumed: 'Approved and used',
  expired: 'Expired: nobody decided in time',
  lapsed: 'Approved, but not used in time',
};

/** Nobody knows the reader's time zone here, so it is said which one is meant. */
export function moment(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

export function left(expiresAt: number, now: Date): string {
  const seconds = Math.max(0, Math.floor((expiresAt - now.getTime()) / 1000));
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.floor(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
