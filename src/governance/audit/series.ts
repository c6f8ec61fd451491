/**
 * The chain of one tenant, as this replica writes it: lines go out in the order of the calls, and those that wait
 * together share a write. After a failed one the file is opened anew and cut back to its last good line (recover.ts);
 * what could not be recorded meanwhile is counted, and the log says so as soon as it can.
 */
import { AuditUnavailable, type LogFile } from './disk.js';
import { GroupSync } from './group-sync.js';
import { writeHead } from './head.js';
import type { Owner, SeriesName } from './names.js';
import type { Draft } from './record.js';
import type { SeriesContext } from './series-context.js';
import { SeriesFile } from './series-file.js';
import { sealAll, type Waiting, WaitingLine } from './waiting.js';

/** Since when, how many records were refused and not yet told of, and why. */
type Trouble = { since: string; count: number; code: string };

export class Series {
  readonly #sync: GroupSync;
  readonly #waiting: WaitingLine;
  readonly #file: SeriesFile;
  #pumping = false;
  /** When the batch that is being written was begun. */
  #since = 0;
  #keptSeq = 0;
  #keeping = false;
  #closed = false;
  #trouble: Trouble | undefined;

  constructor(
    readonly owner: Owner,
    readonly name: SeriesName,
    private readonly context: SeriesContext,
  ) {
    this.#waiting = new WaitingLine(context.backlog);
    this.#sync = new GroupSync(
      (sync) => context.gate.pass(sync),
      (error, unconfirmed) => {
        this.#file.doubtful = true;
        this.#fail(error, unconfirmed);
      },
    );
    this.#file = new SeriesFile(name, context, this.#sync);
  }

  get busy(): boolean {
    return this.#pumping || this.#keeping || this.#sync.busy || this.#file.leaving !== undefined;
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
      this.context.states.writing.add(this);
      this.#since = this.context.clock().getTime();
      // The calls that this turn of the event loop still brings share the write.
      setImmediate(() => this.#pump());
    });
  }

  /** Brings everything written to disk and keeps the head; it is also what finds that a disk works again. */
  async checkpoint(): Promise<void> {
    if (this.#closed || this.#keeping) return;
    const { fs, dir, states } = this.context;
    const isKept = () => this.#file.head?.seq === this.#keptSeq;
    if (this.#trouble === undefined && isKept()) return;
    this.#keeping = true;
    try {
      // The head of what the sync is asked for: what is written meanwhile may not be on disk after it.
      const { head } = this.#file;
      await this.append(undefined, true);
      if (head !== undefined) {
        await writeHead(fs, dir, this.name, head);
        this.#keptSeq = head.seq;
      }
      if (isKept()) states.unkept.delete(this);
      if (this.#trouble?.count === 0) {
        this.#trouble = undefined;
        states.troubled.delete(this);
      }
    } catch (error) {
      this.#fail(error, []);
    } finally {
      this.#keeping = false;
    }
  }

  /** Closes the file of a series that is not busy. Its head is kept later, when its turn has come. */
  async rest(): Promise<void> {
    if (this.#file.isOpen && !this.busy) await this.#file.rest();
  }

  /** After what was appended before, and with its head unless told; nothing may be appended afterwards. */
  async close({ keep = true } = {}): Promise<void> {
    await this.#file.leaving;
    while (this.busy) await this.append(undefined, true).catch(() => {});
    // The first may have something to say, which the second keeps the head of.
    if (keep && this.#file.head !== undefined) await this.checkpoint();
    if (keep && this.#file.head !== undefined) await this.checkpoint();
    this.#closed = true;
    await this.#file.close();
  }

  async #pump(): Promise<void> {
    while (!this.#waiting.empty) {
      const batch = this.#waiting.nextBatch();
      const { failures } = this.#sync;
      this.#since = this.context.clock().getTime();
      try {
        await this.context.ready();
        const file = await this.#file.open(batch[0]?.draft?.day);
        await this.#write(file, batch);
        for (const { durable, resolve } of batch) if (!durable) resolve();
        const durable = batch.filter((one) => one.durable);
        if (failures !== this.#sync.failures) this.#fail(new AuditUnavailable('a sync failed'), durable);
        else this.#sync.add(file, durable);
      } catch (error) {
        this.#file.doubtful = true;
        this.#fail(error, batch);
      }
    }
    this.#pumping = false;
    this.context.states.writing.delete(this);
  }

  async #write(file: LogFile, batch: Waiting[]): Promise<void> {
    const before = this.#file.head;
    if (before === undefined) throw new AuditUnavailable('the audit log is not open');
    const missed = this.#trouble;
    const notices = missed !== undefined && missed.count > 0 ? [{ what: 'unrecorded', ...missed }] : [];
    const said = [...this.#file.notices, ...notices];
    const drafts = batch.flatMap(({ draft }) => draft ?? []);
    const { text, head } = sealAll(
      [...said.map((notice) => this.context.draft(this.owner, notice)), ...drafts],
      before,
    );
    await this.#file.write(file, text, head);
    if (text !== '') this.context.states.unkept.add(this);
    this.#file.notices = [];
    // A sync that failed meanwhile has counted on.
    const { count = 0 } = missed ?? {};
    if (this.#trouble !== undefined) this.#trouble = { ...this.#trouble, count: this.#trouble.count - count };
    // A link to an old folder is normal, and each tenant has it once, so it is not reported.
    for (const notice of said)
      if (notice.what !== 'continues') this.context.onNotice(this.name.folder, notice);
  }

  #fail(cause: unknown, batch: Waiting[]): void {
    const known = cause instanceof AuditUnavailable;
    const error = known ? cause : new AuditUnavailable('the audit log cannot be written', { cause });
    if (this.#trouble === undefined) this.context.onTrouble(error);
    this.context.states.troubled.add(this);
    const { since, count } = this.#trouble ?? { since: this.context.clock().toISOString(), count: 0 };
    const refused = batch.filter(({ draft }) => draft !== undefined).length;
    this.#trouble = { since, count: count + refused, code: error.code ?? 'unknown' };
    for (const { reject } of batch) reject(error);
  }
}
