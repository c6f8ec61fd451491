/** One request: who asks for what, why a person is needed, where it stands; and the form that decides it. */

import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, readableReason } from '../approval.js';
import { page, SIGN_IN_PATH } from './layout.js';
import { left, moment, OVER, type Standing, standingOf, WORDS } from './standing.js';
import { argumentsTable } from './values.js';

/** So few that the form stays within its bound in any script. */
export const MAX_COMMENT = 500;

export type DetailPage = {
  session: Session;
  approval: Approval;
  now: Date;
  /** Whether the viewer made the request and so may not approve it. */
  own: boolean;
  tool: { title?: string; description?: string } | undefined;
  /** What was wrong with a form that came, and what was written in it. */
  problem?: string;
  comment?: string;
};

export function detailPage(shown: DetailPage): string {
  const { session, approval, now, tool, problem } = shown;
  const standing = standingOf(approval, now);
  const title = tool?.title ?? approval.tool;
  const waits = standing === 'pending';
  return page(
    { title: `${WORDS[standing]}: ${title}`, session },
    html`<p id="said" role="status" class="aside"></p>
<div data-live="${waits ? 'one' : 'done'}" data-said="${WORDS[standing]}.">
<h1>${visible(title)}</h1>
${problem === undefined ? undefined : html`<p class="box bad" role="alert">${problem}</p>`}
${state(approval, standing)}
${facts(shown, standing)}
<h2>Arguments</h2>
${argumentsTable(approval.args)}
<p class="soft">What policy hides is masked here. A decision holds for exactly these arguments, SHA-256 <code>${approval.digest}</code>.</p>
${waits ? decision(shown) : undefined}
</div>`,
  );
}

const LOOK: { [Name in Standing]: string } = {
  pending: 'warn',
  approved: 'good',
  refused: 'bad',
  consumed: 'good',
  expired: '',
  lapsed: '',
};

function state(
  { decidedBy, decidedVia, decidedAt, comment, consumedAt }: Approval,
  standing: Standing,
): Html {
  const verdict = standing === 'refused' ? 'Refused' : 'Approved';
  const via = decidedVia === undefined ? '' : ` (${decidedVia === 'page' ? 'on this page' : decidedVia})`;
  const at = decidedAt === undefined ? undefined : html`, ${moment(decidedAt)}`;
  const by = decidedBy && html`<p>${verdict} by <strong>${visible(decidedBy.user)}</strong>${via}${at}.</p>`;
  return html`<div class="box ${LOOK[standing]}">
<p><strong>${WORDS[standing]}</strong></p>
${by}
${comment ? html`<p>“<span class="text" dir="auto">${visible(comment)}</span>”</p>` : undefined}
${consumedAt === undefined ? undefined : html`<p>The call ran, ${moment(consumedAt)}.</p>`}
</div>`;
}

const HOLDS: readonly Standing[] = ['pending', 'approved'];

function facts({ approval, now, tool }: DetailPage, standing: Standing): Html {
  const { user, tenant, clientId, issuer, server, createdAt, expiresAt } = approval;
  return html`<dl>
<dt>Who asks</dt><dd><strong>${visible(user)}</strong> of ${visible(tenant)}<br><span class="soft">signed in at ${visible(issuer)}</span></dd>
<dt>By way of the client</dt><dd><code>${visible(clientId)}</code></dd>
<dt>For the tool</dt><dd><code>${visible(approval.tool)}</code> at ${server}${tool?.description && html`<br>${tool.description}`}</dd>
<dt>Why a person is asked</dt><dd>${visible(readableReason(approval))}</dd>
<dt>Asked</dt><dd>${moment(createdAt)}</dd>
${HOLDS.includes(standing) ? html`<dt>Holds until</dt><dd>${moment(expiresAt)}, ${left(expiresAt, now)} left</dd>` : undefined}
${OVER.includes(standing) ? html`<dt>Held until</dt><dd>${moment(expiresAt)}</dd>` : undefined}
</dl>`;
}

function decision({ session, approval: { id }, own, comment = '' }: DetailPage): Html {
  if (own) {
    const other = signInAddress(SIGN_IN_PATH, `${APPROVALS_PATH}/${id}`, true);
    return html`<h2>Your decision</h2>
<p class="box">You asked for this yourself, so somebody else has to decide. <a href="${other}">Sign in as somebody else</a></p>`;
  }
  return html`<h2>Your decision</h2>
<form method="post" action="${APPROVALS_PATH}/${id}">
<input type="hidden" name="csrf" value="${session.csrf}">
<label for="comment">Comment</label>
<p id="comment-hint" class="soft">Optional. It is kept with the decision.</p>
<textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT}" aria-describedby="comment-hint">${comment}</textarea>
<div class="actions">
<button class="main" name="verdict" value="approve">Approve</button>
<button class="no" name="verdict" value="refuse">Refuse</button>
</div>
</form>`;
}
