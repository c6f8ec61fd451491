/**
 * The audit log that one replica writes: append-only JSON lines, one folder a tenant, one file a day, each record
 * chained to the one before. It is written to disk when its promise resolves: handed to the system, or on the medium when
 * `durable`. A disk that fails refuses each record by itself and turns `healthy` false until it works again.
 * series.ts writes one tenant's chain; what a chain proves, and what it cannot, is in verify.ts.
 */
import { after, afterUnlessDone } from '../clock.js';
import { AuditUnavailable, makeDirectory, realFs } from './disk.js';
import { Gate } from './gate.js';
import { AuditLocked, type Lock, takeLock } from './lock.js';
import { folderName } from './names.js';
import type { Audit, AuditOptions } from './options.js';
import { type AuditEntry, layOut, type Notice } from './record.js';
import { Series } from './series.js';

export type { Audit, AuditOptions } from './options.js';

/** How often heads are kept, trouble is looked at again, and the lock is touched. */
const TICK_MS = 1000;
const STALLED_MS = 5000;
/** Characters that may wait for a slow disk. */
const MOST_BACKLOG = 64 * 1024 * 1024;

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
  /** By tenant, the one used last at the end. */
  readonly #series = new Map<string | undefined, Series>();
  readonly #closing = new Map<string, Promise<void>>();
  #newest: Series | undefined;
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
    return [...this.#series.values()].every((one) => !one.troubled && !one.stalled(STALLED_MS));
  }

  append(entry: AuditEntry, { durable = false } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(new AuditUnavailable('the audit log is closed'));
    if (this.#backlog.chars > MOST_BACKLOG) {
      return Promise.reject(new AuditUnavailable('too many records wait for the disk'));
    }
    const { clock, replica, maxChars = 8192, fsyncAll = false } = this.options;
    const draft = layOut(entry, clock(), replica, maxChars);
    return this.#seriesOf(entry.tenant).append(draft, durable || fsyncAll);
  }

  close(): Promise<void> {
    this.#shut ??= this.#close();
    return this.#shut;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#stopTick?.();
    await this.#ticking;
    for (const series of this.#series.values()) await series.close();
    this.#series.clear();
    await Promise.all(this.#closing.values());
    await this.#locking?.catch(() => {});
    await this.#lock?.release();
    this.#lock = undefined;
  }

  #seriesOf(tenant: string | undefined): Series {
    const known = this.#series.get(tenant);
    if (known !== undefined && known === this.#newest) return known;
    this.#series.delete(tenant);
    const series = known ?? this.#begin(tenant);
    this.#series.set(tenant, series);
    this.#newest = series;
    if (known === undefined) this.#makeRoom();
    return series;
  }

  #begin(tenant: string | undefined): Series {
    const { dir, clock, replica, maxChars = 8192, fs = realFs, onNotice } = this.options;
    const name = { folder: folderName(tenant), replica: this.#replica };
    const context = {
      fs,
      dir,
      clock,
      gate: this.#gate,
      backlog: this.#backlog,
      ready: () => this.#ready(),
      draft: (notice: Notice) => layOut({ kind: 'log', tenant, notice }, clock(), replica, maxChars),
      onTrouble: (error: AuditUnavailable) => this.#trouble(error),
      onNotice: (notice: Notice) => void onNotice?.(name.folder, notice),
    };
    return new Series(name, context, this.#closing.get(name.folder));
  }

  /** Lets go of the tenants that were quiet for longest. One that has something to write or to say stays. */
  #makeRoom(): void {
    for (const [tenant, series] of this.#series) {
      if (this.#series.size <= (this.options.maxOpen ?? 64)) return;
      if (series === this.#newest || series.busy || series.troubled) continue;
      this.#series.delete(tenant);
      const { folder } = series.name;
      const closing = series.close().finally(() => {
        if (this.#closing.get(folder) === closing) this.#closing.delete(folder);
      });
      this.#closing.set(folder, closing);
    }
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
    for (const series of [...this.#series.values()]) {
      if (!this.#closed) await series.checkpoint();
    }
    this.#makeRoom();
    if (this.healthy) this.#told = false;
  }
}
