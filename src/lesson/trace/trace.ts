/** The trace: numbers the exchanges of all endpoints, prints them to the terminal, and stores the last ones for the pages. */
import { REGISTRY_CLIENT } from '../../services/registry/token-names.js';
import type { OnError } from '../../wire/log.js';
import type { Finding, TracedExchange } from './exchange.js';
import { headerOf } from './headers.js';
import type { Observe, Observer } from './observe.js';
import { record, type TraceListener } from './recorder.js';
import { Store } from './store.js';
import {
  briefText,
  createFindingText,
  exchangeText,
  frameText,
  type Look,
  openText,
  streamEndText,
} from './terminal.js';

export type TraceOptions = {
  /** The terminal, if the exchanges are printed too. */
  terminal?: { write: (text: string) => void; look: () => Look };
  clock: () => Date;
  /** Nanoseconds of a monotonic clock. */
  ticks: () => bigint;
  onError: OnError;
  /** Looks for violations in an exchange while it runs; undefined if it is not MCP. */
  examine?: ((server: string, exchange: Parameters<Observe>[0]) => Examination | undefined) | undefined;
  /** Gets each exchange when it is over. */
  onEnd?: ((exchange: TracedExchange) => void) | undefined;
};

/** It sees the exchange before the recorder does. */
export type Examination = { observer: Observer; findings: readonly Finding[] };

export type Trace = {
  /** The observer for the endpoint of that name. */
  observe: (server: string) => Observe;
  store: Store;
  /** Starts watching. Before that, servers only check themselves. */
  begin(): void;
};

export function createTrace({ terminal, clock, ticks, onError, examine, onEnd }: TraceOptions): Trace {
  const store = new Store();
  const findingText = createFindingText();
  let count = 0;
  let isWatching = false;
  /** How many findings of an open stream were printed. */
  const printedCounts = new Map<number, number>();
  const show = (exchange: TracedExchange, textOf: (look: Look) => string): void => {
    store.put(exchange);
    if (terminal === undefined) return;
    const look = terminal.look();
    const { number, findings = [] } = exchange;
    const fresh = findings.slice(printedCounts.get(number) ?? 0);
    if (exchange.state === 'open') printedCounts.set(number, findings.length);
    else printedCounts.delete(number);
    terminal.write([textOf(look), ...fresh.map((finding) => findingText(finding, look))].join(''));
  };
  const listener: TraceListener = {
    onOpen: (exchange) => show(exchange, (look) => openText(exchange, look)),
    onFrame: (exchange, text, atMs) => show(exchange, (look) => frameText(exchange, text, atMs, look)),
    onEnd(exchange: TracedExchange) {
      show(exchange, (look) => endText(exchange, look));
      onEnd?.(exchange);
    },
  };
  return {
    store,
    begin() {
      isWatching = true;
    },
    observe: (server) => (exchange) => {
      if (!isWatching) return undefined;
      count += 1;
      try {
        const examination = examine?.(server, exchange);
        const findings = examination && ((): readonly Finding[] => examination.findings);
        const options = { number: count, server, time: clock(), ticks, listener, findings };
        const recorder = guarded(record(exchange.request, options), onError);
        return examination === undefined ? recorder : both(guarded(examination.observer, onError), recorder);
      } catch (error) {
        onError(error, 'trace.failed');
        return undefined;
      }
    },
  };
}

function endText(exchange: TracedExchange, look: Look): string {
  const { answer, verdicts } = exchange;
  if (answer?.stream === true) return streamEndText(exchange, look);
  // The registry checks its servers every minute.
  const byRegistry = verdicts.some(({ clientId }) => clientId === REGISTRY_CLIENT.id);
  // A redirect has a page as well, for browsers that do not follow it.
  const forPerson = answer?.body.isPage === true && headerOf(answer.headers, 'location') === undefined;
  return (byRegistry || forPerson ? briefText : exchangeText)(exchange, look);
}

function both(first: Observer, second: Observer): Observer {
  const names = Object.keys(first) as (keyof Observer)[];
  const joined = names.map((name) => [
    name,
    (...args: never[]): void => {
      (first[name] as (...args: never[]) => void)(...args);
      (second[name] as (...args: never[]) => void)(...args);
    },
  ]);
  return Object.fromEntries(joined) as Observer;
}

/** An error in the trace must not disturb the exchange. */
function guarded(observer: Observer, onError: TraceOptions['onError']): Observer {
  const safe = Object.entries(observer).map(([name, tell]: [string, (...args: never[]) => void]) => [
    name,
    (...args: never[]): void => {
      try {
        tell(...args);
      } catch (error) {
        onError(error, 'trace.failed');
      }
    },
  ]);
  return Object.fromEntries(safe) as Observer;
}
