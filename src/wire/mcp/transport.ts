/** What a transport lends to a request while it is being answered: its timers, its ways to send, and what it knows of the way. */
import type { After } from '../clock.js';
import type { Fault } from '../fault.js';
import type { Principal } from '../principal.js';
import type { JsonObject } from '../value.js';
import type { Connection } from './connection.js';
import type { AnswerRoom } from './reply.js';
import type { Headers } from './request-headers.js';

export type NotificationMessage = { jsonrpc: '2.0'; method: string; params: JsonObject };

/** What the transport lends to an context. */
export type Transport = {
  after: After;
  /** Sends a message ahead of the answer, on the request's own stream; absent where the caller accepts none. */
  notify?: ((message: NotificationMessage, mayBeOvertaken: boolean) => void) | undefined;
  /** Sends a request of ours on that stream and waits for its answer; absent where no answer could find its way back. */
  request?: ((method: string, params: JsonObject, signal: AbortSignal) => Promise<JsonObject>) | undefined;
  /** Ends the stream early; its rest is fetched by a reconnecting client. */
  releaseStream?: (() => void) | undefined;
  /** Where the bytes of the answer are counted; absent where nobody bounds them. */
  room?: AnswerRoom;
  /** Told when the request may run: what comes now is an answer, and no refusal with a status of its own. */
  admitted?: () => void;
  /** Told when the answer is decided, and it only has to be written down before it leaves. */
  decided?: () => void;
  /** The request's headers; absent on stdio, where nothing is mirrored. */
  headers?: Headers;
  /** The refusal that tells a caller which scopes would let it through, where the transport has a form for that. */
  challenge?: ((scopes: readonly string[], reason: string, approval?: JsonObject) => Fault) | undefined;
  /**
   * Verifies the request's token again, for a call that waited, and returns its principal. Absent without tokens. @throws Fault
   */
  verifyAgain?: (() => Principal | Fault | Promise<Principal | Fault>) | undefined;
  /** When the request came, milliseconds of a clock that only goes on. */
  began?: number;
  /** What a legacy client settled before, where something remembers it. */
  connection?: Connection | undefined;
};
