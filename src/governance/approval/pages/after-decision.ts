/** What follows on a decision: what the caller has to do now, the next request, and the latest decisions. */
import { type Html, html } from '../../../pages/html.js';
import { exactTime } from '../../../pages/time.js';
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';
import { callerStep } from '../caller-step.js';
import { summaryOf } from './arguments.js';
import { ranOut, type Status, timeLeft } from './layout.js';
import { row, type ToolOf } from './list.js';

/** `next`: of those that the reader may decide, the one with the least time left. `waiting` counts all of them. */
export type AfterDecision = { next: Approval | undefined; waiting: number; latest: readonly Approval[] };

/** What the caller has to do now, or where it reads of the decision. */
export function callerNote(approval: Approval, status: Status): Html | undefined {
  if (ranOut(status))
    return html`<p>To run it, the caller has to send the call again, and a person is asked again.</p>`;
  if (status === 'consumed') return html`<p>Nobody has to do anything.</p>`;
  const step = callerStep(approval);
  if (step === undefined) return undefined;
  const again = html` From ${exactTime(approval.expiresAt)} on, the same call asks for approval again.`;
  return html`<p>${step}${status === 'refused' && again}</p>`;
}

export function nextRequest({ next, waiting }: AfterDecision, now: Date, toolOf: ToolOf): Html {
  const tool = next && toolOf(next.tool);
  return html`<section class="panel verdict" aria-labelledby="next">
<h2 id="next">Next</h2>
${
  next === undefined
    ? html`<p>Nothing else is waiting for you.</p>`
    : html`<p>${summaryOf(next.args, tool?.inputSchema)}</p>
<p class="soft small">${timeLeft(next.expiresAt, now)}${waiting > 1 && html` · <a href="${APPROVALS_PATH}">${waiting - 1} more</a>`}</p>
<p class="actions"><a class="btn go" href="${APPROVALS_PATH}/${next.id}">${tool?.title ?? next.tool}</a></p>`
}
</section>`;
}

export function latestDecisions({ latest }: AfterDecision, now: Date, toolOf: ToolOf): Html | undefined {
  if (latest.length === 0) return undefined;
  return html`<section aria-labelledby="latest">
<h2 id="latest">Latest decisions</h2>
<ul class="rows">${latest.map((one) => row(one, now, toolOf(one.tool), 'h3'))}</ul>
</section>`;
}
