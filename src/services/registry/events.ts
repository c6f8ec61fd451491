/** Server-sent events for open pages and programs, one per change. A client that reconnects gets those that it missed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventStream, sseFrame } from '../../wire/http/stream.js';
import type { Change } from './entry.js';
import type { EntryRepository } from './entry-repository.js';
import type { Store } from './store/store.js';

export type Events = {
  /** Resolves false when there are too many streams already. */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    headers: { [name: string]: string },
  ): Promise<boolean>;
  /** Ends all streams. */
  close(): void;
  readonly count: number;
};

const MAX_STREAMS = 1_000;
/** A client that missed more gets a reset. */
const MAX_MISSED = 500;
const KEEP_ALIVE_MS = 15_000;

export function createEvents(
  repository: Pick<EntryRepository, 'watch'>,
  store: Pick<Store, 'history'>,
): Events {
  const streams = new Map<EventStream, (change: Change) => void>();
  const unwatch = repository.watch(({ changes }) => {
    for (const change of changes) for (const send of streams.values()) send(change);
  });

  function follow(stream: EventStream): void {
    if (stream.open) streams.set(stream, (change) => stream.send(frameOf(change)));
  }

  /** Changes that happen while the missed ones are read are sent after them. */
  async function catchUp(stream: EventStream, lastSeq: number): Promise<void> {
    const newChanges: Change[] = [];
    streams.set(stream, (change) => newChanges.push(change));
    const missedChanges = await store.history({ after: lastSeq, limit: MAX_MISSED + 1 });
    const newestSeq = missedChanges[0]?.seq ?? lastSeq;
    if (missedChanges.length > MAX_MISSED)
      stream.send(sseFrame({ event: 'reset', id: String(newestSeq), data: '{}' }));
    else for (const change of missedChanges.reverse()) stream.send(frameOf(change));
    for (const change of newChanges) if (change.seq > newestSeq) stream.send(frameOf(change));
    follow(stream);
  }

  return {
    async open(request, response, headers) {
      if (streams.size >= MAX_STREAMS) return false;
      const stream = new EventStream(response, headers, KEEP_ALIVE_MS);
      response.once('close', () => streams.delete(stream));
      const lastSeq = request.headers['last-event-id'];
      if (typeof lastSeq === 'string' && /^\d{1,15}$/.test(lastSeq)) await catchUp(stream, Number(lastSeq));
      else follow(stream);
      return true;
    },
    close() {
      unwatch();
      for (const stream of streams.keys()) stream.end();
    },
    get count() {
      return streams.size;
    },
  };
}

function frameOf(change: Change): string {
  const { seq, at, kind, name, address } = change;
  const tool = 'tool' in change ? change.tool : undefined;
  const data = JSON.stringify({ seq, at, kind, name, address, tool });
  return sseFrame({ event: 'change', id: String(seq), data });
}
