/**
 * The stdio transport: one message a line, and only messages on stdout (2026-07-28/stdio/004). conversation.ts knows what the
 * lines mean.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Fault } from '../fault.js';
import { onOneLine } from '../jsonrpc/json-text.js';
import type { TakeBytes } from '../mcp/budget.js';
import type { McpServer } from '../mcp/mcp-server.js';
import type { Principal } from '../principal.js';
import { Conversation, type LineBounds, type Speaker } from './conversation.js';
import { readLines } from './lines.js';

type StdioBounds = LineBounds & {
  bodyBytes: number;
  /** Bytes of answers that the client has not read; unbounded by default. */
  inFlightBytes?: number;
};

/**
 * Resolves when stdin has ended and every request is answered, or stopped after `drainMs`. No token comes over stdio; `speaker`
 * identifies the caller of each request (2026-07-28/authorization/003).
 */
export async function serveStdio(
  server: McpServer,
  input: Readable,
  output: Writable,
  bounds: StdioBounds,
  speaker: Speaker = () => STARTED_BY,
): Promise<void> {
  const write = (text: string): void => {
    output.write(`${onOneLine(text)}\n`);
  };
  // A client that reads slowly may miss progress; everything else waits for it.
  const notify = (message: object, mayBeOvertaken: boolean): void => {
    if (!mayBeOvertaken || !output.writableNeedDrain) write(JSON.stringify(message));
  };
  const conversation = new Conversation(server, speaker, bounds, write, notify, boundBytes(output, bounds));
  for await (const line of readLines(input, bounds.bodyBytes)) {
    // Read nothing from a client that does not read its answers, so that neither answers nor calls pile up.
    if (output.writableNeedDrain) await Promise.race([once(output, 'drain'), once(output, 'close')]);
    await conversation.room();
    if (line.kind === 'line') conversation.take(line.bytes);
    else
      conversation.refuse(new Fault('invalidRequest', `a line may have at most ${bounds.bodyBytes} bytes`));
  }
  await conversation.drain();
}

/** Counts the bytes of answers that are not written yet with those that wait in the output. */
function boundBytes(output: Writable, { inFlightBytes = Number.POSITIVE_INFINITY }: StdioBounds): TakeBytes {
  let taken = 0;
  return (bytes) => {
    const before = taken + output.writableLength;
    // A large answer by itself must get through.
    if (bytes > 0 && before > 0 && before + bytes > inFlightBytes) return false;
    taken += bytes;
    return true;
  };
}

/** The user who started the process. */
export const STARTED_BY: Principal = {
  issuer: 'stdio',
  user: 'stdio',
  tenant: 'default',
  clientId: 'stdio',
  scopes: [],
  approvedAt: undefined,
  expiresAt: undefined,
};
