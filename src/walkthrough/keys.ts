/** Waits for single keys of a terminal. */
import type { ReadStream } from 'node:tty';

const ENTER = ['\r', '\n', ' '];
const QUIT = ['q', 'Q', '\x04'];
const INTERRUPT = '\x03';

export class Keys {
  #waiting: (() => void) | undefined;

  /** `quit` is called at q and at the end of the input, `interrupt` at Ctrl-C. */
  constructor(
    readonly stdin: ReadStream,
    quit: () => void,
    interrupt: () => void,
  ) {
    // Otherwise q would need Enter, and Enter would break the line.
    stdin.setRawMode(true);
    stdin.on('end', quit).on('data', (chunk) => {
      for (const key of chunk.toString('latin1')) {
        if (key === INTERRUPT) interrupt();
        else if (QUIT.includes(key)) quit();
        else if (ENTER.includes(key)) this.#waiting?.();
      }
    });
  }

  /** Enter that was pressed before counts for nothing: what it would go on from was not on the screen yet. */
  untilEnter(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = () => {
        this.#waiting = undefined;
        resolve();
      };
    });
  }

  close(): void {
    this.stdin.setRawMode(false).pause();
  }
}
