/**
 * The audit log that one replica writes: append-only JSON lines, one folder per tenant of an issuer, one file per day, each record
 * chained to the one before. It is written to disk when its promise resolves: handed to the system, or on the medium when
 * `durable`. A disk that fails refuses each record by itself and turns `healthy` false until it works again.
 * series.ts writes one tenant's chain; what a chain proves, and what it cannot, is in verify.ts.
 */
import { after, afterUnlessDone } from '../../wire/clock.js';
import { mostOpen } from './descriptors.js';
import { AuditUnavailable, makeDirectory, realFs } from './disk.js';
import { Gate } from './gate.js';
import { AuditLocked, type Lock, takeLock } from './lock.js';
import { folderName, folderOf, type Owner } from './names.js';
import type { Audit, AuditOptions } from './options.js';
import { type AuditEntry, layOut, type Notice } from './record.js';
import { Series } from './series.js';
import { States } from './series-context.js';
import { Tenants } from './tenants.js';

export type { Audit, AuditOptions } from './options.js';

/** How often heads are kept, trouble is looked at again, and the lock is touched. */
const TICK_MS = 1000;
const STALLED_MS = 5000;
/**
 * Heads kept a second, each a sync, a new file and some 0.7 ms of processor time. With more tenants than that they take
 * turns, the ones that wait for longest first: while all of 10,000 write, each head is kept every three minutes.
 */
const MAX_HEADS = 64;
/** Tenants in trouble that are tried in a second: health waits for all of them. */
const MAX_TRIED = 1000;
/** For each of the two on a disk that is slow: the lock has to be touched in between. */
const KEEP_MS = 3000;
/** How long closing keeps heads. A chain without its newest one goes on as after a crash. */
const CLOSE_MS = 5000;
/** Characters that may wait for a slow disk. */
const MAX_BACKLOG = 64 * 1024 * 1024;

/** @throws AuditLocked when another process writes there under this name. A disk that fails makes it unhealthy. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const log = new AuditLog(options);
  await log.start();
  return log;
}

class AuditLog implements Audit {
  readonly #replica: string;
  readonly #gate = new Gate();
  readonly #backlog = { chars: 0 };
  readonly #states = new States<Series>();
  readonly #tenants: Tenants;
  #lock: Lock | undefined;
  #locking: Promise<void> | undefined;
  /** Whether the present trouble has been told. */
  #told = false;
  #started = false;
  #shut: Promise<void> | undefined;
  #closed = false;
  #stopTick: (() => void) | undefined;
  #ticking: Promise<void> | undefined;

  constructor(private readonly options: AuditOptions) {
    this.#replica = folderName(options.replica);
    const { maxOpen = mostOpen(), maxKnown = 50_000 } = options;
    this.#tenants = new Tenants(this.#beginner(), this.#states, maxOpen, maxKnown);
  }

  async start(): Promise<void> {
    await this.#ready().catch((error: unknown) => {
      if (error instanceof AuditUnavailable && error.cause instanceof AuditLocked) throw error.cause;
    });
    this.#started = true;
    this.#nextTick();
  }

  get healthy(): boolean {
    if (this.#closed || this.#lock === undefined) return false;
    if (this.#states.troubled.size > 0) return false;
    for (const series of this.#states.writing) if (series.stalled(STALLED_MS)) return false;
    return true;
  }

  append(entry: AuditEntry, { durable = false } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(new AuditUnavailable('the audit log is closed'));
    if (this.#backlog.chars > MAX_BACKLOG) {
      return Promise.reject(new AuditUnavailable('too many records wait for the disk'));
    }
    const { clock, replica, maxChars = 8192, fsyncAll = false } = this.options;
    const draft = layOut(entry, clock(), replica, maxChars);
    return this.#tenants.of(entry).append(draft, durable || fsyncAll);
  }

  close(): Promise<void> {
    this.#shut ??= this.#close();
    return this.#shut;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#stopTick?.();
    await this.#ticking;
    await this.#tenants.close(within(CLOSE_MS));
    await this.#locking?.catch(() => {});
    await this.#lock?.release();
    this.#lock = undefined;
  }

  #beginner(): (owner: Owner) => Series {
    const { dir, clock, replica, maxChars = 8192, fs = realFs, onNotice } = this.options;
    const context = {
      fs,
      dir,
      clock,
      gate: this.#gate,
      backlog: this.#backlog,
      states: this.#states,
      ready: () => this.#ready(),
      room: () => this.#tenants.room,
      draft: ({ tenant, issuer }: Owner, notice: Notice) =>
        layOut({ kind: 'log', tenant, issuer, notice }, clock(), replica, maxChars),
      onTrouble: (error: AuditUnavailable) => this.#trouble(error),
      onNotice: (folder: string, notice: Notice) => void onNotice?.(folder, notice),
    };
    return ({ tenant, issuer }) => {
      const owner = { tenant, issuer };
      return new Series(owner, { folder: folderOf(owner), replica: this.#replica }, context);
    };
  }

  async #ready(): Promise<void> {
    if (this.#lock !== undefined) return;
    this.#locking ??= this.#takeLock().finally(() => {
      this.#locking = undefined;
    });
    await this.#locking;
  }

  async #takeLock(): Promise<void> {
    const { dir, fs = realFs, after: later = after } = this.options;
    const wait = (ms: number) => new Promise<void>((done) => later(ms, done));
    try {
      await makeDirectory(fs, dir);
      this.#lock = await takeLock(dir, this.#replica, wait);
    } catch (cause) {
      const error = new AuditUnavailable('the audit log cannot be opened', { cause });
      // At the start its opener is told.
      if (this.#started || !(cause instanceof AuditLocked)) this.#trouble(error);
      throw error;
    }
  }

  #trouble(error: AuditUnavailable): void {
    if (!this.#told) this.options.onError(error);
    this.#told = true;
  }

  #nextTick(): void {
    this.#stopTick = (this.options.after ?? afterUnlessDone)(TICK_MS, () => {
      this.#ticking = this.#tick().finally(() => {
        if (!this.#closed) this.#nextTick();
      });
    });
  }

  async #tick(): Promise<void> {
    if (this.#lock !== undefined && !(await this.#lock.beat(this.options.clock()))) this.#lock = undefined;
    await this.#ready().catch(() => {});
    await this.#keep(this.#states.troubled, MAX_TRIED);
    await this.#keep(this.#states.unkept, MAX_HEADS);
    this.#tenants.makeRoom();
    if (this.healthy) this.#told = false;
  }

  #keep(some: Set<Series>, most: number): Promise<void> {
    const inTime = within(KEEP_MS);
    return this.#tenants.keep(some, most, () => !this.#closed && inTime());
  }
}

function within(ms: number): () => boolean {
  const until = performance.now() + ms;
  return () => performance.now() < until;
}
