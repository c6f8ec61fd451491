/** A traced endpoint that checks tokens, and what its trace wrote and stored. */
import type { EndpointOptions } from '../../src/index.js';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { createTracePages } from '../../src/lesson/trace/router.js';
import type { Store } from '../../src/lesson/trace/store.js';
import { createTrace } from '../../src/lesson/trace/trace.js';
import { type Guarded, guarded } from '../endpoint/guarded.js';
import { until } from '../support/until.js';

/** The secret in the address of these tests' pages. */
export const SECRET = 'a-secret-of-the-operator';
export const TRACE = `/trace/${SECRET}`;

export type Watched = Guarded & {
  store: Store;
  errors: string[];
  /** All that was written to the terminal. */
  written: () => string;
  /** The next exchange that is over. */
  over: (number: number) => Promise<TracedExchange>;
};

export async function watched(given: Partial<EndpointOptions> = {}, columns = 140): Promise<Watched> {
  let text = '';
  const troubles: string[] = [];
  const trace = createTrace({
    terminal: {
      write: (more) => {
        text += more;
      },
      look: () => ({ columns, color: false }),
    },
    clock: () => new Date(),
    ticks: () => process.hrtime.bigint(),
    onError: (error, about) => troubles.push(`${about}: ${error}`),
  });
  const door = await guarded({
    observe: trace.observe('readonly'),
    pages: () => createTracePages(trace.store, SECRET),
    ...given,
  });
  trace.begin();
  const over = (number: number): Promise<TracedExchange> =>
    until(() => {
      const exchange = trace.store.get(number);
      return exchange?.state !== 'open' && exchange;
    }, `the end of #${number}`);
  return { ...door, store: trace.store, errors: troubles, written: () => text, over };
}
