/**
 * The pages on which a person approves or refuses a call, on the destructive server's own port. They identify people by a
 * session that their script sends in a header, and ignore cookies and bearer tokens: a client cannot approve its call with
 * the token that it calls with, and no other program can use what a browser sends to every port. The approval service
 * decides where requests are stored and who may decide which.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import type { Links } from '../../../pages/bar.js';
import { type Problem, sendRedirect, sendScript, sendStyle } from '../../../pages/reply.js';
import { checkSender, readForm, usesOtherLoopbackName } from '../../../pages/signin/form.js';
import { NO_SESSION, SESSION_HEADER, type Session } from '../../../pages/signin/session.js';
import { createSignIn, type SignInPages, signInAddress } from '../../../pages/signin/sign-in.js';
import { afterUnlessDone } from '../../../wire/clock.js';
import { APPROVALS_PATH, CALLBACK_PATH, DECIDES } from '../addresses.js';
import {
  closedPage,
  LIVE_PATH,
  noticePage,
  problemPage,
  SCRIPT_PATH,
  SIGN_IN_PATH,
  SIGN_OUT_PATH,
  STYLE_PATH,
} from '../pages/layout.js';
import {
  type ApproverOptions,
  decide,
  type Pages,
  type SignedInVisit,
  send,
  sendProblem,
  showList,
  showOne,
  type Visit,
} from './decide.js';
import { createLive } from './live.js';

export type ApproverPages = {
  /** False when `path` is none of these pages; otherwise it answers. Host and Origin were checked before. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends the streams of open pages. */
  close(): void;
};

const EVENTS_PATH = `${APPROVALS_PATH}/events`;
const REQUEST_PATH = new RegExp(`^${APPROVALS_PATH}/([\\w-]{1,100})$`);
const OWN_PATH = new RegExp(`^${APPROVALS_PATH}(/[\\w-]{1,100})?(\\?[^#\\\\\\s]{0,1000})?$`);

export function createApproverPages(options: ApproverOptions): ApproverPages {
  const pages: Pages = {
    ...options,
    signIn: createSignIn(
      options,
      signInPages(() => options.links?.() ?? {}),
    ),
    live: createLive(options.service, options.after ?? afterUnlessDone),
  };
  return {
    handle(request, response, path) {
      if (path !== APPROVALS_PATH && !path.startsWith(`${APPROVALS_PATH}/`)) return false;
      const visit = { pages, request, response };
      answer(visit, path).catch((error: unknown) => {
        // A client that left while it was sending is no error of this server.
        if (response.destroyed) return;
        options.onError(error, 'approval.failed', { method: request.method });
        if (response.headersSent) response.destroy();
        else sendProblem(visit, error instanceof StateUnavailable ? UNAVAILABLE : BROKEN);
      });
      return true;
    },
    close: () => pages.live.close(),
  };
}

async function answer(visit: Visit, path: string): Promise<void> {
  const { request, response, pages } = visit;
  if (request.method === 'POST') return post(visit, path);
  if (request.method !== 'GET' && request.method !== 'HEAD') return rejectMethod(visit);
  if (path === STYLE_PATH) return sendStyle(response, 'approvals.css');
  if (path === SCRIPT_PATH) return sendScript(response, 'page.js');
  if (path === LIVE_PATH) return sendScript(response, 'approvals.js');
  const { search, searchParams } = new URL(request.url ?? path, pages.origin);
  // The browser stores the session for one origin, and the authorization server sends people back to that origin.
  if (usesOtherLoopbackName(request, pages.origin)) {
    return sendRedirect(response, `${pages.origin}${path}${search}`);
  }
  if (path === SIGN_IN_PATH) return send(visit, 200, closedPage('sign-in'));
  if (path === CALLBACK_PATH) return send(visit, 200, closedPage('callback'));
  const session = await pages.signIn.session(request);
  return session === undefined ? getSignedOut(visit, path) : get({ ...visit, session }, path, searchParams);
}

