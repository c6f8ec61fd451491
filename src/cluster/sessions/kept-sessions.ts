/**
 * The sessions that one process keeps: a limited number, each until it is idle. A session that is dropped here may live on at
 * other replicas; sessions.ts knows which have ended.
 */

import type { Fault } from '../../wire/fault.js';
import { EventLog } from '../../wire/http/event-log.js';
import { busy, type Share, shareOf, shareTaken } from '../../wire/mcp/budget.js';
import { type Change, type Changes, type Connection, changeNotification } from '../../wire/mcp/connection.js';
import { Pending } from '../../wire/mcp/input.js';
import type { Session } from '../../wire/server/ports.js';
import type { SessionRecords } from './session-records.js';

export type SessionOptions = {
  /** The most sessions that a process keeps at the same time. */
  most: number;
  /** The most that one principal may have, if tokens tell principals apart. By default a tenth, and at least 10. */
  perPrincipal?: number | undefined;
  /** Milliseconds without a request after which a session ends. */
  idleMs: number;
  /** The scopes that a session needs to be notified of a change; none by default. */
  boundTo?: (change: Change) => readonly string[];
};

export type KeptSession = {
  session: Session;
  timer: NodeJS.Timeout;
  unlisten: () => void;
  lastUsed: number;
  /** When its record was last seen alive. */
  confirmedAt: number;
};

export class KeptSessions {
  readonly #sessions = new Map<string, KeptSession>();
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
    return this.#sessions.size;
  }

  get ids(): string[] {
    return [...this.#sessions.keys()];
  }

  find(id: string): KeptSession | undefined {
    return this.#sessions.get(id);
  }

  keep(id: string, principal: string, connection: Connection): Session {
    const { records, options } = this;
    const replica = records?.replica.id;
    const session: Session = {
      id,
      principal,
      connection,
      // With replicas, the ids of its streams and questions contain the replica's, so that the others find the owner.
      log: replica === undefined ? new EventLog() : new EventLog(`${replica}-`),
      pending: replica === undefined ? new Pending() : new Pending(`server-${replica}`),
      standalone: undefined,
      running: 0,
      version: 0,
      listener: undefined,
    };
    const timer = setTimeout(() => this.#idle(id), records?.touchMs ?? options.idleMs).unref();
    // Notifies the client of changes while it has a GET stream here.
    const unlisten = this.changes.listen((change) => {
      const watchedChange = change.kind === 'task' ? undefined : connection.watched.changeFor(change);
      if (watchedChange === undefined) return;
      const { method, params } = changeNotification(watchedChange);
      const bound = options.boundTo?.(watchedChange) ?? [];
      session.standalone?.send(JSON.stringify({ jsonrpc: '2.0', method, params }), bound);
    });
    const now = performance.now();
    this.#sessions.set(id, { session, timer, unlisten, lastUsed: now, confirmedAt: now });
    this.#own.set(principal, (this.#own.get(principal) ?? new Set()).add(id));
    return session;
  }

  /** The session is in use, and its shared record still exists. */
  confirm(id: string): void {
    const keptSession = this.#sessions.get(id);
    if (keptSession === undefined) return;
    keptSession.confirmedAt = performance.now();
    keptSession.lastUsed = keptSession.confirmedAt;
  }

  /**
   * When all places or the principal's share are taken, drops a session that nobody has used for `unusedMs`. If replicas share
   * that session, its next request takes it up again. Returns the refusal when no session can be dropped.
   */
  makeRoom(unusedMs: number, principal: string): Fault | undefined {
    const { most } = this.options;
    const own = this.#own.get(principal) ?? new Set();
    if (own.size >= this.#share.max && own.size < most) {
      return this.#dropUnused(own, unusedMs) ? undefined : shareTaken(this.#share);
    }
    if (this.#sessions.size < most || this.#dropUnused(this.#sessions.keys(), unusedMs)) return undefined;
    return busy(`${most} sessions are open; try again later`);
  }

  /** Drops the session that has been unused for longest; false when all are in use or were used within `unusedMs`. */
  #dropUnused(ids: Iterable<string>, unusedMs: number): boolean {
    const longAgo = performance.now() - unusedMs;
    let oldest: KeptSession | undefined;
    for (const id of ids) {
      const keptSession = this.#sessions.get(id);
      if (keptSession === undefined || keptSession.lastUsed >= longAgo || inUse(keptSession.session))
        continue;
      if (oldest === undefined || keptSession.lastUsed < oldest.lastUsed) oldest = keptSession;
    }
    if (oldest !== undefined) this.drop(oldest.session.id);
    return oldest !== undefined;
  }

  drop(id: string): void {
    const keptSession = this.#sessions.get(id);
    if (keptSession === undefined) return;
    this.#sessions.delete(id);
    const own = this.#own.get(keptSession.session.principal);
    own?.delete(id);
    if (own?.size === 0) this.#own.delete(keptSession.session.principal);
    clearTimeout(keptSession.timer);
    keptSession.unlisten();
    keptSession.session.standalone?.end([]);
    keptSession.session.pending.end();
  }

  // A session whose client still listens, or waits for an answer, is not idle.
  #idle(id: string): void {
    const keptSession = this.#sessions.get(id);
    if (keptSession === undefined) return;
    const { session, timer, lastUsed } = keptSession;
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

function inUse({ standalone, running }: Session): boolean {
  return standalone?.live === true || running > 0;
}
