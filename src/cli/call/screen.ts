/**
 * The terminal beside the result: messages, questions to the person, and one line that shows how far a call is. All of it goes
 * to stderr, so that stdout has the result alone.
 */
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Look } from '../../lesson/look.js';

export type ScreenOptions = {
  look: Look;
  /** Writes to stderr. */
  write(text: string): void;
  /** Absent if nobody is there to answer. */
  keyboard?: Readable | undefined;
  /** Whether stderr is a terminal, where a line can be written over. */
  redraws: boolean;
};

/** Back to the beginning of the line, and clear it. */
const ERASE_LINE = '\r\x1b[2K';

export class Screen {
  readonly look: Look;
  #lines: Interface | undefined;
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;
  #status = '';

  constructor(readonly options: ScreenOptions) {
    this.look = options.look;
  }

  /** Whether somebody can answer. */
  get attended(): boolean {
    return this.options.keyboard !== undefined && !this.#ended;
  }

  say(line: string): void {
    this.#write(`${line}\n`);
  }

  /** Replaces the status line; an empty text removes it. Nothing is shown where a line cannot be written over. */
  status(text: string): void {
    if (!this.options.redraws || text === this.#status) return;
    // A prompt and what the person has typed so far would be erased.
    if (this.#waiting !== undefined) return;
    // A longer line would wrap, and could not be erased.
    this.#status = text.slice(0, this.look.width - 1);
    this.options.write(`${ERASE_LINE}${this.#status}`);
  }

  /**
   * The line that the person types. Undefined at the end of the input (Ctrl-D), and when `signal` says that the answer is not
   * needed any more. Lines that were typed before the question was there do not count.
   */
  async ask(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    const { keyboard } = this.options;
    if (keyboard === undefined || this.#ended || signal.aborted) return undefined;
    this.#lines ??= this.#listen(keyboard);
    this.#write(prompt);
    return new Promise((resolve) => {
      const settle = (line: string | undefined): void => {
        this.#waiting = undefined;
        signal.removeEventListener('abort', stop);
        if (line === undefined) this.options.write('\n');
        resolve(line);
      };
      const stop = (): void => settle(undefined);
      signal.addEventListener('abort', stop);
      this.#waiting = settle;
    });
  }

  close(): void {
    this.status('');
    this.#lines?.close();
  }

  /** The terminal itself edits the line and turns Ctrl-C into a signal, so it stays as it is. */
  #listen(keyboard: Readable): Interface {
    return createInterface({ input: keyboard, terminal: false })
      .on('line', (line) => this.#waiting?.(line))
      .on('close', () => {
        this.#ended = true;
        this.#waiting?.(undefined);
      });
  }

  #write(text: string): void {
    const status = this.#status;
    if (status !== '') this.options.write(ERASE_LINE);
    this.options.write(text);
    if (status !== '' && text.endsWith('\n')) this.options.write(status);
    else this.#status = '';
  }
}
