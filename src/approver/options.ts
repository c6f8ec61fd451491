/** What the approval pages are given, and what one request to them is answered from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Desk } from '../approval/approval.js';
import type { Verifier } from '../auth/verifier.js';
import type { After } from '../mcp/exchange.js';
import type { Sealer } from '../mcp/rounds.js';
import type { Authorization, Begun } from './authorization.js';
import type { Live } from './live.js';
import type { SealedCookie } from './sealed-cookie.js';
import type { Session } from './session.js';

export type ApproverOptions = {
  desk: Desk;
  /** Of access tokens for `resource`. */
  verifier: Pick<Verifier, 'verify'>;
  /** The authorization server where people sign in. */
  issuer: string;
  /** The resource identifier of the server whose calls are decided. */
  resource: string;
  /** Where these pages are, as a browser knows it: no path, no slash at its end. */
  origin: string;
  /** As what the pages are registered there, with the redirect URI `${origin}/approvals/callback`. */
  client: { id: string; secret?: string };
  /** Of keys that replicas share, so that a person signed in at one is so at all. */
  sealer: Sealer;
  clock: () => Date;
  /** Ends a stream with its session; a timer that does not hold the process unless given. */
  after?: After;
  fetch?: typeof fetch;
  /** Whether who asked may not decide. The desk holds it; the page says so before a form is filled in. */
  fourEyes: boolean;
  onError: (error: unknown, about: string) => void;
  /** What people are told about a tool. */
  describe?: (tool: string) => { title?: string; description?: string } | undefined;
};

/** Somebody on the way to the authorization server, and where they go once they are back. */
export type SigningIn = Begun & { to: string };

export type Pages = ApproverOptions & {
  authorization: Authorization;
  session: SealedCookie<Session>;
  signingIn: SealedCookie<SigningIn>;
  live: Live;
};

export type Visit = { pages: Pages; request: IncomingMessage; response: ServerResponse };
