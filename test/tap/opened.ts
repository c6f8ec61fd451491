/** A tap in this process, and what it printed. */

import { openProxy, type ProxyOptions } from '../../src/cli/tap/http/proxy.js';
import type { Observation, ObservationOptions } from '../../src/cli/tap/observation.js';
import { openObservation } from '../../src/cli/tap/observation.js';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { until } from '../support/until.js';

export type Tap = {
  url: URL;
  observation: Observation;
  /** What the tap printed for the person at the terminal. */
  notes: string[];
  written: () => string;
  /** The exchange of that number, when it is over. */
  over(number: number): Promise<TracedExchange>;
  close(): Promise<void>;
};

export type TapOptions = Partial<
  Pick<ProxyOptions, 'port' | 'extraHeaders' | 'timeoutMs'> & Pick<ObservationOptions, 'save' | 'createTrace'>
>;

export async function openTap(target: URL, given: TapOptions = {}): Promise<Tap> {
  const notes: string[] = [];
  let text = '';
  const observation = await openObservation({
    terminal: {
      write: (more) => {
        text += more;
      },
      look: () => ({ columns: 140, color: false }),
    },
    note: (line) => notes.push(line),
    pagePort: 0,
    ...given,
  });
  const proxy = await openProxy({
    target,
    port: 0,
    extraHeaders: [],
    timeoutMs: 20_000,
    observation,
    problem: (line) => notes.push(line),
    ...given,
  });
  return {
    url: proxy.address,
    observation,
    notes,
    written: () => text,
    over: (number) =>
      until(() => {
        const exchange = observation.store.get(number);
        return exchange?.state !== 'open' && exchange;
      }, `the end of #${number}`),
    async close() {
      await proxy.close();
      await observation.close();
    },
  };
}
