/** Remembers how far the reader is: which transcripts were played, and which exercises are solved. One small private file. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJson } from '../lesson/json.js';
import { isRecord } from '../wire/value.js';

export type Progress = {
  /** Transcripts, such as `01-one-request/answers-a-ping.wire`. */
  seen: string[];
  /** Chapters, such as `01-one-request`. */
  solved: string[];
};

const MAX_BYTES = 256 * 1024;
const MAX_NAME = 200;

export class ProgressFile {
  #progress: Progress = { seen: [], solved: [] };

  /** Reads the file. What cannot be read or written is one warning, and no obstacle. */
  constructor(
    readonly path: string,
    readonly warn: (line: string) => void,
  ) {
    const progress = this.#read();
    if (typeof progress === 'string') warn(`${path} is ignored: ${progress}`);
    else this.#progress = progress;
  }

  get progress(): Readonly<Progress> {
    return this.#progress;
  }

  /** The newest is last. */
  saw(file: string): void {
    const { seen, solved } = this.#progress;
    this.#write({ seen: [...seen.filter((one) => one !== file), file], solved });
  }

  solved(chapter: string): void {
    const { seen, solved } = this.#progress;
    this.#write({ seen, solved: [...solved.filter((one) => one !== chapter), chapter] });
  }

  forget(): void {
    this.#write({ seen: [], solved: [] });
  }

  #read(): Progress | string {
    try {
      if (statSync(this.path).size > MAX_BYTES) return `it is larger than ${MAX_BYTES} bytes`;
      const value = parseJson(readFileSync(this.path, 'utf8'));
      if (!isRecord(value)) return 'it is not a JSON object';
      const [seen, solved] = [namesIn(value.seen), namesIn(value.solved)];
      return seen === undefined || solved === undefined
        ? '"seen" and "solved" must be lists of names'
        : { seen, solved };
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? this.#progress : String(error);
    }
  }

  #write(progress: Progress): void {
    this.#progress = progress;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      // A crash leaves the old file or the new one.
      writeFileSync(`${this.path}.new`, `${JSON.stringify(progress)}\n`, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch (error) {
      this.warn(`your progress is not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function namesIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((one): one is string => typeof one === 'string' && one.length <= MAX_NAME);
  return names.length === value.length ? names : undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
