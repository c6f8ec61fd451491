/**
 * The chain of one tenant, as this replica writes it: lines are written in the order of the calls, and all that wait share one
 * write. After a failed write the file is recovered (recover.ts). Records that could not be written meanwhile are counted, and
 * the log reports the count as soon as it can be written again. Over 200 lines because it is one chain's whole life: its
 * queue, its writes, its checkpoints and its failures.
 */
import { allHandled } from '../../wire/clock.js';
import type { Anchor } from './anchor.js';
import { type AuditFs, AuditUnavailable, type LogFile, type SyncLimit } from './disk.js';
import { writeHead } from './head.js';
import type { SeriesName, TenantId } from './names.js';
import type { Head, Notice } from './record.js';
import { type Draft, seal } from './record-line.js';
import { type PendingRecord, SeriesFile } from './series-file.js';
import type { SignHead, VerifyHead } from './signed-head.js';

/** What the series of one log share. In the sets, those that have waited longest for their turn come first. */
export type SeriesContext = {
  fs: AuditFs;
  dir: string;
  clock(): Date;
  /** Rejects while this process may not write. */
  ready(): Promise<void>;
  memoryFree(): Promise<void> | undefined;
  draft(tenantId: TenantId, notice: Notice): Draft;
  syncLimit: SyncLimit;
  /** Characters that wait to be written, over all tenants. */
  backlog: { chars: number };
  /** Series with a write under way. */
  writing: Set<Series>;
  /** Series whose last write failed. */
  failing: Set<Series>;
  /** Series with records that their head file does not cover. */
  headless: Set<Series>;
  /** Called once when a series begins to fail. */
  onFailure(error: AuditUnavailable): void;
  onNotice(folder: string, notice: Notice): void;
  signing: Signing | undefined;
};

/**
 * Signs heads, and sends them elsewhere as well. What waits to be sent is sent when the log is closed. `verify` trusts the keys that the
 * server publishes.
 */
export type Signing = { sign: SignHead; verify: VerifyHead; anchor?: Anchor | undefined };

/** `count` refused records that the log has not reported yet. */
type Outage = { since: string; count: number; code: string };

/** Characters of one write, and so the most that is hashed without a pause. */
const MAX_BATCH = 256 * 1024;

export class Series {
  readonly #queue: PendingRecord[] = [];
  readonly #file: SeriesFile;
  /** When the present write began. */
  #writingSince: number | undefined;
  /** The record that the head file names. */
  #headSeq = 0;
  #checking = false;
  #closed = false;
  #outage: Outage | undefined;

  constructor(
    readonly tenantId: TenantId,
    private readonly name: SeriesName,
    private readonly context: SeriesContext,
  ) {
    this.#file = new SeriesFile(name, context, (error, unconfirmed) => this.#fail(error, unconfirmed));
  }

  get busy(): boolean {
    return this.#writingSince !== undefined || this.#checking || this.#file.busy;
  }

  /** How long the present write has taken, because a disk can hang without an error; 0 if there is none. */
  get writingMs(): number {
    return this.#writingSince === undefined ? 0 : this.context.clock().getTime() - this.#writingSince;
  }

