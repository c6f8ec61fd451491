/** Annotated traffic in a file that only this user can read. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';

const MAX_BYTES = 256 * 1024 * 1024;

export type Log = { write(text: string): void; close(): Promise<void> };

/** Appends to `file`. Rejects if it cannot be opened; `problem` gets a line if it cannot be written later, or is full. */
export async function openLog(file: string, problem: (text: string) => void): Promise<Log> {
  const handle = await open(file, 'a', 0o600);
  const { size } = await handle.stat();
  const stream = createWriteStream(file, { fd: handle, encoding: 'utf8' });
  let room = MAX_BYTES - size;
  stream.on('error', (error) => {
    room = -1;
    problem(`--log: ${error.message}`);
  });
  return {
    write(text) {
      if (room < 0) return;
      room -= Buffer.byteLength(text);
      if (room < 0) problem(`--log: ${file} is full (${MAX_BYTES} bytes); nothing more is written to it`);
      else stream.write(text);
    },
    close: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(() => resolve()))),
  };
}
