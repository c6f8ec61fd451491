/** What HTTP or stdio lends to a request: timers, headers, ways to notify its client and to ask it. */
import type { After } from '../clock.js';
import type { Fault } from '../fault.js';
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { AnswerRoom } from './budget.js';
import type { Connection } from './connection.js';
import type { Headers } from './request-headers.js';

export type NotificationMessage = { jsonrpc: '2.0'; method: string; params: JsonObject };

export type Transport = {
  after: After;
  /** Sends a message ahead of the answer, on the request's own stream; absent where the caller accepts none. */
  notify?: ((message: NotificationMessage, mayBeOvertaken: boolean) => void) | undefined;
  /** Sends a request of ours on that stream and waits for its answer; absent where no answer could find its way back. */
  request?: ((method: string, params: JsonObject, signal: AbortSignal) => Promise<JsonObject>) | undefined;
  /** Ends the stream early; a client that reconnects gets its rest. */
  releaseStream?: (() => void) | undefined;
  /** Absent where nobody bounds the bytes of answers. */
  room?: AnswerRoom;
  /**
   * Opens a stream for a silent request: from when it may run, since what comes then is no refusal with a status of its own, until its
   * answer is known and only has to be recorded before it leaves.
   */
  opening?: { admit(): void; cancelOpening(): void };
  /** The request's headers; absent on stdio, where nothing is mirrored. */
  headers?: Headers;
  /** The refusal that names the scopes that would let the caller through, where the transport has a form for that. */
  challenge?: ((scopes: readonly string[], reason: string, approval?: JsonObject) => Fault) | undefined;
  /** Verifies the request's token again, for a call that waited, and returns its principal. Absent without tokens. */
  verifyAgain?: (() => Principal | Fault | Promise<Principal | Fault>) | undefined;
  /** When the request came, in milliseconds of a clock that only goes forward. */
  began?: number;
  /** What a legacy client settled before, where something remembers it. */
  connection?: Connection | undefined;
};
