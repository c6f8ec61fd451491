/** What people who are signed in see and do: the list, one request, and the decision on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Links, Page } from '../../../pages/bar.js';
import { type Problem, sendPage, sendRedirect } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import type { SignIn, SignInOptions } from '../../../pages/signin/sign-in.js';
import type { After } from '../../../wire/clock.js';
import { preview } from '../../../wire/value.js';
import { APPROVALS_PATH } from '../addresses.js';
import {
  type Approval,
  type ApprovalService,
  type Approver,
  type DecisionRefusalReason,
  type IsOwn,
  isOwn,
  type ShownApproval,
} from '../approval.js';
import { MAX_COMMENT } from '../decision.js';
import type { AfterDecision } from '../pages/after-decision.js';
import { detailPage } from '../pages/detail.js';
import { readFilter } from '../pages/filter.js';
import { problemPage, ranOut, statusOf } from '../pages/layout.js';
import { listPage, type ToolOf, type ToolWords } from '../pages/list.js';
import type { Live } from './live.js';

export type ApproverOptions = SignInOptions & {
  service: ApprovalService;
  /** Ends a stream with its session; by default a timer that does not keep the process running. */
  after?: After;
  /** Whether requesters may not decide. The service enforces it; the page says so before a form is filled in. */
  fourEyes: boolean;
  /** Whether two accounts belong to one person; by default each user of each issuer is a separate person. */
  isOwn?: IsOwn;
  /** The addresses of the other pages; without them only these are linked. */
  links?: (() => Links) | undefined;
  describe?: ToolOf;
};

export type Pages = ApproverOptions & { signIn: SignIn; live: Live };

export type Visit = { pages: Pages; request: IncomingMessage; response: ServerResponse };
export type SignedInVisit = Visit & { session: Session };

/** Decisions shown after one's own. */
const MAX_LATEST = 10;
const TO_LIST = { to: APPROVALS_PATH, text: 'Pending approvals' };

const UNKNOWN: Problem = {
  status: 404,
  title: 'No such request',
  problem:
    'It never existed here, is too old, belongs to another organisation, or was changed outside of this service. Send the call again to request approval once more.',
};
const NOT_DECIDED: { [Why in DecisionRefusalReason]: Problem } = {
  unknown: UNKNOWN,
  expired: notDecided(410, 'Your decision came too late: the request has expired.'),
  decided: notDecided(409, 'Your decision does not count: somebody else decided first.'),
  own: notDecided(403, 'This is your own request, so somebody else has to decide.'),
  masked: notDecided(403, 'Some arguments are masked here, and nobody may approve what they cannot see.'),
};

function notDecided(status: number, problem: string): Problem {
  return { status, title: 'Not decided', problem };
}

export async function showList(visit: SignedInVisit, query: URLSearchParams): Promise<void> {
  const { pages, session } = visit;
  const { service } = pages;
  const filter = readFilter(query);
  const { view } = filter;
  const pending = view === 'decided' ? [] : newestFirst(await service.pending(session));
  const decisions = view === 'waiting' ? [] : await service.decided(session);
  const approvals =
    view === 'mine'
      ? newestFirst([...pending, ...decisions].filter((one) => isOwnOf(visit, one)))
      : [...pending, ...decisions];
  send(visit, 200, listPage({ session, approvals, filter, now: pages.clock(), toolOf: toolOf(pages) }));
}

function newestFirst(approvals: readonly Approval[]): Approval[] {
  return approvals.toSorted((one, other) => other.createdAt - one.createdAt);
}

export async function showOne(visit: SignedInVisit, id: string): Promise<void> {
  const { service, clock } = visit.pages;
  const approval = await service.show(id, approverOf(visit.session));
  if (approval === undefined) return sendProblem(visit, UNKNOWN);
  return sendDetail(visit, ranOut(statusOf(approval, clock())) ? 410 : 200, approval);
}

export async function decide(visit: SignedInVisit, id: string, fields: URLSearchParams): Promise<void> {
  const { service } = visit.pages;
  const approver = approverOf(visit.session);
  const verdict = readVerdict(fields);
  if ('problem' in verdict) {
    const approval = await service.show(id, approver);
    return approval === undefined ? sendProblem(visit, UNKNOWN) : sendDetail(visit, 400, approval, verdict);
  }
  const result = await service.decide(id, approver, verdict);
  if (result.kind === 'decided') return sendRedirect(visit.response, `${APPROVALS_PATH}/${id}`);
  const { status, problem } = NOT_DECIDED[result.why];
  if (result.approval === undefined || result.why === 'unknown') {
    return sendProblem(visit, NOT_DECIDED[result.why]);
  }
  return sendDetail(visit, status, result.approval, { problem, comment: verdict.comment });
}

/** What is wrong with a form, and the comment in it. */
type FormProblem = { problem: string; comment: string };

function readVerdict(fields: URLSearchParams): { approve: boolean; comment: string } | FormProblem {
  const verdict = fields.get('verdict');
  // Browsers send line breaks as CRLF.
  const comment = (fields.get('comment') ?? '').replace(/\r\n?/g, '\n').trim();
  if (verdict !== 'approve' && verdict !== 'refuse') {
    const received = preview(verdict ?? undefined);
    return {
      comment,
      problem: `Nothing was decided: expected "verdict" approve or refuse, received ${received}.`,
    };
  }
  if (comment.length > MAX_COMMENT) {
    const limit = `"comment" may have ${MAX_COMMENT} characters`;
    return { comment, problem: `Nothing was decided: ${limit}, and yours has ${comment.length}.` };
  }
  return { approve: verdict === 'approve', comment };
}

async function sendDetail(
  visit: SignedInVisit,
  status: number,
  approval: ShownApproval,
  problem?: FormProblem,
): Promise<void> {
  const { pages, session } = visit;
  const now = pages.clock();
  const after = statusOf(approval, now) === 'pending' ? undefined : await afterDecision(visit, approval.id);
  const own = mustAskOther(visit, approval);
  send(visit, status, detailPage({ session, approval, now, own, toolOf: toolOf(pages), after, ...problem }));
}

async function afterDecision(visit: SignedInVisit, id: string): Promise<AfterDecision> {
  const { pages, session } = visit;
  const [pending, decided] = await Promise.all([
    pages.service.pending(session),
    pages.service.decided(session),
  ]);
  const waiting = pending.filter((one) => !mustAskOther(visit, one));
  const [next] = waiting.toSorted((one, other) => one.expiresAt - other.expiresAt);
  const latest = decided.filter((one) => one.id !== id).slice(0, MAX_LATEST);
  return { next, waiting: waiting.length, latest };
}

/** Both rules apply: the one stored with the request, and that of this replica. */
function mustAskOther(visit: SignedInVisit, approval: Approval): boolean {
  return (visit.pages.fourEyes || approval.fourEyes) && isOwnOf(visit, approval);
}

function isOwnOf({ pages, session }: SignedInVisit, approval: Approval): boolean {
  return (pages.isOwn ?? isOwn)(approval, session);
}

function toolOf(pages: Pages): ToolOf {
  return (tool): ToolWords | undefined => pages.describe?.(tool);
}

export function sendProblem(
  visit: Visit & { session?: Session | undefined },
  problem: Problem,
  link = TO_LIST,
): void {
  send(visit, problem.status, problemPage(problem, visit.session, link));
}

export function send({ pages, response }: Visit, status: number, page: Page): void {
  sendPage(response, status, page(pages.links?.() ?? {}));
}

function approverOf({ issuer, user, tenant }: Session): Approver {
  return { issuer, user, tenant, via: 'page' };
}
