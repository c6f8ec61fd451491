/**
 * The stream that tells an open page that the list may have changed. It says no more: the page fetches the list itself, with
 * the person's session. A stream ends with the session that opened it.
 */
import type { ServerResponse } from 'node:http';
import { HEADERS } from '../../../pages/reply.js';
import type { After } from '../../../wire/clock.js';
import { EventStream, sseFrame } from '../../../wire/http/stream.js';
import type { ApprovalService } from '../approval.js';

const MAX_STREAMS = 500;
/** For the tabs of one person's browsers. */
const MAX_PER_PERSON = 20;
const KEEP_ALIVE_MS = 20_000;
const CHANGED = sseFrame({ event: 'changed', data: 'the list' });

export type Live = {
  /**
   * False when there are too many streams, in all or for this person. `untilEnded` calls back when the session ends early, and
   * returns a function that stops this.
   */
  open(
    response: ServerResponse,
    person: string,
    ttlMs: number,
    untilEnded?: (end: () => void) => () => void,
  ): boolean;
  /** Ends all streams. */
  close(): void;
};

export function createLive(
  service: Pick<ApprovalService, 'watch'>,
  after: After,
  maxStreams = MAX_STREAMS,
): Live {
  const streams = new Map<EventStream, string>();
  const countOf = (person: string): number => [...streams.values()].filter((one) => one === person).length;
  return {
    open(response, person, ttlMs, untilEnded) {
      if (streams.size >= maxStreams || countOf(person) >= MAX_PER_PERSON) return false;
      const stream = new EventStream(response, HEADERS, KEEP_ALIVE_MS);
      streams.set(stream, person);
      const stop = [
        service.watch(() => stream.sendLatest(CHANGED)),
        after(ttlMs, () => stream.end()),
        untilEnded?.(() => stream.end()),
      ];
      response.once('close', () => {
        streams.delete(stream);
        for (const end of stop) end?.();
      });
      return true;
    },
    close() {
      for (const stream of streams.keys()) stream.end();
    },
  };
}
