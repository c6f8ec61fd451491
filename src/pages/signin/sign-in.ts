/**
 * Signing in and out of a service's pages. A person goes to the authorization server and comes back with a code; the token
 * it is worth has to be for this service and to hold the scope that its pages want, and is forgotten once it was read. What
 * has to be remembered meanwhile, and then who is signed in, is sealed and given to the script of the page, which keeps it
 * for its exact origin. So an answer counts in the window that asked, and once; and no cookie is set.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KeysUnreachable, TokenRefused } from '../../oauth/token-refused.js';
import type { Verifier } from '../../oauth/verifier.js';
import type { Sealer } from '../../wire/mcp/input-rounds.js';
import type { Principal } from '../../wire/principal.js';
import { sendJson, sendPage } from '../reply.js';
import { type Begun, createAuthorization, SignInRefused } from './authorization.js';
import { readFields } from './form.js';
import type { Link, Problem } from './problem.js';
import { createSealedValue } from './sealed-value.js';
import { endOf, SESSION_HEADER, type Session, sessionOf } from './session.js';
import { denied, FAILED, HERE_ONLY, STALE, UNREACHABLE, UNUSABLE } from './sign-in-problems.js';
import { createSignedOut, type SignedOutState } from './signed-out.js';

export type SignInOptions = {
  /** Of access tokens for `resource`. */
  verifier: Pick<Verifier, 'verify'>;
  /** The authorization server where people sign in. */
  issuer: string;
  /** The resource identifier of the service that the pages belong to. */
  resource: string;
  /** Where the pages are, as a browser knows it: no path, no slash at its end. */
  origin: string;
  /** As what the pages are registered at the issuer, with the redirect URI `${origin}${callback}`. */
  client: { id: string; secret?: string };
  /** Of keys that replicas share, so that a person signed in at one is so at all. */
  sealer: Sealer;
  /** The list of ended sessions, shared by the same replicas. */
  state: SignedOutState;
  clock: () => Date;
  fetch?: typeof fetch;
  onError: (error: unknown, about: string) => void;
};

/** What one service's pages say and want. */
export type SignInPages = {
  /** Before the names in the browser's storage, and in the log. */
  name: string;
  callback: string;
  signIn: string;
  /** Where to go when nobody says. */
  home: string;
  /** Of these pages only: an address from elsewhere would let a stranger send people on from here. */
  own: RegExp;
  /** The scope that whoever signs in has to hold, and what it lets them do: `You may not decide`. */
  scope: string;
  may: string;
  need: string;
  problem(problem: Problem, ...links: Link[]): string;
  notice(title: string, text: string, ...links: Link[]): string;
};

/**
 * Callers have checked the request's origin (form.ts). All but `begin` reject with StateUnavailable when the list of ended
 * sessions cannot be read.
 */
