/** What people who are signed in read: the list of requests that wait for a decision, and one request with its form. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { visible } from '../../../pages/visible.js';
import { isRecord } from '../../../wire/value.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, MAX_COMMENT, readableReason } from '../approval.js';
import {
  page,
  ranOut,
  SIGN_IN_PATH,
  STATUS,
  type Status,
  statusOf,
  timeElement,
  timeLeft,
} from './layout.js';

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
<p id="said" role="status">${summary}</p>
<div data-live="list" data-said="${summary}">
${count === 0 ? html`<p class="soft">When a program asks for a call that changes something, it appears here.</p>` : listTable(rows)}
</div>`,
  );
}

function listTable(rows: readonly Html[]): Html {
  return html`<table class="list">
<caption>Newest first</caption>
<thead><tr><th scope="col">Call</th><th scope="col">Requested by</th><th scope="col">Time</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
}

function row({ id, tool, user, clientId, createdAt, expiresAt }: Approval, now: Date, title?: string): Html {
  return html`<tr>
<th scope="row"><a href="${APPROVALS_PATH}/${id}">${title ?? visible(tool)}</a>${title && html`<code class="soft">${visible(tool)}</code>`}</th>
<td>${visible(user)}<br><span class="soft">through ${visible(clientId)}, ${timeElement(createdAt)}</span></td>
<td>${timeLeft(expiresAt, now)}</td>
</tr>`;
}

export type DetailPage = {
  session: Session;
  approval: Approval;
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
    { title: `${words}: ${title}`, session },
    html`<p id="said" role="status" class="aside"></p>
<div data-live="${isPending ? 'one' : 'done'}" data-said="${words}.">
<h1>${visible(title)}</h1>
${problem && html`<p class="box bad" role="alert">${problem}</p>`}
${statusBox(approval, status)}
${facts(view, status)}
<h2>Arguments</h2>
${argumentsTable(approval.args)}
<p class="soft">Values that policy hides are masked here. A decision is valid for exactly these arguments, SHA-256 <code>${approval.digest}</code>.</p>
${isPending ? decision(view) : undefined}
</div>`,
  );
}

function statusBox(approval: Approval, status: Status): Html {
  const { decidedBy, decidedVia, decidedAt, comment, consumedAt } = approval;
  const { words, tone } = STATUS[status];
  const verdict = status === 'refused' ? 'Refused' : 'Approved';
  const via = decidedVia && ` (${decidedVia === 'page' ? 'on this page' : decidedVia})`;
  const at = decidedAt && html`, ${timeElement(decidedAt)}`;
  return html`<div class="box ${tone}">
<p><strong>${words}</strong></p>
${decidedBy && html`<p>${verdict} by <strong>${visible(decidedBy.user)}</strong>${via}${at}.</p>`}
${comment ? html`<p>“<span class="text" dir="auto">${visible(comment)}</span>”</p>` : undefined}
${consumedAt && html`<p>The call ran, ${timeElement(consumedAt)}.</p>`}
</div>`;
}

function facts({ approval, now, tool }: DetailPage, status: Status): Html {
  const { user, tenant, clientId, issuer, server, createdAt, expiresAt } = approval;
  const canBeUsed = status === 'pending' || status === 'approved';
  return html`<dl>
<dt>Requested by</dt><dd><strong>${visible(user)}</strong> of ${visible(tenant)}<br><span class="soft">signed in at ${visible(issuer)}</span></dd>
<dt>Through the client</dt><dd><code>${visible(clientId)}</code></dd>
<dt>Tool</dt><dd><code>${visible(approval.tool)}</code> at ${server}${tool?.description && html`<br>${tool.description}`}</dd>
<dt>Why a person decides</dt><dd>${visible(readableReason(approval))}</dd>
<dt>Requested</dt><dd>${timeElement(createdAt)}</dd>
${canBeUsed ? html`<dt>Valid until</dt><dd>${timeElement(expiresAt)}, ${timeLeft(expiresAt, now)}</dd>` : undefined}
${ranOut(status) ? html`<dt>Was valid until</dt><dd>${timeElement(expiresAt)}</dd>` : undefined}
</dl>`;
}

function decision({ session, approval: { id }, own, comment = '' }: DetailPage): Html {
  const path = `${APPROVALS_PATH}/${id}`;
  if (own) {
    return html`<h2>Your decision</h2>
<p class="box">This is your own request, so somebody else has to decide. <a href="${signInAddress(SIGN_IN_PATH, path, true)}">Sign in as somebody else</a></p>`;
  }
  return html`<h2>Your decision</h2>
<form method="post" action="${path}">
<input type="hidden" name="csrf" value="${session.csrf}">
<label for="comment">Comment</label>
<p id="comment-hint" class="soft">Optional. It is stored with the decision.</p>
<textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}" aria-describedby="comment-hint">${comment}</textarea>
<div class="actions">
<button class="btn go" name="verdict" value="approve">Approve</button>
<button class="btn no" name="verdict" value="refuse">Refuse</button>
</div>
</form>`;
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
<caption>What the tool receives</caption>
<thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>${cells}</tbody>
</table>`;
}

function cell(value: unknown): Html {
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value === 'string') return html`<span class="text" dir="auto">${visible(value)}</span>`;
  return html`<code class="text">${visible(toJson(value))}</code>`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2) ?? 'none';
}
