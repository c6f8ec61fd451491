/**
 * stdout for the protocol alone (2026-07-28/stdio/004). A tool module that logs would write into the middle of an answer, so
 * from here on `process.stdout.write`, and with it `console.log`, writes to stderr, and only the returned stream to stdout. What
 * writes to the file descriptor itself is out of reach: `fs.writeSync(1, …)` and child processes that inherit it.
 */
import { Writable } from 'node:stream';

type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** Call it before a module of somebody else's is loaded. A client that is gone is an error of the returned stream. */
export function reserveStdout({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): Writable {
  const write = stdout.write.bind(stdout);
  const redirected = stderr.write.bind(stderr) as Write;
  const own = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => void write(chunk, done),
    // What has come together while a reader was slow leaves in one piece.
    writev: (chunks, done) => void write(chunks.map(({ chunk }) => String(chunk)).join(''), done),
  });
  stdout.on('error', (error) => own.destroy(error));
  Object.assign(stdout, {
    write: redirected,
    end(...given: Parameters<Write>) {
      if (given[0] !== undefined) redirected(...given);
      return stdout;
    },
  });
  return own;
}
