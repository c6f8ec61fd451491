/**
 * Serves the pages of the trace on an endpoint's own port, at an address that contains a secret; without the secret there is
 * nothing here. Host and Origin have been checked before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Links } from '../../pages/bar.js';
import { isSecret } from '../../pages/operator-secret.js';
import { HEADERS, sendPage, sendRedirect, sendScript, sendStyle } from '../../pages/reply.js';
import { checkSender } from '../../pages/signin/form.js';
import { Fault } from '../../wire/fault.js';
import { sendFault } from '../../wire/http/body.js';
import { EventStream, sseFrame } from '../../wire/http/stream.js';
import { type Choice, queryOf, readChoice } from './choice.js';
import type { TracedExchange } from './exchange.js';
import { tracePage } from './pages/page.js';
import type { Store } from './store.js';
import { wireOf } from './wire.js';

const TRACE_PATH = '/trace';
const MAX_STREAMS = 20;
const KEEP_ALIVE_MS = 20_000;
const ADDRESS = new RegExp(`^${TRACE_PATH}/([^/]+)(?:/(.*))?$`);
const ONE = /^([1-9]\d{0,14})(\.wire)?$/;

export type TracePages = {
  /** False if `path` is not one of these pages. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends the streams of open pages. */
  close(): void;
};

/** `links`: the addresses of the other pages. */
export function createTracePages(store: Store, secret: string, links: () => Links = () => ({})): TracePages {
  const streams = new Set<EventStream>();
  return {
    handle(request, response, path) {
      const [, pathSecret, page = ''] = ADDRESS.exec(path) ?? [];
      if (pathSecret === undefined || !isSecret(pathSecret, secret)) return false;
      // A page of another origin cannot load anything here, not even as an image or a script.
      response.setHeader('cross-origin-resource-policy', 'same-origin');
      const base = `${TRACE_PATH}/${secret}`;
      const choice = readChoice(new URLSearchParams(request.url?.split('?')[1]));
      const allowed = page === 'clear' ? ['POST'] : ['GET', 'HEAD'];
      if (!allowed.includes(request.method ?? '')) {
        const only = `this page takes ${allowed.join(' and ')}, received ${request.method}`;
        sendFault(response, new Fault('methodNotAllowed', only), {
          allow: allowed.join(', '),
          connection: 'close',
        });
      } else if (typeof choice === 'string') sendFault(response, new Fault('invalidRequest', choice));
      else if (page === 'clear') clear(request, response, store, `${base}${queryOf(choice)}`);
      else if (page === 'style.css') sendStyle(response, 'bytes.css', 'trace.css');
      else if (page === 'script.js') sendScript(response, 'trace.js');
      else if (page === 'events' && request.method === 'GET') open(response, store, streams);
      else show(response, { store, links, base, choice }, page);
      return true;
    },
    close() {
      for (const stream of streams) stream.end();
    },
  };
}

/** A form that another page sends here changes nothing, even if that page knows the secret. */
function clear(request: IncomingMessage, response: ServerResponse, store: Store, next: string): void {
  const problem = checkSender(request, `http://${request.headers.host}`);
  if (problem !== undefined) {
    sendFault(response, new Fault('foreignOrigin', problem.problem), { connection: 'close' });
    return;
  }
  store.clear();
  sendRedirect(response, next);
}

type PageContext = { store: Store; links: () => Links; base: string; choice: Choice };

function show(response: ServerResponse, { store, links, base, choice }: PageContext, page: string): void {
  const [, number, wire] = ONE.exec(page) ?? [];
  const one = store.get(Number(number));
  if (wire !== undefined) save(response, one);
  else if (page === '')
    sendPage(response, 200, tracePage(base, store.all, undefined, undefined, choice)(links()));
  else if (number === undefined) nothing(response, 'there is nothing at this address');
  else
    sendPage(
      response,
      one === undefined ? 404 : 200,
      tracePage(base, store.all, Number(number), one, choice)(links()),
    );
}

function save(response: ServerResponse, one: TracedExchange | undefined): void {
  const text = one && wireOf(one);
  if (text === undefined) nothing(response, 'this exchange is not kept, or not as a whole');
  else
    sendPage(response, 200, text, {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="exchange-${one?.number}.wire"`,
    });
}

function nothing(response: ServerResponse, why: string): void {
  sendFault(response, new Fault('notFound', why));
}

function open(response: ServerResponse, store: Store, streams: Set<EventStream>): void {
  if (streams.size >= MAX_STREAMS) {
    sendFault(response, new Fault('busy', 'too many pages are open'));
    return;
  }
  const stream = new EventStream(response, HEADERS, KEEP_ALIVE_MS);
  streams.add(stream);
  // The event only says that something happened; the page fetches the rest.
  const tell = (event: object): void => {
    stream.sendLatest(sseFrame({ event: 'exchange', data: JSON.stringify(event) }));
  };
  const unwatch = store.watch(
    ({ number, state }) => tell({ number, state }),
    () => tell({ state: 'cleared' }),
  );
  response.once('close', () => {
    streams.delete(stream);
    unwatch();
  });
}
