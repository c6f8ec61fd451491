/** The trace of a process: what --trace makes of its clock and its terminal, and of the options of its endpoints. */

import { createTracePages } from '../lesson/trace/router.js';
import { createTrace, type Trace } from '../lesson/trace/trace.js';
import { now } from '../wire/clock.js';
import type { EndpointOptions } from './endpoint-options.js';

type Watched = Pick<EndpointOptions, 'observe' | 'pages'>;

export type Tracing = Pick<Trace, 'begin'> & {
  /** Options of an endpoint beside which the pages of the trace stand. */
  watch(server: string, own: EndpointOptions['pages']): Watched;
};

const NO_PAGES = { handle: () => false, close: () => {} };

/** A file or a pipe has no width of its own. */
const COLUMNS = 140;

export function createTracing(
  onError: (error: unknown, about: string) => void,
  /** Under which the pages stand; without it there are none. */
  secret: string | undefined,
): Tracing {
  const { stderr, env, hrtime } = process;
  const trace = createTrace({
    write: (text) => void stderr.write(text),
    look: () => ({
      columns: stderr.columns ?? COLUMNS,
      color: stderr.isTTY === true && (env.NO_COLOR ?? '') === '',
    }),
    clock: now,
    ticks: () => hrtime.bigint(),
    onError,
  });
  return {
    begin: () => trace.begin(),
    watch: (server, own) => ({
      observe: trace.observe(server),
      pages(made) {
        const others = own?.(made);
        if (secret === undefined) return others ?? NO_PAGES;
        const live = createTracePages(trace.store, secret);
        return {
          handle: (request, response, path) =>
            live.handle(request, response, path) || others?.handle(request, response, path) === true,
          close() {
            live.close();
            others?.close();
          },
        };
      },
    }),
  };
}
