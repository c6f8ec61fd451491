/** One event stream of a server, which may come in several responses: its messages, and where and when to resume it. */
import { FrameReader } from './frames.js';

/** The longest wait that a server may ask for. */
const MAX_RETRY_MS = 60_000;

export class EventSource {
  lastId: string | undefined;
  /** How long to wait before resuming, where the server does not say. */
  retryMs = 1_000;
  /** How often it was resumed since something came. */
  resumes = 0;

  /** `maxLength`: characters of one event. */
  constructor(readonly maxLength: number) {}

  /** The data of each event that has some; one without opens a stream. @throws as FrameReader does */
  async *messages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
    const reader = new FrameReader(this.maxLength);
    for await (const chunk of chunks) {
      for (const { id, retry, event = 'message', data = '' } of reader.push(chunk)) {
        if (id !== undefined && !id.includes('\0')) {
          this.lastId = id;
          this.resumes = 0;
        }
        if (retry !== undefined && /^\d+$/.test(retry)) this.retryMs = Math.min(Number(retry), MAX_RETRY_MS);
        // An event of another type is not for MCP.
        if (data !== '' && event === 'message') yield data;
      }
    }
  }
}
