/**
 * Signing in to a service's pages, and out again. A person goes to the authorization server and comes back
 * with a code. The token for it must be for this service and hold the scope of its pages; it is not stored.
 * The sign-in under way, and later the session, are sealed and stored by the page's script. So an answer
 * counts once, in the window that asked, and no cookie is set.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidToken, IssuerUnreachable } from '../../oauth/token-errors.js';
import type { Verifier } from '../../oauth/verifier.js';
import type { OnError } from '../../wire/log.js';
import type { Sealer } from '../../wire/mcp/mcp-server.js';
import type { Principal } from '../../wire/principal.js';
import { type Link, type Problem, sendJson, sendPage } from '../reply.js';
import { type AuthorizationOptions, type CodeRequest, createAuthorization, STALE } from './authorization.js';
import { readFields } from './form.js';
import {
  createEndedSessions,
  createSealedValue,
  type EndedSessionsState,
  newSession,
  SESSION_HEADER,
  type Session,
  sessionEnd,
} from './session.js';

/** The client is registered with the redirect URI `${origin}${callback}`. */
export type SignInOptions = AuthorizationOptions & {
  /** Of access tokens for `resource`. */
  verifier: Pick<Verifier, 'verify'>;
  /** The origin of the pages as browsers see it, without a slash at its end. */
  origin: string;
  /** Its keys are shared by the replicas, so that a session of one is valid at all. */
  sealer: Sealer;
  /** The list of ended sessions, shared by the same replicas. */
  state: EndedSessionsState;
  onError: OnError;
};

/** What differs from service to service. */
export type SignInPages = {
  /** A prefix of the names in the browser's storage, and of the lines in the log. */
  name: string;
  callback: string;
  signIn: string;
  /** Where a sign-in leads that names no page. */
  home: string;
  /** Addresses of these pages alone: any other would let an outsider redirect people through this server. */
  own: RegExp;
  /** The scope that a person needs, and what it permits: `You may not decide`. */
  scope: string;
  may: string;
  problem(problem: Problem, ...links: Link[]): string;
  notice(title: string, text: string, ...links: Link[]): string;
};

export type SignIn = ReturnType<typeof createSignIn>;

/** A person on the way to the authorization server, and the page to open afterwards. */
type SigningIn = CodeRequest & { to: string };

const SIGNING_IN_MS = 10 * 60_000;
/** A state, a code and an issuer fit easily. */
const MAX_BYTES = 16 * 1024;

/**
 * The caller has checked the origin of the request (form.ts). All functions but `begin` reject with
 * StateUnavailable when the list of ended sessions cannot be read.
 */
export function createSignIn(options: SignInOptions, pages: SignInPages) {
  const { verifier, origin, clock, onError } = options;
  const { scope, home } = pages;
  const authorization = createAuthorization(options, `${origin}${pages.callback}`, scope);
  const endedSessions = createEndedSessions(options.state, options.resource);
  const sessions = createSealedValue<Session>('session', options);
  const signingIn = createSealedValue<SigningIn>('sign-in', options);

  function sendProblem(response: ServerResponse, problem: Problem, ...links: Link[]): void {
    sendPage(response, problem.status, pages.problem(problem, ...links));
  }
  const again = (to = home): Link => ({ to: signInAddress(pages.signIn, to), text: 'Sign in' });
  function bothLinks(to = home): Link[] {
    const afresh = signInAddress(pages.signIn, to, true);
    return [again(to), { to: afresh, text: 'Sign in as somebody else' }];
  }

  async function identify(answer: URLSearchParams, attempt: SigningIn): Promise<Principal | Problem> {
    try {
      const token = await authorization.finish(answer, attempt);
      if (typeof token !== 'string') return token;
      const principal = await verifier.verify(token);
      return principal.scopes.includes(scope) ? principal : withoutScope(principal, pages);
    } catch (error) {
      onError(error, 'auth.sign-in-failed', { about: pages.name });
      if (error instanceof InvalidToken) return UNUSABLE;
      return error instanceof IssuerUnreachable ? UNREACHABLE : FAILED;
    }
  }

  return {
    async session({ headers }: IncomingMessage): Promise<Session | undefined> {
      const sealed = headers[SESSION_HEADER];
      const session = await sessions.open(typeof sealed === 'string' ? sealed : undefined);
      return session === undefined || (await endedSessions.has(session)) ? undefined : session;
    },
    watch: endedSessions.watch,

    /** Answers the script with the address to send the person to, and what to store until they are back. */
    async begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const fields = await readFields(request, MAX_BYTES);
      if (!(fields instanceof URLSearchParams)) return sendProblem(response, fields, again());
      const page = fields.get('to') ?? '';
      const to = pages.own.test(page) ? page : home;
      try {
        const { url, ...begun } = await authorization.begin(fields.get('as') !== null);
        sendJson(response, { url, begun: await signingIn.seal({ ...begun, to }, SIGNING_IN_MS) });
      } catch (error) {
        onError(error, 'auth.sign-in-failed', { about: pages.name });
        sendProblem(response, UNREACHABLE, again(to));
      }
    },

    /** Answers the page's script, once the person is back, with the sealed session and the page to open. */
    async finish(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const fields = await readFields(request, MAX_BYTES);
      if (!(fields instanceof URLSearchParams)) return sendProblem(response, fields, again());
      const attempt = await signingIn.open(fields.get('begun') ?? undefined);
      if (attempt === undefined) return sendProblem(response, STALE, again());
      const { to } = attempt;
      const person = await identify(new URLSearchParams(fields.get('answer') ?? ''), attempt);
      if ('status' in person) return sendProblem(response, person, ...bothLinks(to));
      const until = sessionEnd(person, clock());
      if (until === undefined) return sendProblem(response, STALE, again(to));
      const session = newSession(person, until, await endedSessions.listName(until));
      sendJson(response, { session: await sessions.seal(session, until - clock().getTime()), to });
    },

    /** Ends the session and every copy of it. */
    async signOut(response: ServerResponse, session: Session | undefined): Promise<void> {
      try {
        if (session !== undefined) await endedSessions.add(session);
      } catch (error) {
        onError(error, 'auth.sign-in-failed', { about: pages.name });
        return sendProblem(response, HERE_ONLY, ...bothLinks());
      }
      const text =
        'You are signed out of these pages. The server where you signed in may still remember you.';
      sendPage(response, 200, pages.notice('Signed out', text, ...bothLinks()));
    },
  };
}

/** The address that signs a person in and leads back to `to`. */
export function signInAddress(path: string, to: string, afresh = false): string {
  return `${path}?${new URLSearchParams({ to, ...(afresh ? { as: 'somebody-else' } : {}) })}`;
}

function withoutScope({ user, tenant }: Principal, { scope, may }: SignInPages): Problem {
  return {
    status: 403,
    title: `You may not ${may}`,
    problem: `${user} of ${tenant} is signed in, but without the scope ${scope}, which is needed to ${may}.`,
  };
}

const UNREACHABLE: Problem = {
  status: 503,
  title: 'Signing in is not possible right now',
  problem: 'The authorization server does not answer as it should. Try again in a moment.',
};
const HERE_ONLY: Problem = {
  status: 503,
  title: 'Signed out in this browser only',
  problem:
    'The server cannot record right now that this session has ended, so a copy of it works until it expires.',
};
const FAILED: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem: 'The authorization server issued no token for these pages. The log of this server says why.',
};
const UNUSABLE: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem:
    'The authorization server issued a token that is not for this server. The log says what it is for.',
};
