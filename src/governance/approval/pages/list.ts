/** All that waits for a decision, the newest first. */

import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';
import { page } from './layout.js';
import { left, moment } from './standing.js';

export type ListPage = {
  session: Session;
  approvals: readonly Approval[];
  now: Date;
  titleOf: (tool: string) => string | undefined;
};

export function listPage({ session, approvals, now, titleOf }: ListPage): string {
  const count = approvals.length;
  const title = count === 0 ? 'Approvals' : `${count} to decide`;
  const said =
    count === 0
      ? 'Nothing waits for a decision.'
      : `${count === 1 ? '1 call waits' : `${count} calls wait`} for a decision.`;
  const rows = approvals.map((one) => row(one, now, titleOf(one.tool)));
  return page(
    { title, session },
    html`<h1>Calls to approve</h1>
<p id="said" role="status">${said}</p>
<div data-live="list" data-said="${said}">
${count === 0 ? html`<p class="soft">A call that changes something appears here when a program asks for it.</p>` : table(rows)}
</div>`,
  );
}

function table(rows: readonly Html[]): Html {
  return html`<table class="list">
<caption>The newest first</caption>
<thead><tr><th scope="col">Call</th><th scope="col">Asked by</th><th scope="col">Time</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
}

function row({ id, tool, user, clientId, createdAt, expiresAt }: Approval, now: Date, title?: string): Html {
  return html`<tr>
<th scope="row"><a href="${APPROVALS_PATH}/${id}">${title ?? visible(tool)}</a>${title && html`<code class="soft">${visible(tool)}</code>`}</th>
<td>${visible(user)}<br><span class="soft">by way of ${visible(clientId)}, ${moment(createdAt)}</span></td>
<td>${left(expiresAt, now)} left</td>
</tr>`;
}
