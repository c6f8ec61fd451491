/** The trace page of a tap: on a port of its own, on this machine only, at an address with a secret. */
import { randomBytes } from 'node:crypto';
import { createTracePages } from '../../lesson/trace/router.js';
import type { Store } from '../../lesson/trace/store.js';
import { Fault } from '../../wire/fault.js';
import { sendFault } from '../../wire/http/body.js';
import { checkHost, targetOf } from '../../wire/http/head.js';
import { close, createListener, originOf } from '../../wire/http/listener.js';
import { HOST, listenOn } from './listen.js';

export type TapPage = { address: string; close(): Promise<void> };

const BOUNDS = { headerBytes: 16 * 1024, requestMs: 30_000 };

export async function openPage(store: Store, port: number): Promise<TapPage> {
  const secret = randomBytes(16).toString('base64url');
  const pages = createTracePages(store, secret);
  const server = createListener((request, response) => {
    const { host, path } = targetOf(request);
    const foreign = checkHost(request.rawHeaders, host, { hosts: [], origins: [] });
    if (foreign !== undefined) sendFault(response, new Fault('foreignHost', 'this page is for this machine'));
    else if (!pages.handle(request, response, path))
      sendFault(response, new Fault('notFound', 'the address of the page is the one that the tap printed'));
  }, BOUNDS);
  const boundPort = await listenOn(server, port, '--page-port');
  return {
    address: `${originOf(HOST, boundPort)}/trace/${secret}`,
    async close() {
      pages.close();
      await close(server, 0);
    },
  };
}
