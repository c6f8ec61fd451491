/**
 * What a handler of a tool, prompt or resource is given besides its arguments: its way to be stopped, to tell, to ask.
 * The same in both eras; how each wish reaches the wire is decided in exchange.ts and rounds.ts.
 */
import type { JsonObject } from '../value.js';
import type { InputRequest } from './input.js';
import type { LogLevel } from './log.js';

export type HandlerContext = {
  /** Aborted when the caller cancels or leaves, when the deadline passes, and when the server stops. */
  readonly signal: AbortSignal;
  /** The name of the caller's tenant, for display. Two issuers may use the same name. */
  readonly tenant: string;
  /** One text for this tenant of this issuer, for keys of shared things such as table rows or turns at a database. */
  readonly tenantKey: string;
  /** What the client declared it can do; empty where the era does not let us know. */
  readonly capabilities: JsonObject;
  /** Tells the caller how far the work is; silently nothing when the caller did not ask (2026-07-28/progress/007). */
  progress(progress: number, total?: number, message?: string): void;
  /**
   * Waits for something that the server needs first and this call did not cause, such as data that is being prepared: the
   * call's deadline rests meanwhile.
   */
  waitFor<T>(needed: Promise<T>): Promise<T>;
  /** A log message for the caller; silently nothing below the level it asked for (2026-07-28/logging/004). */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /**
   * Asks the caller's user, model or roots, and resolves with the answer. Before 2026-07-28 that is a request on the
   * call's stream; since, the handler ends here, the client is told what is missing, and its retry runs the handler
   * from the start with this answer in hand. So do nothing before the last `ask` that must not be done twice.
   */
  ask(key: string, request: InputRequest): Promise<JsonObject>;
  /** Asks for several things at once. */
  askAll<Asked extends { [key: string]: InputRequest }>(
    requests: Asked,
  ): Promise<{ [Key in keyof Asked]: JsonObject }>;
  /** Ends the caller's stream early; it comes back for the rest (2025-11-25/transports/023). Nothing elsewhere. */
  releaseStream(): void;
};
