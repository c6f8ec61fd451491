/**
 * The audit log that one replica writes: append-only JSON lines, one folder per tenant of an issuer, one file per day, each record
 * chained to the one before. When the promise of `append` resolves, the record is written: passed to the operating system, or
 * on the disk if `durable`. A disk that fails refuses each record by itself, and `healthy` is false until it works again.
 * series.ts writes one tenant's chain; verify.ts says what a chain proves and what it cannot.
 *
 * Over 200 lines because everything that one process does to a log every second begins here.
 */
import { type After, after, afterUnlessDone } from '../../wire/clock.js';
import { type AuditFs, AuditUnavailable, makeDirectory, realFs, SyncLimit } from './disk.js';
import { AuditLocked, type Lock, takeLock } from './lock.js';
import { folderName, folderOf, type TenantId } from './names.js';
import type { AuditEntry, Notice } from './record.js';
import { layOut } from './record-line.js';
import { RetentionRounds } from './retention-rounds.js';
import { Series, type SeriesContext, type Signing } from './series.js';
import { maxOpenFiles, Tenants } from './tenants.js';

export type AuditOptions = {
  dir: string;
  /** Part of the file names. Two processes that write to one folder need two names. */
  replica: string;
  clock: () => Date;
  /** Called once when the log cannot be written, however many records are refused. Each caller gets the refusal too. */
  onError: (error: Error) => void;
  /** Called when old days cannot be compressed or removed, or were broken when they were removed; by default `onError`. */
  onRetentionError?: (error: Error) => void;
  /** A finding of the log about itself, which is also a record: `torn`, `missing`, `unrecorded`, `future`. */
  onNotice?: (folder: string, notice: Notice) => void;
  /** Longer arguments and responses are replaced by their length and digest; 8,192 characters by default. */
  maxChars?: number;
  /** Tenants whose files are open at a time; by default see `maxOpenFiles`. */
  maxOpen?: number;
  /** Further tenants whose head is kept in memory, about 1.3 KB each; 50,000 by default. */
  maxKnown?: number;
  fs?: AuditFs;
  after?: After;
  /** Without it, heads are not signed. */
  signing?: Signing | undefined;
  /** Older days are removed, whole days only; without it, none. */
  keepDays?: number | undefined;
};

export type Audit = {
  /**
   * Lines are written in the order of the calls. The entry is read before this returns.
   * @throws AuditUnavailable (as a rejection) when the record may not be in the log.
   */
  append(entry: AuditEntry, options?: { durable?: boolean }): Promise<void>;
  readonly healthy: boolean;
  /** What has not been written yet: its size, and how long the oldest write has taken. */
  readonly waiting: { chars: number; ms: number };
  /** Ends after everything appended before is written. */
  close(): Promise<void>;
};

/** How often heads are written, failing tenants are tried again, and the lock is touched. */
const TICK_MS = 1000;
const STALLED_MS = 5000;
/**
 * Head files written per tick; each takes a sync, a new file and about 0.7 ms of processor time. More tenants than that take turns:
 * while 10,000 tenants write, each head file is renewed every three minutes.
 */
const MAX_HEADS = 64;
const MAX_RETRIES = 1000; // failing tenants that are tried again per tick
/** The time for each of these two on a slow disk, because the lock has to be touched in between. */
const CHECKPOINTS_MS = 3000;
/** How long `close` writes head files. A chain with an old one goes on as after a crash. */
const CLOSE_MS = 5000;
/** Characters that may wait for a slow disk. */
const MAX_BACKLOG = 64 * 1024 * 1024;