async function get(visit: SignedInVisit, path: string, query: URLSearchParams): Promise<void> {
  const { request, response, session, pages } = visit;
  if (path === APPROVALS_PATH) return showList(visit, query);
  if (path === EVENTS_PATH && request.method === 'GET') {
    const ttlMs = session.until - pages.clock().getTime();
    const isOpened = pages.live.open(response, personOf(session), ttlMs, (end) =>
      pages.signIn.watch(session, end),
    );
    return isOpened ? undefined : sendProblem(visit, BUSY);
  }
  const [, id] = REQUEST_PATH.exec(path) ?? [];
  return id === undefined ? sendProblem(visit, NOT_FOUND) : showOne(visit, id);
}

/** Sends a page that shows nothing; its script asks again with a session, or signs the person in. */
function getSignedOut(visit: Visit, path: string): void {
  const { request, response } = visit;
  response.setHeader(SESSION_HEADER, NO_SESSION);
  const hasEnded = request.headers[SESSION_HEADER] !== undefined || path === EVENTS_PATH;
  if (hasEnded) sendProblem(visit, ENDED);
  else send(visit, 200, closedPage('closed'));
}

async function post(visit: Visit, path: string): Promise<void> {
  const { pages, request, response } = visit;
  const foreign = checkSender(request, pages.origin);
  if (foreign !== undefined) return send(visit, foreign.status, problemPage(foreign));
  const [, id] = REQUEST_PATH.exec(path) ?? [];
  if (id === undefined || path === EVENTS_PATH) return rejectMethod(visit);
  if (request.headers.expect !== undefined) response.writeContinue();
  if (path === SIGN_IN_PATH) return pages.signIn.begin(request, response);
  if (path === CALLBACK_PATH) return pages.signIn.finish(request, response);
  const session = await pages.signIn.session(request);
  if (session === undefined && path === SIGN_OUT_PATH) return pages.signIn.signOut(response, undefined);
  if (session === undefined) return rejectEnded(visit, path);
  const fields = await readForm(request, session.csrf);
  if (!(fields instanceof URLSearchParams)) {
    return sendProblem({ ...visit, session }, fields, { to: path, text: 'Open it again' });
  }
  if (path === SIGN_OUT_PATH) return pages.signIn.signOut(response, session);
  // A person may sign out while a form is still arriving.
  if ((await pages.signIn.session(request)) === undefined) return rejectEnded(visit, path);
  return decide({ ...visit, session }, id, fields);
}

function rejectEnded(visit: Visit, path: string): void {
  visit.response.setHeader(SESSION_HEADER, NO_SESSION);
  const to = signInAddress(SIGN_IN_PATH, path);
  sendProblem(visit, ENDED, { to, text: 'Sign in, and decide again' });
}

function rejectMethod(visit: Visit): void {
  visit.response.setHeader('allow', 'GET, HEAD');
  sendProblem(visit, WRONG_METHOD);
}

const signInPages = (links: () => Links): SignInPages => ({
  name: 'approvals',
  callback: CALLBACK_PATH,
  signIn: SIGN_IN_PATH,
  home: APPROVALS_PATH,
  own: OWN_PATH,
  scope: DECIDES,
  may: 'decide',
  problem: (problem, ...onward) => problemPage(problem, undefined, ...onward)(links()),
  notice: (title, text, ...onward) => noticePage(title, text, ...onward)(links()),
});
const BROKEN: Problem = {
  status: 500,
  title: 'This did not work',
  problem: 'Something went wrong in this server. Open the request again to see its status.',
};
const UNAVAILABLE: Problem = {
  status: 503,
  title: 'Not available right now',
  problem: 'This server cannot reach its stored data, so nothing was done. Try again in a moment.',
};
const BUSY: Problem = {
  status: 503,
  title: 'Too many open pages',
  problem: 'Too many pages are open right now.',
};
const ENDED: Problem = {
  status: 403,
  title: 'You are no longer signed in',
  problem: 'Your sign-in has ended, and nothing was decided.',
};
const NOT_FOUND: Problem = {
  status: 404,
  title: 'No such page',
  problem: 'There is nothing at this address.',
};
const WRONG_METHOD: Problem = {
  status: 405,
  title: 'Not supported',
  problem: 'This address does not support this kind of request.',
};

/** A key that distinguishes people of the same name at other issuers and in other tenants. */
function personOf({ issuer, tenant, user }: Session): string {
  return JSON.stringify([issuer, tenant, user]);
}
