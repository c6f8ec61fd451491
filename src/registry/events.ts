/**
 * Tells open pages and programs what has changed, one event for each change, and those that were missed to whoever comes
 * back and says what it saw last.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sseFrame } from '../http/sse.js';
import { EventStream } from '../http/stream.js';
import type { Change } from './entry.js';
import type { Shelf } from './shelf.js';
import type { Store } from './store/store.js';

export type Events = {
  /** False when there are too many streams already. */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    headers: { [name: string]: string },
  ): Promise<boolean>;
  /** Ends them all. */
  close(): void;
  readonly count: number;
};

const MOST_STREAMS = 1_000;
/** Whoever missed more is told to look anew. */
const MOST_MISSED = 500;
const KEEP_ALIVE_MS = 15_000;

export function createEvents(shelf: Pick<Shelf, 'watch'>, store: Pick<Store, 'history' | 'lastSeq'>): Events {
  const streams = new Set<EventStream>();
  const unwatch = shelf.watch(({ changes }) => {
    for (const change of changes) {
      const frame = frameOf(change);
      for (const stream of streams) stream.send(frame);
    }
  });
  return {
    async open(request, response, headers) {
      if (streams.size >= MOST_STREAMS) return false;
      const last = Number(request.headers['last-event-id'] ?? Number.NaN);
      const missed =
        Number.isInteger(last) && last >= 0
          ? await store.history({ after: last, limit: MOST_MISSED + 1 })
          : [];
      const stream = new EventStream(response, headers, KEEP_ALIVE_MS);
      // What a stream begins with: a reader that is new knows from which change on it is told.
      const seq = missed[0]?.seq ?? (await store.lastSeq());
      if (missed.length > MOST_MISSED) stream.send(sseFrame({ event: 'reset', id: String(seq), data: '{}' }));
      else for (const change of missed.reverse()) stream.send(frameOf(change));
      streams.add(stream);
      response.once('close', () => streams.delete(stream));
      return true;
    },
    close() {
      unwatch();
      for (const stream of streams) stream.end();
    },
    get count() {
      return streams.size;
    },
  };
}

function frameOf(change: Change): string {
  const { seq, at, kind, name, address } = change;
  const tool = 'tool' in change ? change.tool : undefined;
  return sseFrame({
    event: 'change',
    id: String(seq),
    data: JSON.stringify({ seq, at, kind, name, address, tool }),
  });
}