export type SignIn = {
  session(request: IncomingMessage): Promise<Session | undefined>;
  /** Calls back when the session ends early. Returns a function that stops this. */
  watch(session: Session, onEnded: () => void): () => void;
  /** Tells the page's script where to send the person, and what to keep until they are back. */
  begin(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** They are back: tells the script who is signed in, sealed, and where to go. */
  finish(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends the session and every copy of it. */
  signOut(response: ServerResponse, session: Session | undefined): Promise<void>;
};

/** Somebody on the way to the authorization server, and where they go once they are back. */
type SigningIn = Begun & { to: string };

/** Room for what is sealed, and for the answer of the authorization server, which came as an address. */
const MAX_BYTES = 16 * 1024;
const SIGNING_IN_MS = 10 * 60_000;

export function createSignIn(options: SignInOptions, pages: SignInPages): SignIn {
  const { verifier, origin, clock, onError } = options;
  const { scope, home, callback } = pages;
  const authorization = createAuthorization({ ...options, scope, redirectUri: `${origin}${callback}` });
  const sessions = createSealedValue<Session>('session', options);
  const signedOut = createSignedOut(options.state, options.resource);
  const signingIn = createSealedValue<SigningIn>('sign-in', options);
  const again = (to = home): Link => ({ to: signInAddress(pages.signIn, to), text: 'Sign in' });
  const asSomebodyElse = (to = home): Link => ({
    to: signInAddress(pages.signIn, to, true),
    text: 'Sign in as somebody else',
  });

  async function identify(answer: URLSearchParams, begun: SigningIn): Promise<Principal | Problem> {
    try {
      const principal = await verifier.verify(await authorization.finish(answer, begun));
      return principal.scopes.includes(scope) ? principal : lacking(principal, pages);
    } catch (error) {
      if (error instanceof SignInRefused)
        return error.why === 'denied' ? denied(error.message, scope) : STALE;
      onError(error, `${pages.name} sign-in`);
      return error instanceof TokenRefused
        ? UNUSABLE
        : error instanceof KeysUnreachable
          ? UNREACHABLE
          : FAILED;
    }
  }

  return {
    async session(request) {
      const session = await sessions.open(headerOf(request));
      return session === undefined || (await signedOut.has(session)) ? undefined : session;
    },
    watch: signedOut.watch,

    async begin(request, response) {
      const fields = await readFields(request, MAX_BYTES);
      if (!(fields instanceof URLSearchParams))
        return sendPage(response, fields.status, pages.problem(fields, again()));
      const to = fields.get('to') ?? '';
      const own = pages.own.test(to) ? to : home;
      try {
        // With `as` they are asked who they are although the authorization server knows somebody.
        const { url, ...begun } = await authorization.begin(fields.get('as') !== null);
        sendJson(response, { url, begun: await signingIn.seal({ ...begun, to: own }, SIGNING_IN_MS) });
      } catch (error) {
        onError(error, `${pages.name} sign-in`);
        sendPage(response, 503, pages.problem(UNREACHABLE, again(own)));
      }
    },

    async finish(request, response) {
      const fields = await readFields(request, MAX_BYTES);
      if (!(fields instanceof URLSearchParams))
        return sendPage(response, fields.status, pages.problem(fields, again()));
      const begun = await signingIn.open(fields.get('begun') ?? undefined);
      if (begun === undefined) return sendPage(response, 400, pages.problem(STALE, again()));
      const { to } = begun;
      const found = await identify(new URLSearchParams(fields.get('answer') ?? ''), begun);
      if ('status' in found) {
        return sendPage(response, found.status, pages.problem(found, again(to), asSomebodyElse(to)));
      }
      const until = endOf(found, clock());
      if (until === undefined) return sendPage(response, 400, pages.problem(STALE, again(to)));
      const session = sessionOf(found, until, await signedOut.name(until));
      sendJson(response, { session: await sessions.seal(session, session.until - clock().getTime()), to });
    },

    async signOut(response, session) {
      try {
        if (session !== undefined) await signedOut.add(session);
      } catch (error) {
        onError(error, `${pages.name} sign-out`);
        return sendPage(response, 503, pages.problem(HERE_ONLY, again(), asSomebodyElse()));
      }
      const text = 'You are signed out of these pages. Where you signed in you may still be known.';
      sendPage(response, 200, pages.notice('Signed out', text, again(), asSomebodyElse()));
    },
  };
}

function headerOf({ headers }: IncomingMessage): string | undefined {
  const value = headers[SESSION_HEADER];
  return typeof value === 'string' ? value : undefined;
}

/** The address that signs a person in and leads them back. */
export function signInAddress(path: string, to: string, afresh = false): string {
  return `${path}?${new URLSearchParams({ to, ...(afresh ? { as: 'somebody-else' } : {}) })}`;
}

function lacking({ user, tenant }: Principal, { scope, may, need }: SignInPages): Problem {
  return {
    status: 403,
    title: `You may not ${may}`,
    problem: `${user} of ${tenant} is signed in, but without the scope ${scope}, which ${need} has to hold.`,
  };
}
