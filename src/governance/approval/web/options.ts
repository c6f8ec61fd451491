/** What the approval pages are given, and what one request to them is answered from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignIn, SignInOptions } from '../../../pages/signin/sign-in.js';
import type { After } from '../../../wire/clock.js';
import type { ApprovalService, IsOwn } from '../approval.js';
import type { Live } from './live.js';

export type ApproverOptions = SignInOptions & {
  desk: ApprovalService;
  /** Ends a stream with its session; a timer that does not hold the process unless given. */
  after?: After;
  /** Whether who asked may not decide. The desk holds it; the page says so before a form is filled in. */
  fourEyes: boolean;
  /** Which accounts belong to one person; by default each user of each issuer is a separate person. */
  isOwn?: IsOwn;
  /** What people are told about a tool. */
  describe?: (tool: string) => { title?: string; description?: string } | undefined;
};

export type Pages = ApproverOptions & { signIn: SignIn; live: Live };

export type Visit = { pages: Pages; request: IncomingMessage; response: ServerResponse };
