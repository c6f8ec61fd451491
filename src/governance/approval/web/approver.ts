/**
 * The pages on which a person approves or refuses a call, on the destructive server's own port. They know people by a
 * session of their own, which their script sends in a header, and look at no cookie and no bearer token: a client cannot
 * approve its call with the token it calls with, nor another program with what a browser hands out. Where requests are kept, and who of those signed in may decide which, is the desk's matter.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { type Problem, sendPage, sendRedirect, sendScript, sendStyle } from '../../../pages/reply.js';
import { checkSender, readForm, usesOtherLoopbackName } from '../../../pages/signin/form.js';
import { NO_SESSION, SESSION_HEADER, type Session } from '../../../pages/signin/session.js';
import { createSignIn, type SignInPages, signInAddress } from '../../../pages/signin/sign-in.js';
import { afterUnlessDone } from '../../../wire/clock.js';
import { APPROVALS_PATH, CALLBACK_PATH, DECIDES } from '../addresses.js';
import { closedPage } from '../pages/closed.js';
import { LIVE_PATH, SCRIPT_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, STYLE_PATH } from '../pages/layout.js';
import { noticePage, problemPage } from '../pages/notice.js';
import { decide, type SignedIn, showList, showOne } from './decide.js';
import { createLive } from './live.js';
import type { ApproverOptions, Pages, Visit } from './options.js';

export type { ApproverOptions };

export type ApproverPages = {
  /** False when `path` is none of these pages; otherwise the answer is on its way. Host and Origin were checked. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends the streams of open pages. */
  close(): void;
};

const EVENTS_PATH = `${APPROVALS_PATH}/events`;
const ONE = new RegExp(`^${APPROVALS_PATH}/([\\w-]{1,100})$`);

export function createApproverPages(options: ApproverOptions): ApproverPages {
  const pages: Pages = {
    ...options,
    signIn: createSignIn(options, SIGN_IN),
    live: createLive(options.desk, options.after ?? afterUnlessDone),
  };
  return {
    handle(request, response, path) {
      if (path !== APPROVALS_PATH && !path.startsWith(`${APPROVALS_PATH}/`)) return false;
      answer({ pages, request, response }, path).catch((error: unknown) => {
        // Who left while they were still sending is no error of ours.
        if (response.destroyed) return;
        options.onError(error, `approvals ${request.method}`);
        if (response.headersSent) response.destroy();
        else if (error instanceof StateUnavailable)
          sendPage(response, 503, problemPage(UNAVAILABLE, undefined, BACK));
        else sendPage(response, 500, problemPage(BROKEN, undefined, BACK));
      });
      return true;
    },
    close: () => pages.live.close(),
  };
}

async function answer(visit: Visit, path: string): Promise<void> {
  const { request, response, pages } = visit;
  if (request.method === 'POST') return post(visit, path);
  if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed(visit);
  if (path === STYLE_PATH) return sendStyle(response, 'approvals.css');
  if (path === SCRIPT_PATH) return sendScript(response, 'page.js');
  if (path === LIVE_PATH) return sendScript(response, 'approvals.js');
  const { search } = new URL(request.url ?? path, pages.origin);
  // The session is kept for one name, and the way back from the authorization server leads to that.
  if (usesOtherLoopbackName(request, pages.origin))
    return sendRedirect(response, `${pages.origin}${path}${search}`);
  if (path === SIGN_IN_PATH) return sendPage(response, 200, closedPage('sign-in'));
  if (path === CALLBACK_PATH) return sendPage(response, 200, closedPage('callback'));
  const session = await pages.signIn.session(request);
  if (session === undefined) return signedOut(visit, path);
  return get({ ...visit, session }, path);
}

function get(visit: SignedIn, path: string): Promise<void> | void {
  const { request, response, session, pages } = visit;
  if (path === APPROVALS_PATH) return showList(visit);
  if (path === EVENTS_PATH && request.method === 'GET') {
    const ttlMs = session.until - pages.clock().getTime();
    const opened = pages.live.open(response, personOf(session), ttlMs, (end) =>
      pages.signIn.watch(session, end),
    );
    return opened ? undefined : sendPage(response, 503, problemPage(BUSY, session, BACK));
  }
  const [, id] = ONE.exec(path) ?? [];
  if (id !== undefined) return showOne(visit, id);
  sendPage(response, 404, problemPage(NOT_FOUND, session, BACK));
}

