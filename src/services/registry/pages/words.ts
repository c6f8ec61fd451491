/** Small parts that the pages share: states, severities, times, people, links to other sites. */
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

/** In UTC, since the registry does not know the reader's time zone. */
export function timestamp(at: string): Html {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return visible(at);
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

export function actorName({ user, tenant }: Actor): Html {
  if (user === 'registry' && tenant === undefined) return html`the registry`;
  return html`<strong>${visible(user)}</strong>${tenant === undefined ? undefined : html` of ${visible(tenant)}`}`;
}

/** A link if a browser would fetch the address from a web server, otherwise text. */
export function webLink(address: string): Html {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return html`<code>${visible(address)}</code>`;
  return html`<a href="${url.href}" rel="noreferrer"><code>${visible(address)}</code></a>`;
}

export function join(parts: readonly Html[], separator: Html): Html {
  return html`${parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))}`;
}

/** `1 tool`, `2 tools` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
