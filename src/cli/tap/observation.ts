/** What the tap makes of the traffic: text for a terminal or a log, exchanges on the trace page, files. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AUTHSERVER, type TracedExchange } from '../../lesson/trace/exchange.js';
import { tap } from '../../lesson/trace/observe.js';
import type { Store } from '../../lesson/trace/store.js';
import type { Look } from '../../lesson/trace/terminal.js';
import { createTrace } from '../../lesson/trace/trace.js';
import { now } from '../../wire/clock.js';
import { createWitness } from '../rules/witness.js';
import { Deferred } from './deferred.js';
import { examine } from './examine.js';
import { openPage, type TapPage } from './pages.js';
import { readable } from './readable.js';
import { createSaver, type Saver } from './save.js';

export type ObservationOptions = {
  /** Where annotated traffic is printed; nowhere without it. */
  terminal?: { write(text: string): void; look(): Look } | undefined;
  /** One line for the person at the tap. */
  note(text: string): void;
  pagePort: number;
  /** A folder for transcripts. */
  save?: string | undefined;
  /** For tests, in place of the real one. */
  createTrace?: typeof createTrace;
};

export type Observation = {
  page: string;
  store: Store;
  queue: Deferred;
  /** Watches an exchange from now on. */
  watch(name: string, request: IncomingMessage, response: ServerResponse): void;
  /** Saves an exchange that was not watched here. */
  save(exchange: TracedExchange): void;
  close(): Promise<void>;
};

/** Of the same kind: they would drown the traffic. */
const MAX_ERRORS = 5;

export async function openObservation(options: ObservationOptions): Promise<Observation> {
  const { terminal, note, pagePort, save } = options;
  let errors = 0;
  const onError = (error: unknown): void => {
    errors += 1;
    if (errors > MAX_ERRORS) return;
    const last = errors === MAX_ERRORS ? '; further errors are not shown' : '';
    note(`cannot show a part of the traffic, which passes nevertheless: ${error}${last}`);
  };
  const queue = new Deferred(process.hrtime.bigint, onError);
  const saver: Saver | undefined = save === undefined ? undefined : await createSaver(save, note);
  // There may be several clients, so requests are compared within a session only.
  const witness = createWitness({ transport: 'http', clients: 'many' });
  let count = 0;
  const trace = (options.createTrace ?? createTrace)({
    ...(terminal && { terminal }),
    clock: now,
    ticks: queue.ticks,
    onError,
    examine(server, { request }) {
      if (server === AUTHSERVER) return undefined;
      count += 1;
      return examine(witness, count, request);
    },
    onEnd: (exchange) => saver?.save(exchange),
  });
  trace.begin();
  const page: TapPage = await openPage(trace.store, pagePort);
  return {
    page: page.address,
    store: trace.store,
    queue,
    save: (exchange) => saver?.save(exchange),
    watch(name, request, response) {
      const open = () => {
        const observer = trace.observe(name)({ request, response });
        return observer && readable(observer, (run) => queue.run(run));
      };
      tap(request, response, queue.observer(open));
    },
    async close() {
      if (queue.flush() > 0) note('the end of the traffic is not shown, because it came too fast');
      await page.close();
      await saver?.flush();
    },
  };
}
