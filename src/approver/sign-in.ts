/**
 * Signing in and out. A person goes to the authorization server and comes back with a code; the token it is worth has
 * to be for this server and to hold `approvals:decide`, and is forgotten once it was read. What has to be remembered
 * meanwhile is in a sealed cookie of its own, so an answer counts in the browser that asked, and once.
 */
import { APPROVALS_PATH, DECIDES } from '../approval/addresses.js';
import { KeysUnreachable, TokenRefused } from '../auth/refused.js';
import type { Principal } from '../principal.js';
import { preview } from '../value.js';
import { SignInRefused } from './authorization.js';
import type { SigningIn, Visit } from './options.js';
import { signInAddress } from './pages/layout.js';
import { noticePage, type Problem, problemPage } from './pages/notice.js';
import { sendOn, sendPage } from './reply.js';
import { sessionOf } from './session.js';

const SIGNING_IN_MS = 10 * 60_000;
/** Of these pages only: an address from elsewhere would let a stranger send people on from here. */
const OWN_PAGE = new RegExp(`^${APPROVALS_PATH}(/[\\w-]{1,100})?$`);

export async function beginSignIn({ pages, response }: Visit, to: string, afresh = false): Promise<void> {
  const own = OWN_PAGE.test(to) ? to : APPROVALS_PATH;
  try {
    const { url, ...begun } = await pages.authorization.begin(afresh);
    const cookie = await pages.signingIn.write({ ...begun, to: own }, SIGNING_IN_MS);
    sendOn(response, url, { 'set-cookie': cookie });
  } catch (error) {
    pages.onError(error, 'approvals sign-in');
    sendPage(response, 503, problemPage(UNREACHABLE, undefined, again(own)));
  }
}

export async function finishSignIn(visit: Visit, answer: URLSearchParams): Promise<void> {
  const { pages, request, response } = visit;
  const begun = await pages.signingIn.read(request);
  if (begun === undefined) return sendPage(response, 400, problemPage(STALE, undefined, again()));
  // Whatever comes of it, the same answer counts no second time.
  const spent = pages.signingIn.clear();
  const { to } = begun;
  const principal = await identify(visit, answer, begun);
  if ('status' in principal) {
    const page = problemPage(principal, undefined, again(to), asSomebodyElse(to));
    return sendPage(response, principal.status, page, { 'set-cookie': spent });
  }
  const session = sessionOf(principal, pages.clock());
  if (session === undefined) {
    return sendPage(response, 400, problemPage(STALE, undefined, again(to)), { 'set-cookie': spent });
  }
  const cookie = await pages.session.write(session, session.until - pages.clock().getTime());
  sendOn(response, to, { 'set-cookie': [cookie, spent] });
}

export function signOut({ pages, response }: Visit): void {
  const page = noticePage(
    'Signed out',
    'You are signed out of these pages. Where you signed in you may still be known.',
    again(),
    asSomebodyElse(),
  );
  sendPage(response, 200, page, { 'set-cookie': pages.session.clear() });
}

async function identify(
  { pages }: Visit,
  answer: URLSearchParams,
  begun: SigningIn,
): Promise<Principal | Problem> {
  try {
    const principal = await pages.verifier.verify(await pages.authorization.finish(answer, begun));
    return principal.scopes.includes(DECIDES) ? principal : lacking(principal);
  } catch (error) {
    if (error instanceof SignInRefused) return error.why === 'denied' ? denied(error.message) : STALE;
    pages.onError(error, 'approvals sign-in');
    return error instanceof TokenRefused ? UNUSABLE : error instanceof KeysUnreachable ? UNREACHABLE : FAILED;
  }
}

const again = (to: string = APPROVALS_PATH) => ({ to: signInAddress(to), text: 'Sign in' });
const asSomebodyElse = (to: string = APPROVALS_PATH) => ({
  to: signInAddress(to, true),
  text: 'Sign in as somebody else',
});

const STALE: Problem = {
  status: 400,
  title: 'This sign-in cannot be finished',
  problem: 'It took too long, was finished before, or was begun in another tab or browser. Start again.',
};
const UNREACHABLE: Problem = {
  status: 503,
  title: 'Nobody can sign in just now',
  problem: 'The authorization server does not answer as it should. Try again in a moment.',
};
const FAILED: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem: 'The authorization server gave no token for these pages. Its reason is in the log of this server.',
};
const UNUSABLE: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem: 'The authorization server gave a token that is not for this server. The log says what it is for.',
};

function denied(error: string): Problem {
  return {
    status: 403,
    title: 'You were not signed in',
    problem: `The authorization server answered ${preview(error)} when it was asked for the scope ${DECIDES}.`,
  };
}

function lacking({ user, tenant }: Principal): Problem {
  return {
    status: 403,
    title: 'You may not decide',
    problem: `${user} of ${tenant} is signed in, but without the scope ${DECIDES}, which whoever approves or refuses a call has to hold.`,
  };
}
