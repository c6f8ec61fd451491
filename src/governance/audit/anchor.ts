/**
 * Sends signed heads to a place where somebody who can write the log cannot write: at most once a minute for each chain, always
 * its newest. What could not be sent waits for the next minute.
 */
import { appendFile } from 'node:fs/promises';
import { type After, afterUnlessDone } from '../../wire/clock.js';
import type { SeriesName } from './names.js';

export type Anchor = {
  take(name: SeriesName, jws: string): void;
  /** Sends what waits, once. */
  close(): Promise<void>;
};

/** Gets a text with one JWS a line. */
type Send = (lines: string) => Promise<void>;

const EVERY_MS = 60_000;
const MAX_WAITING = 50_000;
const DEADLINE_MS = 10_000;

export function createAnchor(
  send: Send,
  onError: (error: Error) => void,
  after: After = afterUnlessDone,
): Anchor {
  const waiting = new Map<string, string>();
  let stop: (() => void) | undefined;
  let sending = Promise.resolve();
  const flush = async (): Promise<void> => {
    stop = undefined;
    const batch = [...waiting];
    if (batch.length === 0) return;
    try {
      await send(`${batch.map(([, jws]) => jws).join('\n')}\n`);
      for (const [key, jws] of batch) if (waiting.get(key) === jws) waiting.delete(key);
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
    if (waiting.size > 0) schedule();
  };
  const schedule = (): void => {
    stop ??= after(EVERY_MS, () => {
      sending = flush();
    });
  };
  return {
    take({ folder, replica }, jws) {
      const key = `${folder}/${replica}`;
      // A chain that is left out now comes with its next head.
      if (waiting.size < MAX_WAITING || waiting.has(key)) waiting.set(key, jws);
      schedule();
    },
    async close() {
      stop?.();
      await sending;
      await flush();
      stop?.();
    },
  };
}

/** Appends to the file, or posts to the URL. */
export function sendTo(place: string): Send {
  if (!/^https?:/i.test(place)) return (lines) => appendFile(place, lines, { mode: 0o600 });
  return async (body) => {
    const headers = { 'content-type': 'application/jose' };
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(place, { method: 'POST', headers, body, signal, redirect: 'error' });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${place} answered with status ${response.status}`);
  };
}
