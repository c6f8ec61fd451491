/**
 * The port by which requests are written down: dispatch.ts hands each over when its answer is decided and before it
 * leaves. What a record looks like, and where it is kept, is the journal's business.
 */
import type { Fault } from '../fault.js';
import type { Id, Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { Reply } from './reply.js';
import type { RequestContext } from './request-context.js';
import type { Headers } from './request-headers.js';

/** A request that was refused before it was known which method answers it. */
export type Rejection = {
  fault: Fault;
  status: number;
  principal?: Principal | undefined;
  request?: { id?: Id | undefined; method?: string | undefined; params?: JsonObject | undefined };
  headers?: Headers | undefined;
};

export type AuditPort = {
  /** Before a tool runs that changes something. @throws Fault when it cannot be written: then the tool must not run. */
  intent(request: Request, exchange: RequestContext): Promise<void>;
  /** The reply that may leave: the one given, or a refusal where that must not leave unwritten. */
  outcome(request: Request, exchange: RequestContext, reply: Reply): Reply | Promise<Reply>;
  /** The end of a call that went on as a task. @throws Fault when its result must not be given unwritten. */
  taskEnded(
    request: Request,
    exchange: RequestContext,
    ended: { result: JsonObject } | { error: unknown },
  ): Promise<void>;
  rejected(refused: Rejection): Promise<void>;
  /** Writes what it has only counted so far. */
  close(): Promise<void>;
};
