/**
 * Legacy sessions, for clients that need the server to remember: off unless asked for, capped, ended when idle, and
 * each bound to the principal that opened it. Where replicas share what was settled, any of them takes a session up when a
 * request of it comes, and keeps it like its own; its streams and questions stay where they were begun.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../wire/fault.js';
import type { LoggedStream } from '../../wire/http/event-log.js';
import type { Changes, Connection } from '../../wire/mcp/connection.js';
import type { RemoteSessions, Session, SessionStore } from '../../wire/server/ports.js';
import { KeptSessions, type SessionOptions } from './kept-sessions.js';
import { connectionOf, follow } from './session.js';
import type { SessionRecords } from './session-records.js';

/** A session that nobody used for this long, milliseconds, gives way to a new one when all places are taken. */
const GIVES_WAY_MS = 60_000;
/** And to one that another replica shares, since the unused one can be taken up again just so. */
const PUT_AWAY_MS = 1_000;

export class Sessions implements SessionStore {
  /** What goes on at other replicas; set where there are any. */
  elsewhere: RemoteSessions | undefined;
  readonly #kept: KeptSessions;
  /** Sessions that are being taken up, and whether somebody told of a change of them meanwhile. */
  readonly #taking = new Set<{ id: string; told: boolean }>();
  #stopping = false;

  constructor(
    options: SessionOptions,
    changes: Changes,
    /** What the replicas share; without it a session lives and dies with this process. */
    readonly records?: SessionRecords,
  ) {
    this.#kept = new KeptSessions(options, changes, records);
    records?.watch({
      one: async (id) => this.#followed(id),
      all: async () => {
        for (const taking of this.#taking) taking.told = true;
        const follows = await Promise.all(this.#kept.ids.map((id) => this.#followed(id)));
        return () => {
          for (const each of follows) each?.();
        };
      },
    });
  }

  get count(): number {
    return this.#kept.count;
  }

  /** @throws Fault when what the replicas share cannot be reached */
  open(principal: string, connection: Connection): Session | Fault | Promise<Session> {
    const full = this.#kept.makeRoom(GIVES_WAY_MS, principal);
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
        this.#kept.drop(session.id);
        throw error;
      },
    );
  }

  /**
   * Known here, it is there at once; else it is taken up from what the replicas share.
   *
   * A Fault when the header is missing, or names no session of this principal (2025-11-25/transports/056, /058).
   */
  of(id: string | undefined, principal: string): Session | Fault | Promise<Session | Fault> {
    if (id === undefined)
      return new Fault('sessionRequired', 'send the Mcp-Session-Id that "initialize" was answered with');
    const kept = this.#kept.find(id);
    // Whose session it is must not be told to anybody else, so a foreign one is simply unknown.
    if (kept !== undefined && kept.session.principal !== principal) return unknown();
    if (this.records === undefined) {
      if (kept === undefined) return unknown();
      kept.timer.refresh();
    } else if (kept === undefined || performance.now() - kept.confirmed > this.records.touchMs) {
      return this.#takeUp(id, principal, this.records);
    }
    kept.lastUsed = performance.now();
    return kept.session;
  }

  /** The session of that id, to see what it speaks; undefined where there is none. */
  async peek(id: string | undefined, principal: string): Promise<Session | undefined> {
    const session = await this.of(id, principal);
    return session instanceof Fault ? undefined : session;
  }

  /** The session that is kept here, for what another replica passes on of it. */
  here(id: unknown, principal: unknown): Session | undefined {
    const session = typeof id === 'string' ? this.#kept.find(id)?.session : undefined;
    return session?.principal === principal ? session : undefined;
  }

  /** From now on changes are told over `stream`, and over no other. False when a newer one was opened, or all are to end. */
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

  /** Here, and at every replica. */
  end(id: string): void | Promise<void> {
    if (this.records === undefined) return this.#kept.drop(id);
    return this.records.end(id).then(() => this.#kept.drop(id));
  }

  /** This process is about to stop: nobody is told of changes any more, and calls have time to end. */
  endStreams(): void {
    this.#stopping = true;
    for (const id of this.#kept.ids) this.#kept.find(id)?.session.standalone?.end([]);
  }

  /** This process stops; what replicas share lives on. */
  endAll(): void {
    for (const id of this.#kept.ids) this.#kept.drop(id);
  }

  async #takeUp(id: string, principal: string, records: SessionRecords): Promise<Session | Fault> {
    const taking = { id, told: false };
    this.#taking.add(taking);
    const record = await records.touch(id, principal).finally(() => this.#taking.delete(taking));
    // Somebody else may have taken it up meanwhile.
    const kept = this.#kept.find(id);
    if (record === undefined) {
      if (kept !== undefined && kept.session.principal === principal) this.#kept.drop(id);
      return unknown();
    }
    const full = kept === undefined ? this.#kept.makeRoom(PUT_AWAY_MS, principal) : undefined;
    if (full !== undefined) return full;
    const session = kept?.session ?? this.#keep(id, principal, connectionOf(record));
    follow(session, record);
    this.#kept.confirm(id);
    if (taking.told) (await this.#followed(id))?.();
    return session;
  }

  async #followed(id: string): Promise<(() => void) | undefined> {
    for (const taking of this.#taking) if (taking.id === id) taking.told = true;
    if (this.#kept.find(id) === undefined) return undefined;
    const found = await this.records?.look(id);
    return () => {
      const session = this.#kept.find(id)?.session;
      if (found?.record === undefined) this.#kept.drop(id);
      else if (session !== undefined) follow(session, found.record);
      found?.seen();
    };
  }

  #keep(id: string, principal: string, connection: Connection): Session {
    const { records } = this;
    const session = this.#kept.keep(id, principal, connection);
    if (records !== undefined) {
      connection.keep = async (settled) => {
        const record = await records.settle(id, settled);
        if (record === undefined) throw unknown();
        follow(session, record);
      };
    }
    return session;
  }
}

function unknown(): Fault {
  return new Fault('sessionNotFound', 'this session has ended or never was; send "initialize" again');
}
