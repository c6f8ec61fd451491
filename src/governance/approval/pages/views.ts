/** What people who are signed in read: the list of requests that wait for a decision, and one request with its form. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { exactTime, relativeTime } from '../../../pages/time.js';
import { visible } from '../../../pages/visible.js';
import { isRecord, shorten } from '../../../wire/value.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, MAX_COMMENT, readableReason, type ShownApproval } from '../approval.js';
import { page, ranOut, SIGN_IN_PATH, STATUS, type Status, statusOf, timeLeft } from './layout.js';

/** How much of a call one line of the list shows: so many arguments, each up to so many characters. */
const MAX_SHOWN = 4;
const MAX_VALUE = 80;

/** All requests that wait for a decision, newest first. */
export function listPage(
  session: Session,
  approvals: readonly Approval[],
  now: Date,
  titleOf: (tool: string) => string | undefined,
): Page {
  const count = approvals.length;
  const calls = count === 1 ? '1 call is' : `${count} calls are`;
  const summary = count === 0 ? 'No call is waiting for a decision.' : `${calls} waiting for a decision.`;
  const rows = approvals.map((approval) => row(approval, now, titleOf(approval.tool)));
  return page(
    { title: count === 0 ? 'Approvals' : `${count} to decide`, session },
    html`<h1>Calls to approve</h1>
<p id="said" role="status" class="lead">${summary}</p>
<div data-live="list" data-said="${summary}">
${count === 0 ? EMPTY : html`<ul class="rows">${rows}</ul>`}
</div>`,
  );
}

const EMPTY = html`<div class="panel"><p>When a program asks for a call that changes something, such as <code>jira.create</code>, the call waits and appears here by itself. Leave this page open, or come back when a client hands you an address.</p></div>`;

/** What would be done comes first, then who asks, and how long there is to decide. */
function row(
  { id, tool, args, user, clientId, createdAt, expiresAt }: Approval,
  now: Date,
  title?: string,
): Html {
  return html`<li>
<div class="line"><h2><a href="${APPROVALS_PATH}/${id}">${title ?? visible(tool)}</a></h2><span class="status warn aside">${timeLeft(expiresAt, now)}</span></div>
<p class="what">${argumentLine(args)}</p>
<p class="soft small"><strong>${visible(user)}</strong> through ${visible(clientId)}, ${relativeTime(createdAt, now)}${title && html` · <code>${visible(tool)}</code>`}</p>
</li>`;
}

/** The page of the call has all of it. */
function argumentLine(args: unknown): Html {
  const entries = isRecord(args) ? Object.entries(args) : [];
  const parts = entries.slice(0, MAX_SHOWN).map(([name, value], at) => {
    const text = typeof value === 'string' ? value : toJson(value, 0);
    return html`${at > 0 && ' · '}<span class="soft">${visible(shorten(name, MAX_VALUE))}</span> ${visible(shorten(text.replace(/\s+/g, ' '), MAX_VALUE))}`;
  });
  const more = entries.length - MAX_SHOWN;
  return html`${entries.length === 0 && html`<span class="soft">no arguments</span>`}${parts}${more > 0 && html` <span class="soft">and ${more} more</span>`}`;
}

export type DetailPage = {
  session: Session;
  approval: ShownApproval;
  now: Date;
  /** Whether the viewer made the request and so may not approve it. */
  own: boolean;
  tool: { title?: string; description?: string } | undefined;
  /** What was wrong with the form that was sent, and the comment in it. */
  problem?: string;
  comment?: string;
};

export function detailPage(view: DetailPage): Page {
  const { session, approval, now, tool, problem } = view;
  const status = statusOf(approval, now);
  const title = tool?.title ?? approval.tool;
  const { words } = STATUS[status];
  const isPending = status === 'pending';
  return page(
    { title: `${words}: ${title}`, session, wide: true },
    html`<p id="said" role="status" class="heard"></p>
<p class="kicker"><a href="${APPROVALS_PATH}">Pending approvals</a></p>
<div data-live="${isPending ? 'one' : 'done'}" data-said="${words}.">
<h1>${visible(title)}</h1>
${tool?.description && html`<p class="lead">${tool.description}</p>`}
${problem && html`<p class="box bad" role="alert">${problem}</p>`}
<div class="decide">
${statusBox(approval, status, now)}
<div class="asked">
<section class="panel" aria-labelledby="arguments">
<h2 id="arguments">Arguments</h2>
${argumentsTable(approval.realArgs ?? approval.args)}
<p class="soft small">${seenAs(approval)} A decision is valid for exactly these arguments, SHA-256 <code>${approval.digest}</code>.</p>
</section>
${facts(view, status)}
</div>
${isPending ? decision(view) : undefined}
</div>
</div>`,
  );
}

