/** The list of all requests that wait for a decision, newest first. */

import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';
import { page } from './layout.js';
import { timeElement, timeLeft } from './status.js';

export type ListPage = {
  session: Session;
  approvals: readonly Approval[];
  now: Date;
  titleOf: (tool: string) => string | undefined;
};

export function listPage({ session, approvals, now, titleOf }: ListPage): string {
  const count = approvals.length;
  const calls = count === 1 ? '1 call is' : `${count} calls are`;
  const summary = count === 0 ? 'No call is waiting for a decision.' : `${calls} waiting for a decision.`;
  const rows = approvals.map((approval) => row(approval, now, titleOf(approval.tool)));
  return page(
    { title: count === 0 ? 'Approvals' : `${count} to decide`, session },
    html`<h1>Calls to approve</h1>
<p id="said" role="status">${summary}</p>
<div data-live="list" data-said="${summary}">
${count === 0 ? html`<p class="soft">When a program asks for a call that changes something, it appears here.</p>` : table(rows)}
</div>`,
  );
}

function table(rows: readonly Html[]): Html {
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