async function post(visit: Visit, path: string): Promise<void> {
  const { pages, request, response } = visit;
  const foreign = checkSender(request, pages.origin);
  if (foreign !== undefined) return sendPage(response, foreign.status, problemPage(foreign));
  const [, id] = ONE.exec(path) ?? [];
  if (id === undefined || path === EVENTS_PATH) return notAllowed(visit);
  if (request.headers.expect !== undefined) response.writeContinue();
  if (path === SIGN_IN_PATH) return pages.signIn.begin(request, response);
  if (path === CALLBACK_PATH) return pages.signIn.finish(request, response);
  const session = await pages.signIn.session(request);
  if (session === undefined && path === SIGN_OUT_PATH) return pages.signIn.signOut(response, undefined);
  const ended = (): void => {
    const back = { to: signInAddress(SIGN_IN_PATH, path), text: 'Sign in, and decide again' };
    sendPage(response, 403, problemPage(ENDED, undefined, back), { [SESSION_HEADER]: NO_SESSION });
  };
  if (session === undefined) return ended();
  const fields = await readForm(request, session.csrf);
  if (!(fields instanceof URLSearchParams)) {
    return sendPage(
      response,
      fields.status,
      problemPage(fields, session, { to: path, text: 'Open it again' }),
    );
  }
  if (path === SIGN_OUT_PATH) return pages.signIn.signOut(response, session);
  // A person may sign out while a form is still arriving.
  if ((await pages.signIn.session(request)) === undefined) return ended();
  return decide({ ...visit, session }, id, fields);
}

/** A page without what it shows, whose script asks for that with a session, or goes to get one. */
function signedOut({ request, response }: Visit, path: string): void {
  const headers = { [SESSION_HEADER]: NO_SESSION };
  const ended = request.headers[SESSION_HEADER] !== undefined || path === EVENTS_PATH;
  if (ended) sendPage(response, 403, problemPage(ENDED, undefined, BACK), headers);
  else sendPage(response, 200, closedPage('closed'), headers);
}

function notAllowed({ response }: Visit): void {
  sendPage(response, 405, problemPage(NOT_TAKEN, undefined, BACK), { allow: 'GET, HEAD' });
}

const SIGN_IN: SignInPages = {
  name: 'approvals',
  callback: CALLBACK_PATH,
  signIn: SIGN_IN_PATH,
  home: APPROVALS_PATH,
  own: new RegExp(`^${APPROVALS_PATH}(/[\\w-]{1,100})?$`),
  scope: DECIDES,
  may: 'decide',
  problem: (problem, ...links) => problemPage(problem, undefined, ...links),
  notice: noticePage,
};
const BACK = { to: APPROVALS_PATH, text: 'All that waits' };
const BROKEN: Problem = {
  status: 500,
  title: 'This did not work',
  problem: 'Something went wrong in this server. Open the request again to see where it stands.',
};
const UNAVAILABLE: Problem = {
  status: 503,
  title: 'Not just now',
  problem: 'This server cannot reach its stored data, so nothing was done. Try again in a moment.',
};
const BUSY: Problem = { status: 503, title: 'Too many', problem: 'Too many pages are open just now.' };
const ENDED: Problem = {
  status: 403,
  title: 'You are not signed in any more',
  problem: 'Your sign-in has ended, and nothing was decided.',
};
const NOT_FOUND: Problem = {
  status: 404,
  title: 'No such page',
  problem: 'There is nothing at this address.',
};
const NOT_TAKEN: Problem = {
  status: 405,
  title: 'Not taken',
  problem: 'This address takes no such request.',
};

/** One text for one person, whatever they are called elsewhere. */
function personOf({ issuer, tenant, user }: Session): string {
  return JSON.stringify([issuer, tenant, user]);
}
