/**
 * The file that a series writes to, and where its chain goes on. A series at rest has no file open and still knows that:
 * opening it again is one `open` and one `stat` when nobody has touched it meanwhile, and the whole of recover.ts otherwise.
 */
import { type LogFile, type Stamp, writeAll } from './disk.js';
import type { GroupSync } from './group-sync.js';
import type { Head } from './head.js';
import type { SeriesName } from './names.js';
import type { Notice } from './record.js';
import { type Known, openSeries, reopen, wasMoved } from './recover.js';
import type { SeriesContext } from './series-context.js';

export class SeriesFile {
  /** It may not be what this process believes: it is opened anew before the next write. */
  doubtful = false;
  /** What was found when it was opened, and the log has yet to say. */
  notices: Notice[] = [];
  #file: LogFile | undefined;
  #day = '';
  #known: Known | undefined;
  /** How it was when it was let go of. */
  #left: Stamp | undefined;
  #leaving: Promise<void> | undefined;

  constructor(
    private readonly name: SeriesName,
    private readonly context: SeriesContext,
    private readonly sync: GroupSync,
  ) {}

  /** Of the newest record; undefined before it was opened for the first time. */
  get head(): Head | undefined {
    return this.#known?.head;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  get leaving(): Promise<void> | undefined {
    return this.#leaving;
  }

  /** Without a day it is a look whether all is well, and the day stays. */
  async open(asked: string | undefined): Promise<LogFile> {
    const { fs, dir, clock, room } = this.context;
    const day = asked ?? (this.#day || clock().toISOString().slice(0, 10));
    const again = this.#file === undefined && (await this.#again());
    if (this.#file !== undefined && !this.doubtful && day <= this.#day) {
      const moved = asked === undefined && !again && (await wasMoved(this.#file, this.#known?.own?.path));
      if (!moved) return this.#file;
    }
    // The head kept from now on speaks for what the file of the day before holds.
    if (!this.doubtful) await this.#file?.datasync();
    await this.close();
    if (this.#known === undefined) await room();
    const opened = await openSeries(fs, dir, this.name, day, this.#known);
    const { file, path, end, head, notices } = opened;
    this.#file = file;
    this.#day = opened.day;
    this.#known = { head, own: { path, end } };
    this.doubtful = false;
    // After a second failure the first one's are still to be said.
    const said = this.notices.map((notice) => JSON.stringify(notice));
    this.notices.push(...notices.filter((notice) => !said.includes(JSON.stringify(notice))));
    return file;
  }

  /** Lines at its end, and the head that they make. */
  async write(file: LogFile, text: string, head: Head): Promise<void> {
    const own = this.#known?.own;
    if (own === undefined) throw new Error('the file is not open');
    const bytes = Buffer.from(text);
    await writeAll(file, bytes);
    this.#known = { head, own: { path: own.path, end: own.end + bytes.length } };
  }

  /** Closes it for a while; nothing may be under way. */
  rest(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#leaving ??= this.#leave(file).finally(() => {
      this.#leaving = undefined;
    });
    return this.#leaving;
  }

  async close(): Promise<void> {
    await this.sync.idle();
    const file = this.#file;
    this.#file = undefined;
    await attempt(async () => file?.close());
    // Only what a write that failed has left behind is this process's own to cut off.
    if (!this.doubtful) this.#known = this.#known && { head: this.#known.head };
  }

  async #leave(file: LogFile | undefined): Promise<void> {
    const own = this.#known?.own;
    const found = await attempt(async () => file?.stat());
    await attempt(async () => file?.close());
    if (this.doubtful || this.#known === undefined) return;
    if (found !== undefined && found.size === own?.end) {
      this.#left = { ino: found.ino, size: found.size, ctimeMs: found.ctimeMs };
    } else {
      this.#known = { head: this.#known.head };
    }
  }

  async #again(): Promise<boolean> {
    await this.#leaving;
    const left = this.#left;
    this.#left = undefined;
    if (left === undefined || this.#known?.own === undefined) return false;
    this.#file = await reopen(this.context.fs, this.#known.own.path, left);
    if (this.#file === undefined) this.#known = { head: this.#known.head };
    return this.#file !== undefined;
  }
}

/** Undefined when it fails: whoever opens the file again finds out why. */
async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch {
    return undefined;
  }
}
