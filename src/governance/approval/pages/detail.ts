/** One request: its arguments first, then what else is known about it, and the form for the decision, or what follows on it. */
import type { Page } from '../../../pages/bar.js';
import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { exactTime } from '../../../pages/time.js';
import { unmistakable, visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, readableReason, type ShownApproval } from '../approval.js';
import { MAX_COMMENT } from '../decision.js';
import { type AfterDecision, callerNote, latestDecisions, nextRequest } from './after-decision.js';
import { argumentsTable } from './arguments.js';
import { page, ranOut, SIGN_IN_PATH, STATUS, type Status, statusOf, timeLeft } from './layout.js';
import type { ToolOf } from './list.js';

export type DetailPage = {
  session: Session;
  approval: ShownApproval;
  now: Date;
  /** Whether the viewer made the request and so may not approve it. */
  own: boolean;
  toolOf: ToolOf;
  /** Undefined while nobody has decided. */
  after: AfterDecision | undefined;
  /** What was wrong with the form that was sent, and the comment in it. */
  problem?: string;
  comment?: string;
};

export function detailPage(view: DetailPage): Page {
  const { session, approval, now, toolOf, after, problem } = view;
  const status = statusOf(approval, now);
  const title = toolOf(approval.tool)?.title ?? approval.tool;
  const { words } = STATUS[status];
  const isPending = status === 'pending';
  return page(
    { title: `${words}: ${title}`, session, wide: true },
    html`<p id="said" role="status" class="heard"></p>
<p class="kicker"><a href="${APPROVALS_PATH}">Pending approvals</a></p>
<div data-live="${isPending ? 'one' : 'done'}" data-said="${words}.">
<h1>${visible(title)}</h1>
${problem && html`<p class="box bad" role="alert">${problem}</p>`}
<div class="decide">
${!isPending && outcome(approval, status, now)}
${after && nextRequest(after, now, toolOf)}
<div class="asked">
${argumentsPanel(approval)}
${facts(view, status)}
${after && latestDecisions(after, now, toolOf)}
</div>
${isPending && decision(view)}
</div>
</div>`,
  );
}

function argumentsPanel(approval: ShownApproval): Html {
  const table = argumentsTable(approval.realArgs ?? approval.args);
  const hasMarks = table.text.includes('<span class="unseen">');
  return html`<section class="panel" aria-labelledby="arguments">
<h2 id="arguments">Arguments</h2>
${hasMarks && html`<p class="box warn">Look closely: some characters here show nothing, or look like letters of another alphabet. Each has a box with its number or its alphabet.</p>`}
${table}
<p class="soft small">${seenAs(approval)} A decision is valid for exactly these arguments, SHA-256 <code>${approval.digest}</code>.</p>
</section>`;
}

/** How these arguments relate to those that the tool receives. */
function seenAs({ realArgs, masked }: ShownApproval): string {
  if (realArgs !== undefined)
    return 'You see them as the tool receives them, and the audit log says that you did. Everywhere else, personal data and secrets in them are masked.';
  return masked === true
    ? 'Personal data and secrets are masked here.'
    : 'The tool receives them as they are here.';
}

function outcome(approval: Approval, status: Status, now: Date): Html {
  const { decidedBy, decidedVia, decidedAt, comment, consumedAt, expiresAt, resumes } = approval;
  const { words, tone } = STATUS[status];
  // A call that waits goes on at once, and this page is not loaded again.
  const isUnused = status === 'approved' && resumes !== 'waits';
  const verdict = status === 'refused' ? 'Refused' : 'Approved';
  const via = decidedVia && ` (${decidedVia === 'page' ? 'on this page' : decidedVia})`;
  const at = decidedAt && html`, ${exactTime(decidedAt)}`;
  return html`<div class="box ${tone} outcome">
<p><strong>${words}</strong>${isUnused && html`, ${timeLeft(expiresAt, now)} to use it`}</p>
${decidedBy && html`<p>${verdict} by <strong>${visible(decidedBy.user)}</strong>${via}${at}.</p>`}
${comment ? html`<p>“<span class="text" dir="auto">${visible(comment)}</span>”</p>` : undefined}
${consumedAt && html`<p>The call ran, ${exactTime(consumedAt)}.</p>`}
${callerNote(approval, status)}
</div>`;
}

function facts({ approval, toolOf }: DetailPage, status: Status): Html {
  const { user, tenant, clientId, issuer, server, createdAt, expiresAt } = approval;
  const description = toolOf(approval.tool)?.description;
  return html`<section class="panel" aria-labelledby="about">
<h2 id="about">About this request</h2>
<dl>
${description && html`<dt>What the tool does</dt><dd>${description}</dd>`}
<dt>Requested by</dt><dd><strong>${unmistakable(user)}</strong> of ${unmistakable(tenant)}<br><span class="soft small">signed in at ${unmistakable(issuer)}</span></dd>
<dt>Through the client</dt><dd><code>${unmistakable(clientId)}</code></dd>
<dt>Tool</dt><dd><code>${unmistakable(approval.tool)}</code> at ${server}</dd>
<dt>Why a person decides</dt><dd>${visible(readableReason(approval))}</dd>
<dt>Requested</dt><dd>${exactTime(createdAt)}</dd>
<dt>${ranOut(status) ? 'Was valid until' : 'Valid until'}</dt><dd>${exactTime(expiresAt)}</dd>
</dl>
</section>`;
}

function decision({ session, approval, own, now, comment = '' }: DetailPage): Html {
  const path = `${APPROVALS_PATH}/${approval.id}`;
  const isHidden = approval.masked === true && approval.realArgs === undefined;
  const heading = html`<div class="line"><h2 id="decision">Your decision</h2><span class="status warn aside">${timeLeft(approval.expiresAt, now)}</span></div>`;
  if (own) {
    return html`<section class="panel verdict" aria-labelledby="decision">
${heading}
<p>This is your own request, so somebody else has to decide. <a href="${signInAddress(SIGN_IN_PATH, path, true)}">Sign in as somebody else</a></p>
</section>`;
  }
  return html`<section class="panel verdict" aria-labelledby="decision">
${heading}
<form method="post" action="${path}">
<input type="hidden" name="csrf" value="${session.csrf}">
<label for="comment">Reason <span class="soft small">optional; if you refuse, the caller reads it</span></label>
<textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}">${comment}</textarea>
${isHidden && html`<p>Nobody may approve what they cannot see, so this call can only be refused.</p>`}
<div class="actions">
${isHidden ? undefined : html`<button class="btn go" name="verdict" value="approve">Approve</button>`}
<button class="btn no" name="verdict" value="refuse">Refuse</button>
</div>
</form>
</section>`;
}
