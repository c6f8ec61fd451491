/**
 * The chain of one tenant, as this replica writes it: lines go out in the order of the calls, and those that wait
 * together share a write. After a failed one the file is opened anew and cut back to its last good line (recover.ts);
 * what could not be recorded meanwhile is counted, and the log says so as soon as it can.
 */
import { type AuditFs, AuditUnavailable, type LogFile, writeAll } from './disk.js';
import type { Gate } from './gate.js';
import { GroupSync } from './group-sync.js';
import { writeHead } from './head.js';
import type { SeriesName } from './names.js';
import type { Draft, Notice } from './record.js';
import { type Known, openSeries, wasMoved } from './recover.js';
import { sealAll, type Waiting, WaitingLine } from './waiting.js';

export type SeriesContext = {
  fs: AuditFs;
  dir: string;
  /** Rejects while this process may not write. */
  ready(): Promise<void>;
  /** A record of the log about itself, for that tenant. */
  draft(notice: Notice): Draft;
  clock(): Date;
  gate: Gate;
  /** Characters that wait to be written, over all tenants. */
  backlog: { chars: number };
  /** Once for each time of trouble. */
  onTrouble(error: AuditUnavailable): void;
  onNotice(notice: Notice): void;
};

/** Since when, how many records were refused and not yet told of, and why. */
type Trouble = { since: string; count: number; code: string };

export class Series {
  readonly #sync: GroupSync;
  readonly #waiting: WaitingLine;
  #pumping = false;
  /** When the batch that is being written was begun. */
  #since = 0;
  #file: LogFile | undefined;
  #day = '';
  /** The file may not be what this process believes: it is opened anew before the next write. */
  #doubtful = false;
  #known: Known | undefined;
  #keptSeq = 0;
  #keeping = false;
  #closed = false;
  #notices: Notice[] = [];
  #trouble: Trouble | undefined;

