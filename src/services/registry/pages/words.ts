/** Small things that the pages show alike: states, severities, times, people, links that lead elsewhere. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Actor, ServerState, Severity, ToolState } from '../entry.js';

export const STATES: { [Name in ServerState | ToolState | 'failing']: string } = {
  on: 'On',
  off: 'Off',
  quarantined: 'In quarantine',
  pending: 'Pending',
  failing: 'Failing',
};
const STATE_LOOKS: { [Name in ServerState]: string } = {
  on: 'good',
  off: 'off',
  quarantined: 'warn',
  pending: '',
};

export function stateBadge(state: ServerState): Html {
  return badge(STATES[state], STATE_LOOKS[state]);
}

export const SEVERITIES: { [Name in Severity]: { word: string; look: string } } = {
  error: { word: 'Error', look: 'bad' },
  warning: { word: 'Warning', look: 'warn' },
  info: { word: 'Note', look: '' },
};

export function badge(text: string, look = ''): Html {
  return html`<span class="badge ${look}">${text}</span>`;
}

/** Nobody knows the reader's time zone here, so it is said which one is meant. */
export function moment(at: string): Html {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return visible(at);
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

export function who({ user, tenant }: Actor): Html {
  if (user === 'registry' && tenant === undefined) return html`the registry`;
  return html`<strong>${visible(user)}</strong>${tenant === undefined ? undefined : html` of ${visible(tenant)}`}`;
}

/** A link only where a browser would ask a web server for it; everything else is text. */
export function outside(address: string): Html {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return html`<code>${visible(address)}</code>`;
  return html`<a href="${url.href}" rel="noreferrer"><code>${visible(address)}</code></a>`;
}

export function listed(parts: readonly Html[], between: Html): Html {
  return html`${parts.flatMap((part, at) => (at === 0 ? [part] : [between, part]))}`;
}

/** `1 tool`, `2 tools` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
