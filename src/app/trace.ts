/** Connects the trace to this process: its clock, its terminal, and the ports of its endpoints. */

import { AUTHSERVER } from '../lesson/trace/exchange.js';
import { type Watch, watchWith } from '../lesson/trace/observe.js';
import { createTracePages } from '../lesson/trace/router.js';
import { createTrace, type Trace } from '../lesson/trace/trace.js';
import type { Links } from '../pages/bar.js';
import { now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import type { EndpointOptions } from './endpoint-options.js';
import { withPages } from './start-page.js';

export type Tracing = Pick<Trace, 'begin'> & {
  /** Endpoint options that trace a server, and serve the trace next to the endpoint's other pages. */
  watch(server: string, pages: EndpointOptions['pages']): Pick<EndpointOptions, 'observe' | 'pages'>;
  /** Traces the development authorization server. */
  watchAuthserver?: Watch;
};

/** Line width when stderr is a file or a pipe. */
const COLUMNS = 140;

/**
 * @param secret part of the pages' addresses; without it there are no pages
 * @param links the addresses of the other pages
 */
export function createTracing(onError: OnError, secret: string | undefined, links: () => Links): Tracing {
  const { stderr, env, hrtime } = process;
  const trace = createTrace({
    terminal: {
      write: (text) => void stderr.write(text),
      look: () => ({
        columns: stderr.columns ?? COLUMNS,
        color: stderr.isTTY === true && (env.NO_COLOR ?? '') === '',
      }),
    },
    clock: now,
    ticks: () => hrtime.bigint(),
    onError,
  });
  return {
    ...tracingOf(trace),
    watch: (server, createPages) => ({
      observe: trace.observe(server),
      pages:
        secret === undefined
          ? createPages
          : withPages(createTracePages(trace.store, secret, links), createPages),
    }),
  };
}

/** A trace that is stored and not printed. */
export function createStoredTrace(onError: OnError): { store: Trace['store']; tracing: Tracing } {
  const trace = createTrace({ clock: now, ticks: process.hrtime.bigint, onError });
  return { store: trace.store, tracing: tracingOf(trace) };
}

function tracingOf(trace: Trace): Tracing {
  return {
    begin: () => trace.begin(),
    watchAuthserver: watchWith(trace.observe(AUTHSERVER)),
    watch: (server, pages) => ({ observe: trace.observe(server), pages }),
  };
}