/** @throws AuditLocked when another process writes there under this name. A failing disk only makes the log unhealthy. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const log = new AuditLog(options);
  await log.start();
  return log;
}

class AuditLog implements Audit {
  readonly #options;
  readonly #series: SeriesContext;
  readonly #tenants: Tenants;
  readonly #retention: RetentionRounds;
  #lock: Lock | undefined;
  #locking: Promise<void> | undefined;
  #errorReported = false;
  #started = false;
  #closing: Promise<void> | undefined;
  #stopTick: (() => void) | undefined;
  #ticking: Promise<void> | undefined;

  constructor(options: AuditOptions) {
    const { maxChars = 8192, fs = realFs, maxOpen = maxOpenFiles(), maxKnown = 50_000 } = options;
    this.#options = { ...options, maxChars };
    const { dir, clock, replica, onNotice, signing } = options;
    this.#series = {
      fs,
      dir,
      clock,
      ready: this.#ready,
      memoryFree: () => this.#tenants.memoryFree,
      draft: (tenantId, notice) => layOut({ kind: 'log', ...tenantId, notice }, clock(), replica, maxChars),
      syncLimit: new SyncLimit(),
      backlog: { chars: 0 },
      writing: new Set(),
      failing: new Set(),
      headless: new Set(),
      onFailure: (error) => this.#report(error),
      onNotice: (folder, notice) => onNotice?.(folder, notice),
      signing,
    };
    const create = (id: TenantId) =>
      new Series(id, { folder: folderOf(id), replica: folderName(replica) }, this.#series);
    this.#tenants = new Tenants(create, this.#series, maxOpen, maxKnown);
    const { keepDays, onRetentionError: onError = options.onError } = options;
    const wait = (ms: number) => this.#wait(ms);
    this.#retention = new RetentionRounds({ fs, dir, keepDays, signing, wait, onError });
  }

  async start(): Promise<void> {
    await this.#ready().catch((error: unknown) => {
      if (error instanceof AuditUnavailable && error.cause instanceof AuditLocked) throw error.cause;
    });
    this.#started = true;
    this.#nextTick();
  }

  get healthy(): boolean {
    if (this.#closing !== undefined || this.#lock === undefined) return false;
    if (this.#series.failing.size > 0) return false;
    for (const series of this.#series.writing) if (series.writingMs > STALLED_MS) return false;
    return true;
  }

  get waiting(): { chars: number; ms: number } {
    const ages = [...this.#series.writing].map((series) => series.writingMs);
    return { chars: this.#series.backlog.chars, ms: Math.max(0, ...ages) };
  }

  append(entry: AuditEntry, { durable = false } = {}): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new AuditUnavailable('the audit log is closed'));
    if (this.#series.backlog.chars > MAX_BACKLOG)
      return Promise.reject(new AuditUnavailable('too many records wait for the disk'));
    const { clock, replica, maxChars } = this.#options;
    return this.#tenants.of(entry).append(layOut(entry, clock(), replica, maxChars), durable);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopTick?.();
    await this.#ticking;
    await this.#retention.close();
    await this.#tenants.close(timeLeft(CLOSE_MS));
    await this.#options.signing?.anchor?.close();
    await this.#locking?.catch(() => {});
    await this.#lock?.release();
    this.#lock = undefined;
  }

  readonly #ready = async (): Promise<void> => {
    if (this.#lock !== undefined) return;
    this.#locking ??= this.#takeLock().finally(() => {
      this.#locking = undefined;
    });
    await this.#locking;
  };

  async #takeLock(): Promise<void> {
    const { dir, replica } = this.#options;
    try {
      await makeDirectory(dir);
      this.#lock = await takeLock(dir, folderName(replica), (ms) => this.#wait(ms));
    } catch (cause) {
      const error = new AuditUnavailable('the audit log cannot be opened', { cause });
      // At the start `openAudit` throws it.
      if (this.#started || !(cause instanceof AuditLocked)) this.#report(error);
      throw error;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => (this.#options.after ?? after)(ms, resolve));
  }

  #report(error: AuditUnavailable): void {
    if (!this.#errorReported) this.#options.onError(error);
    this.#errorReported = true;
  }

  #nextTick(): void {
    this.#stopTick = (this.#options.after ?? afterUnlessDone)(TICK_MS, () => {
      this.#ticking = this.#tick().finally(() => {
        if (this.#closing === undefined) this.#nextTick();
      });
    });
  }

  async #tick(): Promise<void> {
    if (this.#lock !== undefined && !(await this.#lock.beat(this.#options.clock()))) this.#lock = undefined;
    await this.#ready().catch(() => {});
    await this.#checkpoint(this.#series.failing, MAX_RETRIES);
    await this.#checkpoint(this.#series.headless, MAX_HEADS);
    this.#tenants.makeRoom();
    if (this.#lock !== undefined) await this.#retention.tick(this.#options.clock());
    if (this.healthy) this.#errorReported = false;
  }

  #checkpoint(set: Set<Series>, max: number): Promise<void> {
    const inTime = timeLeft(CHECKPOINTS_MS);
    return this.#tenants.checkpoint(set, max, () => this.#closing === undefined && inTime());
  }
}

/** Returns a function that is true until that many milliseconds have passed. */
function timeLeft(ms: number): () => boolean {
  const until = performance.now() + ms;
  return () => performance.now() < until;
}
