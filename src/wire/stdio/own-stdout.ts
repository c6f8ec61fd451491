/**
 * Reserves stdout for the protocol (2026-07-28/stdio/004). A tool module that logs would write into the middle of an answer, so
 * `process.stdout.write`, and with it `console.log`, now writes to stderr, and only the returned stream to stdout. This cannot stop
 * writes to the file descriptor itself: `fs.writeSync(1, …)`, and child processes that inherit it.
 */
import { Writable } from 'node:stream';

type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** Call this before loading other people's modules. When the client has left, the returned stream fails. */
export function reserveStdout({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): Writable {
  const write = stdout.write.bind(stdout);
  const writeToStderr = stderr.write.bind(stderr) as Write;
  const own = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, callback) => void write(chunk, callback),
    // Everything that waited for a slow reader leaves in one write.
    writev: (chunks, callback) => void write(chunks.map(({ chunk }) => String(chunk)).join(''), callback),
  });
  stdout.on('error', (error) => own.destroy(error));
  Object.assign(stdout, {
    write: writeToStderr,
    end(...args: Parameters<Write>) {
      if (args[0] !== undefined) writeToStderr(...args);
      return stdout;
    },
  });
  return own;
}
