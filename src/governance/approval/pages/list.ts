/** The list of requests: those that wait for a decision, those of the reader, or the latest decisions, newest first. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { relativeTime } from '../../../pages/time.js';
import { unmistakable } from '../../../pages/visible.js';
import type { JsonObject } from '../../../wire/value.js';
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';
import { summaryOf } from './arguments.js';
import { addressOf, type Filter, isFiltered, matching, pageOf, pagesOf, VIEWS, type View } from './filter.js';
import { page, STATUS, statusOf, timeLeft } from './layout.js';

/** What people read about a tool. */
export type ToolWords = { title?: string; description?: string; inputSchema?: JsonObject };
export type ToolOf = (tool: string) => ToolWords | undefined;

export type ListPage = {
  session: Session;
  /** All of the view, newest first. */
  approvals: readonly Approval[];
  filter: Filter;
  now: Date;
  toolOf: ToolOf;
};

export function listPage({ session, approvals, filter, now, toolOf }: ListPage): Page {
  const { view } = filter;
  const matches = matching(approvals, filter);
  const summary = `${summaryText(view, matches.length, approvals.length)}.`;
  const rows = pageOf(matches, filter).map((approval) => row(approval, now, toolOf(approval.tool)));
  return page(
    {
      title: view === 'waiting' && matches.length > 0 ? `${matches.length} to decide` : 'Approvals',
      session,
    },
    html`<h1>Calls to approve</h1>
<p id="said" role="status" class="lead">${summary}</p>
<div data-live="list" data-said="${summary}">
${filters(approvals, filter, toolOf)}
${rows.length === 0 ? emptyList(filter) : html`<ul class="rows">${rows}</ul>`}
${pager(filter, pagesOf(matches))}
</div>`,
  );
}

function summaryText(view: View, matchCount: number, all: number): string {
  if (all === 0) return NOTHING[view];
  const count = matchCount === all ? `${matchCount}` : `${matchCount} of ${all}`;
  const noun = all === 1 ? '' : 's';
  if (view === 'mine') return `${count} call${noun} asked by you`;
  if (view === 'decided') return `${count} decision${noun}`;
  return `${count} call${noun} ${matchCount === 1 ? 'is' : 'are'} waiting for a decision`;
}

const NOTHING: { [Name in View]: string } = {
  waiting: 'No call is waiting for a decision',
  mine: 'You have asked for nothing lately',
  decided: 'Nothing was decided lately',
};
const EMPTY: { [Name in View]: Html } = {
  waiting: html`When a program asks for a call that changes something, such as <code>jira.create</code>, the call waits and appears here by itself. Leave this page open, or come back when a client hands you an address.`,
  mine: html`Your own requests appear here: those that wait, and those that were decided a short while ago.`,
  decided: html`Decisions appear here for a while. The audit log keeps them.`,
};

function emptyList(filter: Filter): Html {
  const words = isFiltered(filter)
    ? html`Nothing here matches. <a href="${addressOf(filter, { tool: undefined, person: undefined })}">Remove the filters</a>`
    : EMPTY[filter.view];
  return html`<div class="panel"><p>${words}</p></div>`;
}

/** How many tools and how many people are offered as filters: those with the most requests. */
const MAX_CHOICES = 8;

function filters(approvals: readonly Approval[], filter: Filter, toolOf: ToolOf): Html {
  const views = (Object.keys(VIEWS) as View[]).map((view) =>
    chip(VIEWS[view], addressOf(filter, { view, tool: undefined, person: undefined }), view === filter.view),
  );
  return html`<nav class="filters" aria-label="Filters">
<ul>${views}</ul>
${choices(
  approvals.map(({ tool }) => tool),
  filter,
  'tool',
  (tool) => toolOf(tool)?.title ?? tool,
)}
${choices(
  approvals.map(({ user }) => user),
  filter,
  'person',
)}
</nav>`;
}

/** One link for each value; following the link of an active filter removes it. */
function choices(
  values: readonly string[],
  filter: Filter,
  name: 'tool' | 'person',
  wordsOf: (value: string) => string = String,
): Html | undefined {
  const active = filter[name];
  const counts = new Map<string, number>(active === undefined ? [] : [[active, 0]]);
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size < 2 && active === undefined) return undefined;
  const most = [...counts].sort(([one, more], [other, less]) =>
    one === active ? -1 : other === active ? 1 : less - more,
  );
  const links = most.slice(0, MAX_CHOICES).map(([value, count]) => {
    const isActive = value === active;
    const words = html`<bdi>${unmistakable(wordsOf(value))}</bdi> <span class="number soft">${count}</span>${isActive && html`<span class="heard">, remove this filter</span>`}`;
    return chip(words, addressOf(filter, { [name]: isActive ? undefined : value }), isActive);
  });
  return html`<ul aria-label="${name === 'tool' ? 'Tools' : 'People who ask'}">${links}</ul>`;
}

function chip(words: Html | string, address: string, isActive: boolean): Html {
  return html`<li><a class="chip${isActive && ' on'}" href="${address}"${isActive && html` aria-current="true"`}>${words}</a></li>`;
}

function pager(filter: Filter, pages: number): Html | undefined {
  const { page } = filter;
  if (pages === 1) return undefined;
  return html`<nav class="line" aria-label="Pages">
${page > 1 && html`<a rel="prev" href="${addressOf(filter, { page: page - 1 })}">Newer</a>`}
<span class="soft">Page ${page} of ${pages}</span>
${page < pages && html`<a rel="next" href="${addressOf(filter, { page: page + 1 })}">Older</a>`}
</nav>`;
}

/** What would be done comes first, then who asks, and how long there is to decide. */
export function row(
  approval: Approval,
  now: Date,
  tool: ToolWords | undefined,
  heading: 'h2' | 'h3' = 'h2',
): Html {
  const { id, args, user, clientId, createdAt, expiresAt, decidedBy, decidedAt } = approval;
  const status = statusOf(approval, now);
  const { words, tone } = STATUS[status];
  const title = html`${tool?.title ?? unmistakable(approval.tool)}`;
  const summary = summaryOf(args, tool?.inputSchema);
  const level = html`${heading}`;
  const decision =
    decidedBy !== undefined &&
    html`; decided by <strong>${unmistakable(decidedBy.user)}</strong>${decidedAt !== undefined && html`, ${relativeTime(decidedAt, now)}`}`;
  return html`<li>
<div class="line"><${level}><a href="${APPROVALS_PATH}/${id}">${summary ?? title}</a></${level}><span class="status ${tone} aside">${status === 'pending' ? timeLeft(expiresAt, now) : words}</span></div>
<p class="soft small">${summary && html`${title} for `}<strong>${unmistakable(user)}</strong> through ${unmistakable(clientId)}, ${relativeTime(createdAt, now)}${decision}</p>
</li>`;
}
