/** Times as people say them, with the exact one in a tooltip: in UTC, because a server does not know the reader's time zone. */
import { type Html, html } from './html.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Anything longer ago shows its date. */
const MAX_DAYS = 30;

/** `3 min ago`, `in 2 h`. */
export function relativeTime(ms: number, now: Date): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}" title="${exact(iso)}">${words(ms - now.getTime(), iso)}</time>`;
}

/** `2026-03-02 09:30:00 UTC` */
export function exactTime(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${exact(iso)}</time>`;
}

function exact(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function words(fromNow: number, iso: string): string {
  const distance = Math.abs(fromNow);
  if (distance < MINUTE_MS) return fromNow > 0 ? 'in less than a minute' : 'just now';
  if (distance >= MAX_DAYS * DAY_MS) return iso.slice(0, 10);
  const amount = amountOf(distance);
  return fromNow > 0 ? `in ${amount}` : `${amount} ago`;
}

function amountOf(distance: number): string {
  if (distance < HOUR_MS) return `${Math.floor(distance / MINUTE_MS)} min`;
  if (distance < DAY_MS) return `${Math.floor(distance / HOUR_MS)} h`;
  const days = Math.floor(distance / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}
