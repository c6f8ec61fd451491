/**
 * The sessions that one process keeps: so many and no more, each as long as it is used. Whether one that is put away here has
 * ended is for sessions.ts to say.
 */

import type { Fault } from '../../wire/fault.js';
import { busy, type Share, shareOf, shareTaken } from '../../wire/mcp/budget.js';
import type { Changes, Connection } from '../../wire/mcp/connection.js';
import type { Session } from '../../wire/server/ports.js';
import { type BoundTo, createSession, inUse, tellChanges } from './session.js';
import type { SessionRecords } from './session-records.js';

export type SessionOptions = {
  /** Sessions that a process keeps at the same time. */
  most: number;
  /** Those of one principal, where tokens tell principals apart; a tenth and at least 10 unless given. */
  perPrincipal?: number | undefined;
  /** Milliseconds without a request after which a session ends. */
  idleMs: number;
  /** Scopes that a session needs to be notified of a change; none by default. */
  boundTo?: BoundTo;
};

export type KeptSession = {
  session: Session;
  timer: NodeJS.Timeout;
  unlisten: () => void;
  lastUsed: number;
  /** When its record was last seen alive. */
  confirmed: number;
};

export class KeptSessions {
  readonly #kept = new Map<string, KeptSession>();
  /** The ids of each principal's sessions. */
  readonly #own = new Map<string, Set<string>>();
  readonly #share: Share;

  constructor(
    readonly options: SessionOptions,
    readonly changes: Changes,
    readonly records: SessionRecords | undefined,
  ) {
    const { most, perPrincipal } = options;
    this.#share = shareOf('sessions', 'sessions-per-principal', most, perPrincipal);
  }

  get count(): number {
    return this.#kept.size;
  }

  get ids(): string[] {
    return [...this.#kept.keys()];
  }

  find(id: string): KeptSession | undefined {
    return this.#kept.get(id);
  }

  keep(id: string, principal: string, connection: Connection): Session {
    const { records, options } = this;
    const session = createSession(id, principal, connection, records?.replica.id);
    const timer = setTimeout(() => this.#idle(id), records?.touchMs ?? options.idleMs).unref();
    const unlisten = tellChanges(session, this.changes, options.boundTo ?? (() => []));
    const now = performance.now();
    this.#kept.set(id, { session, timer, unlisten, lastUsed: now, confirmed: now });
    this.#own.set(principal, (this.#own.get(principal) ?? new Set()).add(id));
    return session;
  }

  /** Its record was seen, because somebody used it. */
  confirm(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.confirmed = performance.now();
    kept.lastUsed = kept.confirmed;
  }

  /**
   * One that nobody used for `unusedMs` gives way when all places are taken, or all of the principal's share; one that replicas
   * share is only put away, and taken up again by its next request.
   *
   * The refusal when none does.
   */
  makeRoom(unusedMs: number, principal: string): Fault | undefined {
    const { most } = this.options;
    const own = this.#own.get(principal) ?? new Set();
    if (own.size >= this.#share.most && own.size < most) {
      return this.#dropUnused(own, unusedMs) ? undefined : shareTaken(this.#share);
    }
    if (this.#kept.size < most || this.#dropUnused(this.#kept.keys(), unusedMs)) return undefined;
    return busy(`${most} sessions are open; try again later`);
  }

  /** Drops the one that was not used for longest; false when all are in use. */
  #dropUnused(ids: Iterable<string>, unusedMs: number): boolean {
    const longAgo = performance.now() - unusedMs;
    let oldest: KeptSession | undefined;
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept === undefined || kept.lastUsed >= longAgo || inUse(kept.session)) continue;
      if (oldest === undefined || kept.lastUsed < oldest.lastUsed) oldest = kept;
    }
    if (oldest !== undefined) this.drop(oldest.session.id);
    return oldest !== undefined;
  }

  drop(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    const own = this.#own.get(kept.session.principal);
    own?.delete(id);
    if (own?.size === 0) this.#own.delete(kept.session.principal);
    clearTimeout(kept.timer);
    kept.unlisten();
    kept.session.standalone?.end([]);
    kept.session.pending.end();
  }

  // Whoever still listens, or waits for an answer, is not idle.
  #idle(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    const { session, timer, lastUsed } = kept;
    if (inUse(session)) {
      this.records?.touch(id, session.principal).then(
        (record) => (record === undefined ? this.drop(id) : this.confirm(id)),
        (error: unknown) => this.records?.replica.onError(error),
      );
      timer.refresh();
    } else if (this.records !== undefined && performance.now() - lastUsed < this.options.idleMs) {
      timer.refresh();
    } else this.drop(id);
  }
}