  constructor(
    readonly name: SeriesName,
    private readonly context: SeriesContext,
    /** The one that wrote these files before, until it has let go of them. */
    private before?: Promise<void>,
  ) {
    this.#waiting = new WaitingLine(context.backlog);
    this.#sync = new GroupSync(
      (sync) => context.gate.pass(sync),
      (error, unconfirmed) => {
        this.#doubtful = true;
        this.#fail(error, unconfirmed);
      },
    );
  }

  get busy(): boolean {
    return this.#pumping || this.#keeping || this.#sync.busy;
  }

  get troubled(): boolean {
    return this.#trouble !== undefined;
  }

  /** Whether a write has been under way for so long: a disk can hang without an error. */
  stalled(ms: number): boolean {
    return this.#pumping && this.context.clock().getTime() - this.#since > ms;
  }

  /** Without a draft it only asks that the file be open and, when durable, what was written before be on disk. */
  append(draft: Draft | undefined, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, durable, resolve, reject });
      if (this.#pumping) return;
      this.#pumping = true;
      this.#since = this.context.clock().getTime();
      // The calls that this turn of the event loop still brings share the write.
      setImmediate(() => this.#pump());
    });
  }

  /** Brings everything written to disk and keeps the head; it is also what finds that a disk works again. */
  async checkpoint(): Promise<void> {
    if (this.#closed || this.#keeping) return;
    if (this.#trouble === undefined && this.#known?.head.seq === this.#keptSeq) return;
    this.#keeping = true;
    try {
      // The head of what the sync is asked for: what is written meanwhile may not be on disk after it.
      const head = this.#known?.head;
      await this.append(undefined, true);
      if (head !== undefined) {
        await writeHead(this.context.fs, this.context.dir, this.name, head);
        this.#keptSeq = head.seq;
      }
      if (this.#trouble?.count === 0) this.#trouble = undefined;
    } catch (error) {
      this.#fail(error, []);
    } finally {
      this.#keeping = false;
    }
  }

  /** After what was appended before; nothing may be appended afterwards. */
  async close(): Promise<void> {
    while (this.busy) await this.append(undefined, true).catch(() => {});
    // The first may have something to say, which the second keeps the head of.
    if (this.#known !== undefined) await this.checkpoint();
    if (this.#known !== undefined) await this.checkpoint();
    this.#closed = true;
    await this.#closeFile();
  }

  async #pump(): Promise<void> {
    while (!this.#waiting.empty) {
      const batch = this.#waiting.nextBatch();
      const { failures } = this.#sync;
      this.#since = this.context.clock().getTime();
      try {
        const file = await this.#open(batch[0]?.draft?.day);
        await this.#write(file, batch);
        for (const { durable, resolve } of batch) if (!durable) resolve();
        const durable = batch.filter((one) => one.durable);
        if (failures !== this.#sync.failures) this.#fail(new AuditUnavailable('a sync failed'), durable);
        else this.#sync.add(file, durable);
      } catch (error) {
        this.#doubtful = true;
        this.#fail(error, batch);
      }
    }
    this.#pumping = false;
  }

  async #write(file: LogFile, batch: Waiting[]): Promise<void> {
    if (this.#known === undefined) throw new AuditUnavailable('the audit log is not open');
    const { path, end, head: before } = this.#known;
    const missed = this.#trouble;
    const notices = missed !== undefined && missed.count > 0 ? [{ what: 'unrecorded', ...missed }] : [];
    const said = [...this.#notices, ...notices];
    const drafts = batch.flatMap(({ draft }) => draft ?? []);
    const { text, head } = sealAll([...said.map((notice) => this.context.draft(notice)), ...drafts], before);
    const bytes = Buffer.from(text);
    await writeAll(file, bytes);
    this.#known = { head, path, end: end + bytes.length };
    this.#notices = [];
    // A sync that failed meanwhile has counted on.
    const { count = 0 } = missed ?? {};
    if (this.#trouble !== undefined) this.#trouble = { ...this.#trouble, count: this.#trouble.count - count };
    for (const notice of said) this.context.onNotice(notice);
  }

  /** Without a day it is a look whether all is well, and the day stays. */
  async #open(asked: string | undefined): Promise<LogFile> {
    const { fs, dir, clock, ready } = this.context;
    await ready();
    const day = asked ?? (this.#day || clock().toISOString().slice(0, 10));
    if (this.#file !== undefined && !this.#doubtful && day <= this.#day) {
      const moved = asked === undefined && (await wasMoved(this.#file, this.#known?.path));
      if (!moved) return this.#file;
    }
    // The head kept from now on speaks for what the file of the day before holds.
    if (!this.#doubtful) await this.#file?.datasync();
    await this.#closeFile();
    await this.before;
    const opened = await openSeries(fs, dir, this.name, day, this.#known);
    this.#file = opened.file;
    this.#day = opened.day;
    this.#doubtful = false;
    this.#known = opened;
    // After a second failure the first one's are still to be said.
    const said = this.#notices.map((notice) => JSON.stringify(notice));
    this.#notices.push(...opened.notices.filter((notice) => !said.includes(JSON.stringify(notice))));
    return opened.file;
  }

  async #closeFile(): Promise<void> {
    await this.#sync.idle();
    await this.#file?.close().catch(() => {});
    this.#file = undefined;
  }

  #fail(cause: unknown, batch: Waiting[]): void {
    const known = cause instanceof AuditUnavailable;
    const error = known ? cause : new AuditUnavailable('the audit log cannot be written', { cause });
    if (this.#trouble === undefined) this.context.onTrouble(error);
    const { since, count } = this.#trouble ?? { since: this.context.clock().toISOString(), count: 0 };
    const refused = batch.filter(({ draft }) => draft !== undefined).length;
    this.#trouble = { since, count: count + refused, code: error.code ?? 'unknown' };
    for (const { reject } of batch) reject(error);
  }
}
