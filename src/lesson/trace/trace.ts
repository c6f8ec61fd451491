/**
 * The wire, live: exchanges of all endpoints are numbered, told to the terminal as they leave, and the last of them kept for
 * the pages. This joins the parts; what is shown of an exchange is in lines.ts.
 */

import { REGISTRY_CLIENT } from '../../services/registry/token-names.js';
import type { Traced } from './exchange.js';
import type { Observe, Observer } from './observe.js';
import { record, type Told } from './recorder.js';
import { Store } from './store.js';
import { briefText, exchangeText, frameText, type Look, openText, streamEndText } from './terminal.js';

export type TraceOptions = {
  write: (text: string) => void;
  look: () => Look;
  clock: () => Date;
  /** Nanoseconds of a clock that only goes on. */
  ticks: () => bigint;
  onError: (error: unknown, about: string) => void;
};

export type Trace = {
  /** For the endpoint of that name. */
  observe: (server: string) => Observe;
  store: Store;
  /** Nothing is watched before: at their start, servers look at themselves. */
  begin(): void;
};

export function createTrace({ write, look, clock, ticks, onError }: TraceOptions): Trace {
  const store = new Store();
  let count = 0;
  let begun = false;
  const told: Told = {
    opened(traced) {
      write(openText(traced, look()));
      store.put(traced);
    },
    frame(traced, text, atMs) {
      write(frameText(traced, text, atMs, look()));
      store.put(traced);
    },
    ended(traced: Traced) {
      const stream = traced.answer?.stream === true;
      const own = traced.verdicts.some(({ clientId }) => clientId === REGISTRY_CLIENT.id);
      write((stream ? streamEndText : own ? briefText : exchangeText)(traced, look()));
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
      const options = { number: count, server, time: clock(), ticks, told };
      return guarded(record(exchange.request, options), onError);
    },
  };
}

/** Whatever goes wrong in showing an exchange, the exchange itself goes on. */
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
