/** What HTTP or stdio lends to a request: timers, headers, and ways to notify and ask its client. */
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
  /** Sends a message ahead of the answer, on the request's own stream; absent if the caller accepts none. */
  notify?: ((message: NotificationMessage, mayBeOvertaken: boolean) => void) | undefined;
  /** Sends our request on that stream and waits for the answer; absent if no answer could come back. */
  request?: ((method: string, params: JsonObject, signal: AbortSignal) => Promise<JsonObject>) | undefined;
  /** Ends the stream early; a client that reconnects gets the rest. */
  releaseStream?: (() => void) | undefined;
  /** Bounds the bytes of answers; absent without a bound. */
  room?: AnswerRoom;
  /**
   * Allows a stream to open while the request is silent: from `admit`, when no refusal with its own status can come any more, until
   * `cancelOpening`, when the answer is known and only has to be recorded.
   */
  opening?: { admit(): void; cancelOpening(): void };
  /** The request's headers; absent on stdio, which has none. */
  headers?: Headers;
  /** The refusal that names the scopes that would let the caller through; absent if the transport cannot express it. */
  challenge?: ((scopes: readonly string[], reason: string, approval?: JsonObject) => Fault) | undefined;
  /** Verifies the token again for a call that waited, and returns its principal; absent without tokens. */
  verifyAgain?: (() => Principal | Fault | Promise<Principal | Fault>) | undefined;
  /** When the request arrived, in milliseconds of a monotonic clock. */
  began?: number;
  /** What a legacy client settled before; undefined if nothing remembers it. */
  connection?: Connection | undefined;
};
