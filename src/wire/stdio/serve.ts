/**
 * The stdio transport: one message per line, and nothing but messages on stdout (2026-07-28/stdio/004). conversation.ts interprets the
 * lines.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Fault } from '../fault.js';
import { onOneLine } from '../jsonrpc/json-text.js';
import type { AnswerRoom } from '../mcp/budget.js';
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
 * Resolves when stdin has ended and every request has been answered, or stopped after `drainMs`. stdio carries no tokens, so `speaker`
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
  // A client that reads slowly may miss progress; every other message waits for it.
  const notify = (message: object, mayBeOvertaken: boolean): void => {
    if (!mayBeOvertaken || !output.writableNeedDrain) write(JSON.stringify(message));
  };
  const conversation = new Conversation(server, speaker, bounds, write, notify, roomOf(output, bounds));
  for await (const line of readLines(input, bounds.bodyBytes)) {
    // Read nothing from a client that does not read its answers, so that neither answers nor calls pile up.
    if (output.writableNeedDrain) await Promise.race([once(output, 'drain'), once(output, 'close')]);
    await conversation.waitForRoom();
    if (line.kind === 'line') conversation.take(line.bytes);
    else
      conversation.refuse(new Fault('invalidRequest', `a line may have at most ${bounds.bodyBytes} bytes`));
  }
  await conversation.drain();
}

/** Counts the bytes of answers that are not written yet, and of those that wait in the output. */
function roomOf(output: Writable, { inFlightBytes = Number.POSITIVE_INFINITY }: StdioBounds): AnswerRoom {
  let heldBytes = 0;
  return {
    hold(bytes) {
      const totalBytes = heldBytes + output.writableLength;
      // A large answer must get through if it is the only one.
      if (bytes > 0 && totalBytes > 0 && totalBytes + bytes > inFlightBytes) return false;
      heldBytes += bytes;
      return true;
    },
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
