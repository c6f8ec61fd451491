/** One request: who asks for what, why a person must decide, its status, and the form that decides it. */

import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, readableReason } from '../approval.js';
import { argumentsTable } from './arguments-table.js';
import { page, SIGN_IN_PATH } from './layout.js';
import { ranOut, STATUS, type Status, statusOf, timeElement, timeLeft } from './status.js';

/** Small enough that the form stays within its size limit in any script. */
export const MAX_COMMENT = 500;

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

export function detailPage(view: DetailPage): string {
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
<button class="main" name="verdict" value="approve">Approve</button>
<button class="no" name="verdict" value="refuse">Refuse</button>
</div>
</form>`;
}
