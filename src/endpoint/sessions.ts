/**
 * Legacy sessions, for clients that need the server to remember: off unless asked for, capped, ended when idle, and
 * each bound to the principal that opened it. A session lives in this process; replicas need a sticky proxy for it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
import { randomUUID } from 'node:crypto';
import { Fault } from '../fault.js';
import { EventLog, type LoggedStream } from '../http/event-log.js';
import { type Changes, changeNotification } from '../mcp/changes.js';
import type { Connection } from '../mcp/connection.js';
import { Pending } from '../mcp/pending.js';
import { busy } from './busy.js';

export type SessionOptions = {
  /** Sessions at the same time. */
  most: number;
  /** Milliseconds without a request after which a session ends. */
  idleMs: number;
};

export type Session = {
  readonly id: string;
  readonly principal: string;
  readonly connection: Connection;
  readonly log: EventLog;
  readonly pending: Pending;
  /** The GET stream: where changes are told (2025-11-25/transports/037). */
  standalone: LoggedStream | undefined;
  /** Its calls that are being answered. */
  running: number;
};

type Kept = { session: Session; expiry: NodeJS.Timeout; unlisten: () => void; lastUsed: number };

/** A session that nobody used for this long, milliseconds, gives way to a new one when all places are taken. */
const GIVES_WAY_MS = 60_000;

export class Sessions {
  readonly #kept = new Map<string, Kept>();

  constructor(
    readonly options: SessionOptions,
    readonly changes: Changes,
  ) {}

  get count(): number {
    return this.#kept.size;
  }

  /** @throws Fault when there are too many. */
  open(principal: string, connection: Connection): Session {
    const { most, idleMs } = this.options;
    if (this.#kept.size >= most) this.#makeRoom();
    if (this.#kept.size >= most) throw busy(`${most} sessions are open; try again later`);
    const session: Session = {
      id: randomUUID(),
      principal,
      connection,
      log: new EventLog(),
      pending: new Pending(),
      standalone: undefined,
      running: 0,
    };
    const unlisten = this.changes.listen((change) => {
      if (change.kind === 'task' || (change.kind === 'resource' && !connection.watched.has(change.uri)))
        return;
      const { method, params } = changeNotification(change);
      session.standalone?.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
    });
    // Whoever still listens, or waits for an answer, is not idle.
    const expiry = setTimeout(() => {
      if (inUse(session)) expiry.refresh();
      else this.end(session.id);
    }, idleMs).unref();
    this.#kept.set(session.id, { session, expiry, unlisten, lastUsed: performance.now() });
    return session;
  }

  /** @throws Fault when the header is missing, or names no session of this principal (2025-11-25/transports/056, /058). */
  of(id: string | undefined, principal: string): Session {
    if (id === undefined)
      throw new Fault('sessionRequired', 'send the Mcp-Session-Id that "initialize" was answered with');
    const kept = this.#kept.get(id);
    // Whose session it is must not be told to anybody else, so a foreign one is simply unknown.
    if (kept === undefined || kept.session.principal !== principal) {
      throw new Fault('sessionNotFound', 'this session has ended or never was; send "initialize" again');
    }
    kept.expiry.refresh();
    kept.lastUsed = performance.now();
    return kept.session;
  }

  /** The session of that id, to see what it speaks; it is not kept alive by that. */
  peek(id: string | undefined, principal: string): Session | undefined {
    const session = this.#kept.get(id ?? '')?.session;
    return session?.principal === principal ? session : undefined;
  }

  end(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    clearTimeout(kept.expiry);
    kept.unlisten();
    kept.session.standalone?.end([]);
    kept.session.pending.end();
    this.#kept.delete(id);
  }

  #makeRoom(): void {
    const longAgo = performance.now() - GIVES_WAY_MS;
    const free = [...this.#kept.values()].filter(
      ({ session, lastUsed }) => lastUsed < longAgo && !inUse(session),
    );
    const [oldest] = free.sort((one, other) => one.lastUsed - other.lastUsed);
    if (oldest !== undefined) this.end(oldest.session.id);
  }

  endAll(): void {
    for (const id of [...this.#kept.keys()]) this.end(id);
  }
}

function inUse({ standalone, running }: Session): boolean {
  return standalone?.live === true || running > 0;
}
