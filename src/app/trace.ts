/** Connects the trace to this process: its clock, its terminal, and the ports of its endpoints. */

import { AUTHSERVER } from '../lesson/trace/exchange.js';
import { type Watch, watchWith } from '../lesson/trace/observe.js';
import { createTracePages } from '../lesson/trace/router.js';
import { createTrace, type Trace } from '../lesson/trace/trace.js';
import type { Links } from '../pages/bar.js';
import { now } from '../wire/clock.js';
import type { EndpointOptions } from './endpoint-options.js';
import type { OnError } from './errors.js';

export type Tracing = Pick<Trace, 'begin'> & {
  /** Endpoint options that trace a server, and serve the trace next to the endpoint's other pages. */
  watch(server: string, pages: EndpointOptions['pages']): Pick<EndpointOptions, 'observe' | 'pages'>;
  /** Traces the development authorization server. */
  watchAuthserver?: Watch;
};

const NO_PAGES = { handle: () => false, close: () => {} };

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
    begin: () => trace.begin(),
    watchAuthserver: watchWith(trace.observe(AUTHSERVER)),
    watch: (server, createPages) => ({
      observe: trace.observe(server),
      pages(made) {
        const otherPages = createPages?.(made) ?? NO_PAGES;
        if (secret === undefined) return otherPages;
        const tracePages = createTracePages(trace.store, secret, links);
        return {
          handle: (request, response, path) =>
            tracePages.handle(request, response, path) || otherPages.handle(request, response, path),
          close() {
            tracePages.close();
            otherPages.close();
          },
        };
      },
    }),
  };
}