/** How these arguments relate to those that the tool receives. */
function seenAs({ realArgs, masked }: ShownApproval): string {
  if (realArgs !== undefined)
    return 'You see them as the tool receives them, and the audit log says that you did. Everywhere else, personal data and secrets in them are masked.';
  return masked === true
    ? 'Personal data and secrets are masked here.'
    : 'The tool receives them as they are here.';
}

function statusBox(approval: Approval, status: Status, now: Date): Html {
  const { decidedBy, decidedVia, decidedAt, comment, consumedAt, expiresAt } = approval;
  const { words, tone } = STATUS[status];
  const canBeUsed = status === 'pending' || status === 'approved';
  const verdict = status === 'refused' ? 'Refused' : 'Approved';
  const via = decidedVia && ` (${decidedVia === 'page' ? 'on this page' : decidedVia})`;
  const at = decidedAt && html`, ${exactTime(decidedAt)}`;
  return html`<div class="box ${tone}">
<p><strong>${words}</strong>${canBeUsed && html`, ${timeLeft(expiresAt, now)}`}</p>
${decidedBy && html`<p>${verdict} by <strong>${visible(decidedBy.user)}</strong>${via}${at}.</p>`}
${comment ? html`<p>“<span class="text" dir="auto">${visible(comment)}</span>”</p>` : undefined}
${consumedAt && html`<p>The call ran, ${exactTime(consumedAt)}.</p>`}
</div>`;
}

function facts({ approval }: DetailPage, status: Status): Html {
  const { user, tenant, clientId, issuer, server, createdAt, expiresAt } = approval;
  return html`<section class="panel" aria-labelledby="about">
<h2 id="about">About this request</h2>
<dl>
<dt>Requested by</dt><dd><strong>${visible(user)}</strong> of ${visible(tenant)}<br><span class="soft small">signed in at ${visible(issuer)}</span></dd>
<dt>Through the client</dt><dd><code>${visible(clientId)}</code></dd>
<dt>Tool</dt><dd><code>${visible(approval.tool)}</code> at ${server}</dd>
<dt>Why a person decides</dt><dd>${visible(readableReason(approval))}</dd>
<dt>Requested</dt><dd>${exactTime(createdAt)}</dd>
<dt>${ranOut(status) ? 'Was valid until' : 'Valid until'}</dt><dd>${exactTime(expiresAt)}</dd>
</dl>
</section>`;
}

function decision({ session, approval, own, comment = '' }: DetailPage): Html {
  const path = `${APPROVALS_PATH}/${approval.id}`;
  const isHidden = approval.masked === true && approval.realArgs === undefined;
  if (own) {
    return html`<section class="panel verdict" aria-labelledby="decision">
<h2 id="decision">Your decision</h2>
<p>This is your own request, so somebody else has to decide. <a href="${signInAddress(SIGN_IN_PATH, path, true)}">Sign in as somebody else</a></p>
</section>`;
  }
  return html`<section class="panel verdict" aria-labelledby="decision">
<h2 id="decision">Your decision</h2>
<form method="post" action="${path}">
<input type="hidden" name="csrf" value="${session.csrf}">
<label for="comment">Comment</label>
<p id="comment-hint" class="soft small">Optional. It is stored with the decision.</p>
<textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}" aria-describedby="comment-hint">${comment}</textarea>
${isHidden && html`<p>Nobody may approve what they cannot see, so this call can only be refused.</p>`}
<div class="actions">
${isHidden ? undefined : html`<button class="btn go" name="verdict" value="approve">Approve</button>`}
<button class="btn no" name="verdict" value="refuse">Refuse</button>
</div>
</form>
</section>`;
}

/** All arguments of a call, and none shortened: one row for each, then all of them as JSON, which tells the number 1 from the text "1". */
export function argumentsTable(args: unknown): Html {
  const rows = isRecord(args) ? Object.entries(args) : [];
  return html`${rows.length === 0 ? undefined : argumentRows(rows)}
<details${rows.length === 0 ? html` open` : undefined}><summary>As JSON</summary>
<pre>${visible(toJson(args))}</pre></details>`;
}

function argumentRows(rows: readonly [string, unknown][]): Html {
  const cells = rows.map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${visible(name)}</code></th><td>${cell(value)}</td></tr>`,
  );
  return html`<table class="arguments">
<caption class="heard">What the tool receives</caption>
<thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>${cells}</tbody>
</table>`;
}

function cell(value: unknown): Html {
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value === 'string') return html`<span class="text" dir="auto">${visible(value)}</span>`;
  return html`<code class="text">${visible(toJson(value))}</code>`;
}

function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent) ?? 'none';
}
