/** The trace: numbers the exchanges of all endpoints, prints them to the terminal, and stores the last ones for the pages. */

import { REGISTRY_CLIENT } from '../../services/registry/token-names.js';
import { headerOf, type Traced } from './exchange.js';
import type { Observe, Observer } from './observe.js';
import { record, type TraceListener } from './recorder.js';
import { Store } from './store.js';
import { briefText, exchangeText, frameText, type Look, openText, streamEndText } from './terminal.js';

export type TraceOptions = {
  /** The terminal, if the exchanges are printed too. */
  terminal?: { write: (text: string) => void; look: () => Look };
  clock: () => Date;
  /** Nanoseconds of a monotonic clock. */
  ticks: () => bigint;
  onError: (error: unknown, about: string) => void;
};

export type Trace = {
  /** The observer for the endpoint of that name. */
  observe: (server: string) => Observe;
  store: Store;
  /** Starts watching. Before that, servers only check themselves. */
  begin(): void;
};

export function createTrace({ terminal, clock, ticks, onError }: TraceOptions): Trace {
  const store = new Store();
  let count = 0;
  let begun = false;
  const listener: TraceListener = {
    opened(traced) {
      terminal?.write(openText(traced, terminal.look()));
      store.put(traced);
    },
    frame(traced, text, atMs) {
      terminal?.write(frameText(traced, text, atMs, terminal.look()));
      store.put(traced);
    },
    ended(traced: Traced) {
      terminal?.write(endText(traced, terminal.look()));
      store.put(traced);
    },
  };
  return {
    store,
    begin() {
      begun = true;
    },
    observe: (server) => (exchange) => {
      if (!begun) return undefined;
      count += 1;
      const options = { number: count, server, time: clock(), ticks, listener };
      try {
        return guarded(record(exchange.request, options), onError);
      } catch (error) {
        onError(error, 'trace');
        return undefined;
      }
    },
  };
}

function endText(traced: Traced, look: Look): string {
  const { answer, verdicts } = traced;
  if (answer?.stream === true) return streamEndText(traced, look);
  // The registry checks its servers every minute.
  const byRegistry = verdicts.some(({ clientId }) => clientId === REGISTRY_CLIENT.id);
  // A redirect has a page as well, for browsers that do not follow it.
  const forPerson = answer?.body.isPage === true && headerOf(answer.headers, 'location') === undefined;
  return (byRegistry || forPerson ? briefText : exchangeText)(traced, look);
}

/** An error in the trace must not disturb the exchange. */
function guarded(observer: Observer, onError: TraceOptions['onError']): Observer {
  const safe = Object.entries(observer).map(([name, tell]: [string, (...given: never[]) => void]) => [
    name,
    (...given: never[]): void => {
      try {
        tell(...given);
      } catch (error) {
        onError(error, 'trace');
      }
    },
  ]);
  return Object.fromEntries(safe) as Observer;
}
