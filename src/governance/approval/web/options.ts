/** The options of the approval pages, and what one request to them is answered from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../../../pages/signin/session.js';
import type { SignIn, SignInOptions } from '../../../pages/signin/sign-in.js';
import type { After } from '../../../wire/clock.js';
import type { ApprovalService, IsOwn } from '../approval.js';
import type { Live } from './live.js';

export type ApproverOptions = SignInOptions & {
  service: ApprovalService;
  /** Ends a stream with its session; by default a timer that does not keep the process running. */
  after?: After;
  /** Whether requesters may not decide. The service enforces it; the page says so before a form is filled in. */
  fourEyes: boolean;
  /** Whether two accounts belong to one person; by default each user of each issuer is a separate person. */
  isOwn?: IsOwn;
  /** What people read about a tool. */
  describe?: (tool: string) => { title?: string; description?: string } | undefined;
};

export type Pages = ApproverOptions & { signIn: SignIn; live: Live };

export type Visit = { pages: Pages; request: IncomingMessage; response: ServerResponse };
export type SignedInVisit = Visit & { session: Session };
