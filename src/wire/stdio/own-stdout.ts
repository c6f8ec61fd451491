/**
 * Reserves stdout for the protocol (2026-07-28/stdio/004). A tool module that logs would write into the middle of an answer, so
 * `process.stdout.write`, and with it `console.log`, now writes to stderr; only the returned stream writes to stdout. This cannot stop
 * writes to the file descriptor itself, by `fs.writeSync(1, …)` or by child processes that inherit it.
 */
import { Writable } from 'node:stream';

type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** Call this before loading anybody else's modules. The returned stream fails once the client has left. */
export function reserveStdout({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): Writable {
  const write = stdout.write.bind(stdout);
  const writeToStderr = stderr.write.bind(stderr) as Write;
  const protocolStream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, callback) => void write(chunk, callback),
    // All chunks that waited for a slow reader leave in one write.
    writev: (chunks, callback) => void write(chunks.map(({ chunk }) => String(chunk)).join(''), callback),
  });
  stdout.on('error', (error) => protocolStream.destroy(error));
  Object.assign(stdout, {
    write: writeToStderr,
    end(...args: Parameters<Write>) {
      if (args[0] !== undefined) writeToStderr(...args);
      return stdout;
    },
  });
  return protocolStream;
}