  /** Without a draft it resolves when the file is open and, if durable, everything before is on disk. */
  append(draft: Draft | undefined, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const chars = draft === undefined ? 0 : draft.before.length + draft.between.length + draft.after.length;
      this.#queue.push({ draft, chars, durable, resolve, reject });
      this.context.backlog.chars += chars;
      if (this.#writingSince === undefined) {
        this.#writingSince = this.context.clock().getTime();
        this.context.writing.add(this);
        void this.#writeQueue();
      }
    });
  }

  /** Brings all records to disk and writes the head file. It also finds out that a disk works again. */
  async checkpoint(): Promise<void> {
    if (this.#closed || this.#checking) return;
    const isCovered = () => this.#file.head?.seq === this.#headSeq;
    if (this.#outage === undefined && isCovered()) return;
    this.#checking = true;
    try {
      // The head before the sync: later records may not be on disk after it.
      const { head } = this.#file;
      await this.append(undefined, true);
      if (head !== undefined) {
        await this.#writeHead(head);
        this.#headSeq = head.seq;
      }
      if (isCovered()) this.context.headless.delete(this);
      if (this.#outage?.count === 0) {
        this.#outage = undefined;
        this.context.failing.delete(this);
      }
    } catch (error) {
      this.#fail(error, []);
    } finally {
      this.#checking = false;
    }
  }

  async #writeHead(head: Head): Promise<void> {
    const { dir, clock, signing } = this.context;
    const signed = await signing?.sign({ ...this.name, ...head, time: clock().toISOString() });
    await writeHead(dir, this.name, signed === undefined ? head : { ...head, signed });
    if (signed !== undefined) signing?.anchor?.take(this.name, signed);
  }

  /** Closes the file for a while, unless the series is busy. The head file is written in its turn. */
  async park(): Promise<void> {
    if (this.#file.isOpen && !this.busy) await this.#file.park();
  }

  /** Ends after all earlier records are written. Nothing may be appended afterwards. */
  async close(writesHead: boolean): Promise<void> {
    await this.#file.parking;
    while (this.busy) await this.append(undefined, true).catch(() => {});
    // The first checkpoint may write a notice, and the second the head that covers it.
    for (let round = 0; round < 2 && writesHead && this.#file.head !== undefined; round += 1)
      await this.checkpoint();
    this.#closed = true;
    await this.#file.close();
  }

  async #writeQueue(): Promise<void> {
    // So that other calls of this turn of the event loop share the write.
    await allHandled();
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      const { syncFailures } = this.#file;
      this.#writingSince = this.context.clock().getTime();
      try {
        await this.context.ready();
        const file = await this.#file.open(batch[0]?.draft?.day);
        await this.#write(file, batch);
        const durable: PendingRecord[] = [];
        for (const pending of batch)
          if (pending.durable) durable.push(pending);
          else pending.resolve();
        if (syncFailures !== this.#file.syncFailures)
          this.#fail(new AuditUnavailable('a sync failed'), durable);
        else if (durable.length > 0) this.#file.sync(file, durable);
      } catch (error) {
        this.#file.doubtful = true;
        this.#fail(error, batch);
      }
    }
    this.#writingSince = undefined;
    this.context.writing.delete(this);
  }

  /** The oldest records in the queue that belong to one day. */
  #nextBatch(): PendingRecord[] {
    const day = this.#queue[0]?.draft?.day;
    let total = 0;
    let count = 0;
    for (const { draft, chars } of this.#queue) {
      if (count > 0 && (total + chars > MAX_BATCH || draft?.day !== day)) break;
      total += chars;
      count += 1;
    }
    this.context.backlog.chars -= total;
    return this.#queue.splice(0, count);
  }

  async #write(file: LogFile, batch: PendingRecord[]): Promise<void> {
    const before = this.#file.head;
    if (before === undefined) throw new AuditUnavailable('the audit log is not open');
    const outage = this.#outage;
    const notices = [...this.#file.notices];
    if (outage !== undefined && outage.count > 0) notices.push({ what: 'unrecorded', ...outage });
    const drafts = notices.map((notice) => this.context.draft(this.tenantId, notice));
    for (const { draft } of batch) if (draft !== undefined) drafts.push(draft);
    const head = { seq: before.seq, hash: before.hash };
    let text = '';
    for (const draft of drafts) {
      head.seq += 1;
      const sealed = seal(draft, head.seq, head.hash);
      head.hash = sealed.hash;
      text += sealed.line;
    }
    await this.#file.write(file, text, head);
    if (text !== '') this.context.headless.add(this);
    this.#file.notices = [];
    // A sync may have failed meanwhile and added to the count.
    if (this.#outage !== undefined)
      this.#outage = { ...this.#outage, count: this.#outage.count - (outage?.count ?? 0) };
    // Each new chain of an upgraded tenant begins with this one.
    for (const notice of notices)
      if (notice.what !== 'continues') this.context.onNotice(this.name.folder, notice);
  }

  #fail(cause: unknown, batch: PendingRecord[]): void {
    const isKnown = cause instanceof AuditUnavailable;
    const error = isKnown ? cause : new AuditUnavailable('the audit log cannot be written', { cause });
    if (this.#outage === undefined) this.context.onFailure(error);
    this.context.failing.add(this);
    const { since, count } = this.#outage ?? { since: this.context.clock().toISOString(), count: 0 };
    const rejectedCount = batch.filter(({ draft }) => draft !== undefined).length;
    this.#outage = { since, count: count + rejectedCount, code: error.code ?? 'unknown' };
    for (const { reject } of batch) reject(error);
  }
}
