/**
 * Tells open pages and programs what has changed, one event for each change, and those that were missed to whoever comes
 * back and says what it saw last.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventStream, sseFrame } from '../../wire/http/stream.js';
import type { Change } from './entry.js';
import type { EntryRepository } from './entry-repository.js';
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

const MAX_STREAMS = 1_000;
/** Whoever missed more is told to look anew. */
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

  /** Whatever happens while the missed ones are read waits until they are told. */
  async function catchUp(stream: EventStream, last: number): Promise<void> {
    const meanwhile: Change[] = [];
    streams.set(stream, (change) => meanwhile.push(change));
    const missed = await store.history({ after: last, limit: MAX_MISSED + 1 });
    const newest = missed[0]?.seq ?? last;
    if (missed.length > MAX_MISSED) stream.send(sseFrame({ event: 'reset', id: String(newest), data: '{}' }));
    else for (const change of missed.reverse()) stream.send(frameOf(change));
    for (const change of meanwhile) if (change.seq > newest) stream.send(frameOf(change));
    follow(stream);
  }

  return {
    async open({ headers }, response, own) {
      if (streams.size >= MAX_STREAMS) return false;
      const stream = new EventStream(response, own, KEEP_ALIVE_MS);
      response.once('close', () => streams.delete(stream));
      const last = headers['last-event-id'];
      if (typeof last === 'string' && /^\d{1,15}$/.test(last)) await catchUp(stream, Number(last));
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
  return sseFrame({
    event: 'change',
    id: String(seq),
    data: JSON.stringify({ seq, at, kind, name, address, tool }),
  });
}
