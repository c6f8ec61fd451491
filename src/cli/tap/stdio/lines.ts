/** Cuts the bytes of a pipe into lines, for those who watch. A line that is too long is not kept. */
import { StringDecoder } from 'node:string_decoder';

const MAX_LINE = 8 * 1024 * 1024;

export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;

  constructor(readonly onLine: (text: string) => void) {}

  add(bytes: Uint8Array): void {
    const texts = this.#decoder.write(bytes).split('\n');
    for (const [at, text] of texts.entries()) {
      this.#length += text.length;
      if (this.#length <= MAX_LINE) this.#parts.push(text);
      else this.#parts = [];
      if (at < texts.length - 1) this.end();
    }
  }

  /** What came after the last line break is a line, too. */
  end(): void {
    const tooLong = this.#length > MAX_LINE;
    const line = tooLong
      ? `(a line of ${this.#length} characters, which the tap does not store)`
      : this.#parts.join('');
    this.#parts = [];
    const isEmpty = this.#length === 0;
    this.#length = 0;
    if (!isEmpty) this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
