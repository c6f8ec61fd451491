/** What a person who is signed in sees and does: the list, one request, and the decision on it. */

import { type Problem, sendPage, sendRedirect } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { preview } from '../../../wire/value.js';
import { APPROVALS_PATH } from '../addresses.js';
import { type Approval, type Approver, isOwn, type NotDecided } from '../approval.js';
import { detailPage, MAX_COMMENT } from '../pages/detail.js';
import { listPage } from '../pages/list.js';
import { problemPage } from '../pages/notice.js';
import { OVER, standingOf } from '../pages/standing.js';
import type { Visit } from './options.js';

export type SignedIn = Visit & { session: Session };

const TO_LIST = { to: APPROVALS_PATH, text: 'All that waits' };
const UNKNOWN: Problem = {
  status: 404,
  title: 'No such request',
  problem:
    'It was never requested here, is too old, belongs to another organisation, or was changed outside of this service. Send the call again to request approval once more.',
};

export async function showList({ pages, response, session }: SignedIn): Promise<void> {
  const approvals = await pages.desk.pending(session);
  const titleOf = (tool: string): string | undefined => pages.describe?.(tool)?.title;
  sendPage(response, 200, listPage({ session, approvals, now: pages.clock(), titleOf }));
}

export async function showOne(visit: SignedIn, id: string): Promise<void> {
  const approval = await visit.pages.desk.show(id, approverOf(visit.session));
  if (approval === undefined) return refuse(visit, UNKNOWN);
  const over = OVER.includes(standingOf(approval, visit.pages.clock()));
  sendDetail(visit, over ? 410 : 200, approval);
}

export async function decide(visit: SignedIn, id: string, fields: URLSearchParams): Promise<void> {
  const { desk } = visit.pages;
  const approver = approverOf(visit.session);
  const verdict = readVerdict(fields);
  if ('problem' in verdict) {
    const approval = await desk.show(id, approver);
    if (approval === undefined) return refuse(visit, UNKNOWN);
    return sendDetail(visit, 400, approval, verdict);
  }
  const decided = await desk.decide(id, approver, verdict);
  if (decided.kind === 'decided') return sendRedirect(visit.response, `${APPROVALS_PATH}/${id}`);
  const why = NOT_DECIDED[decided.why];
  const { approval } = decided;
  if (approval === undefined || decided.why === 'unknown') return refuse(visit, why);
  sendDetail(visit, why.status, approval, { problem: why.problem, comment: verdict.comment });
}

type Verdict = { approve: boolean; comment: string };

function readVerdict(fields: URLSearchParams): Verdict | Said {
  const verdict = fields.get('verdict');
  // A form's line breaks are CRLF, whatever was typed.
  const comment = (fields.get('comment') ?? '').replace(/\r\n?/g, '\n').trim();
  if (verdict !== 'approve' && verdict !== 'refuse') {
    const received = preview(verdict ?? undefined);
    return {
      comment,
      problem: `Nothing was decided: expected "verdict" approve or refuse, received ${received}.`,
    };
  }
  if (comment.length > MAX_COMMENT) {
    const most = `"comment" may have ${MAX_COMMENT} characters`;
    return { comment, problem: `Nothing was decided: ${most}, and yours has ${comment.length}.` };
  }
  return { approve: verdict === 'approve', comment };
}

const NOT_DECIDED: { [Why in NotDecided]: Problem } = {
  unknown: UNKNOWN,
  expired: notDecided('Your decision came too late: the request has expired.', 410),
  decided: notDecided('Your decision does not count: somebody has decided before.', 409),
  own: notDecided('You asked for this yourself, so somebody else has to decide.', 403),
};

function notDecided(problem: string, status: number): Problem {
  return { status, title: 'Not decided', problem };
}

/** What was wrong, and what was written. */
type Said = { problem: string; comment: string };

function sendDetail(
  { pages, response, session }: SignedIn,
  status: number,
  approval: Approval,
  said?: Said,
): void {
  const { describe, clock } = pages;
  // Both rules apply, the one kept with the request and the one of this replica.
  const own = (pages.fourEyes || approval.fourEyes) && (pages.isOwn ?? isOwn)(approval, session);
  const tool = describe?.(approval.tool);
  sendPage(response, status, detailPage({ session, approval, now: clock(), own, tool, ...said }));
}

function refuse({ response, session }: SignedIn, problem: Problem): void {
  sendPage(response, problem.status, problemPage(problem, session, TO_LIST));
}

function approverOf({ issuer, user, tenant }: Session): Approver {
  return { issuer, user, tenant, via: 'page' };
}
