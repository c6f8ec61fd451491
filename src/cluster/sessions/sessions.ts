/**
 * Legacy sessions, for clients that need the server to remember them: off by default, limited in number, ended when idle, and
 * bound to the principal that opened them. Where replicas share records, any of them takes a session up when a request for it
 * arrives, and then keeps it like its own. Streams and questions stay at the replica where they began.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../wire/fault.js';
import type { LoggedStream } from '../../wire/http/event-log.js';
import type { Changes, Connection } from '../../wire/mcp/connection.js';
import type { RemoteSessions, Session, SessionStore } from '../../wire/server/ports.js';
import { KeptSessions, type SessionOptions } from './kept-sessions.js';
import { connectionOf, follow } from './session-record.js';
import type { SessionRecords } from './session-records.js';

/** When all places are taken, a new session replaces one that nobody has used for this long, milliseconds. */
const GIVES_WAY_MS = 60_000;
/** The same for a session taken up from its record. Shorter, because the dropped one can be taken up again in the same way. */
const PUT_AWAY_MS = 1_000;

export class Sessions implements SessionStore {
  /** Reaches what runs at other replicas; absent without replicas. */
  elsewhere: RemoteSessions | undefined;
  readonly #keptSessions: KeptSessions;
  /** Sessions that are being taken up, and whether a notification about them has arrived meanwhile. */
  readonly #taking = new Set<{ id: string; isNotified: boolean }>();
  #stopping = false;

  constructor(
    options: SessionOptions,
    changes: Changes,
    /** Shared by the replicas. Without it, sessions end with this process. */
    readonly records?: SessionRecords,
  ) {
    this.#keptSessions = new KeptSessions(options, changes, records);
    records?.watch({
      one: async (id) => this.#followed(id),
      all: async () => {
        for (const taking of this.#taking) taking.isNotified = true;
        const follows = await Promise.all(this.#keptSessions.ids.map((id) => this.#followed(id)));
        return () => {
          for (const each of follows) each?.();
        };
      },
    });
  }

  get count(): number {
    return this.#keptSessions.count;
  }

  /** Returns a Fault when there is no room. @throws Fault when the state is unavailable or the record would be too long */
  open(principal: string, connection: Connection): Session | Fault | Promise<Session> {
    const full = this.#keptSessions.makeRoom(GIVES_WAY_MS, principal);
    if (full !== undefined) return full;
    const session = this.#keep(randomUUID(), principal, connection);
    const { records } = this;
    if (records === undefined) return session;
    return records.open(session.id, principal, connection).then(
      (record) => {
        follow(session, record);
        return session;
      },
      (error: unknown) => {
        this.#keptSessions.drop(session.id);
        throw error;
      },
    );
  }

  /**
   * Synchronous for a session that is kept here and was confirmed lately; otherwise it is taken up from its record. Returns a
   * Fault when the header is missing, or names no session of this principal (2025-11-25/transports/056, /058), or there is no
   * room.
   *
   * @throws Fault 503 when the shared state is unavailable
   */
  of(id: string | undefined, principal: string): Session | Fault | Promise<Session | Fault> {
    if (id === undefined)
      return new Fault('sessionRequired', 'send the Mcp-Session-Id that "initialize" was answered with');
    const keptSession = this.#keptSessions.find(id);
    // The answer must not reveal another principal's session, so such a session counts as unknown.
    if (keptSession !== undefined && keptSession.session.principal !== principal) return unknown();
    if (this.records === undefined) {
      if (keptSession === undefined) return unknown();
      keptSession.timer.refresh();
    } else if (
      keptSession === undefined ||
      performance.now() - keptSession.confirmedAt > this.records.touchMs
    ) {
      return this.#takeUp(id, principal, this.records);
    }
    keptSession.lastUsed = performance.now();
    return keptSession.session;
  }

  /** Like `of`, but undefined instead of a refusal: for reading what the session speaks. */
  async peek(id: string | undefined, principal: string): Promise<Session | undefined> {
    const session = await this.of(id, principal);
    return session instanceof Fault ? undefined : session;
  }

  /** The session if it is kept here, for what other replicas forward. */
  here(id: unknown, principal: unknown): Session | undefined {
    const session = typeof id === 'string' ? this.#keptSessions.find(id)?.session : undefined;
    return session?.principal === principal ? session : undefined;
  }

  /**
   * From now on the client hears of changes on `stream` alone. False when it has opened a newer one, or the process is stopping. A
   * Fault when the session has ended.
   */
  listens(session: Session, stream: LoggedStream): boolean | Promise<boolean | Fault> {
    if (this.#stopping) return false;
    const begin = (): boolean => {
      session.standalone?.end([]);
      session.standalone = stream;
      return true;
    };
    if (this.records === undefined) return begin();
    return this.records.listens(session.id, stream.id).then((record) => {
      if (record === undefined) return unknown();
      return follow(session, record) && begin();
    });
  }

  /** Ends the session at every replica. */
  end(id: string): void | Promise<void> {
    if (this.records === undefined) return this.#keptSessions.drop(id);
    return this.records.end(id).then(() => this.#keptSessions.drop(id));
  }

  /** Before this process stops: clients hear of no more changes, but calls have time to finish. */
  endStreams(): void {
    this.#stopping = true;
    for (const id of this.#keptSessions.ids) this.#keptSessions.find(id)?.session.standalone?.end([]);
  }

  /** When this process stops. Sessions that replicas share live on. */
  endAll(): void {
    for (const id of this.#keptSessions.ids) this.#keptSessions.drop(id);
  }

  async #takeUp(id: string, principal: string, records: SessionRecords): Promise<Session | Fault> {
    const taking = { id, isNotified: false };
    this.#taking.add(taking);
    const record = await records.touch(id, principal).finally(() => this.#taking.delete(taking));
    // Another request may have taken it up meanwhile.
    const keptSession = this.#keptSessions.find(id);
    if (record === undefined) {
      if (keptSession !== undefined && keptSession.session.principal === principal)
        this.#keptSessions.drop(id);
      return unknown();
    }
    const full = keptSession === undefined ? this.#keptSessions.makeRoom(PUT_AWAY_MS, principal) : undefined;
    if (full !== undefined) return full;
    const session = keptSession?.session ?? this.#keep(id, principal, connectionOf(record));
    follow(session, record);
    this.#keptSessions.confirm(id);
    if (taking.isNotified) (await this.#followed(id))?.();
    return session;
  }

  async #followed(id: string): Promise<(() => void) | undefined> {
    for (const taking of this.#taking) if (taking.id === id) taking.isNotified = true;
    if (this.#keptSessions.find(id) === undefined) return undefined;
    const current = await this.records?.look(id);
    return () => {
      const session = this.#keptSessions.find(id)?.session;
      if (current?.record === undefined) this.#keptSessions.drop(id);
      else if (session !== undefined) follow(session, current.record);
      current?.confirm();
    };
  }

  #keep(id: string, principal: string, connection: Connection): Session {
    const { records } = this;
    const session = this.#keptSessions.keep(id, principal, connection);
    if (records !== undefined) {
      connection.settleShared = async (settled) => {
        const record = await records.settle(id, settled);
        if (record === undefined) return unknown();
        follow(session, record);
        return undefined;
      };
    }
    return session;
  }
}

function unknown(): Fault {
  return new Fault('sessionNotFound', 'this session has ended or never was; send "initialize" again');
}
