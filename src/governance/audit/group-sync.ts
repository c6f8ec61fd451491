/** Group commit: one fdatasync serves all who wait for the disk by then; those who come meanwhile share the next. */
import type { LogFile } from './disk.js';
import type { Waiting } from './waiting.js';

export class GroupSync {
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(
    /** Few at a time over all tenants: see gate.ts. */
    private readonly pass: (sync: () => Promise<void>) => Promise<void>,
    private readonly onFailure: (error: unknown, unconfirmed: Waiting[]) => void,
  ) {}

  get busy(): boolean {
    return this.#running !== undefined;
  }

  get failures(): number {
    return this.#failures;
  }

  /** What they wait for has been written to `file`; it stays open until `idle`. */
  add(file: LogFile, waiting: Waiting[]): void {
    if (waiting.length === 0) return;
    this.#waiting.push(...waiting);
    this.#running ??= this.#run(file);
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(file: LogFile): Promise<void> {
    while (this.#waiting.length > 0) {
      const served = this.#waiting;
      this.#waiting = [];
      try {
        await this.pass(() => file.datasync());
        for (const { resolve } of served) resolve();
      } catch (error) {
        // The system may have dropped what it could not write, also what came while it tried: a later success would
        // say nothing about these.
        this.#failures += 1;
        this.onFailure(error, [...served, ...this.#waiting.splice(0)]);
      }
    }
    this.#running = undefined;
  }
}
