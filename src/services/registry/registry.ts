/**
 * The registry: which MCP servers there are, what their tools can do, who owns them, whether they are what they claim to be,
 * and whether they are on. Here its parts are put together, opened and closed.
 */
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { deriveKeys } from '../../oauth/derived-keys.js';
import { readResource, resourceIdentifier } from '../../oauth/protected-resource.js';
import { TokenGuard } from '../../oauth/protection.js';
import { createSignIn } from '../../pages/signin/sign-in.js';
import { afterUnlessDone, now } from '../../wire/clock.js';
import { NOSNIFF } from '../../wire/http/body.js';
import { close, createListener, type Handler, listen, originOf } from '../../wire/http/listener.js';
import { createSealer } from '../../wire/server/sealer.js';
import { checkUrl } from '../outbound/reach.js';
import { createLocalCheck, createThreadedCheck } from './check/thread.js';
import { createEntryRepository } from './entry-repository.js';
import { createEvents } from './events.js';
import { metricsText } from './metrics.js';
import type { RegistryOptions } from './registry-options.js';
import { createRegistryService, type RegistryService } from './registry-service.js';
import { handle } from './router.js';
import { createSearch } from './search/search.js';
import type { Site } from './site.js';
import { REGISTRY_PAGES_CLIENT, REGISTRY_WRITE } from './token-names.js';
import { signInPages } from './web/web.js';

export type Registry = {
  /** Resolves with the origin. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /** Adds a server by any of its URLs, after the stored entries have been read. Rejects RequestError. */
  add(url: string): Promise<void>;
  /** The text for Prometheus. */
  metrics(): string;
  /** For benchmarks, which wait until every server was checked. */
  readonly busy: RegistryService['busy'];
  close(): Promise<void>;
};

const BOUNDS = { headerBytes: 16 * 1024, requestMs: 30_000 };
const GRACE_MS = 2_000;
const RETRY_MS = 2_000;
const OPERATOR = { user: 'configuration' };

export function createRegistry(options: RegistryOptions): Registry {
  const { store, reach, lookup, version, issuer, deadlineMs, onError, url, certificate } = options;
  const repository = createEntryRepository({ store, search: createSearch(), clock: now, onError });
  const tokens = options.tokens && { ...options.tokens, issuer };
  const checkOptions = { reach, tokens, version, deadlineMs };
  const thread = lookup === undefined ? createThreadedCheck(checkOptions) : undefined;
  const service = createRegistryService({
    ...options,
    repository,
    check: thread?.check ?? createLocalCheck(checkOptions, lookup),
    checkUrl: (url) => checkUrl(url, reach),
    leads: store.leads,
    clock: now,
    after: afterUnlessDone,
  });
  const events = createEvents(repository, store);
  let closed = false;
  let isOpen = false;
  let failure: unknown;

  /** Waits for a database that cannot be reached; meanwhile the registry listens and is not ready. */
  async function load(): Promise<void> {
    while (!closed) {
      try {
        await repository.open();
        isOpen = true;
        return service.begin();
      } catch (error) {
        failure = error;
        onError(error, 'registry.failed');
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
  const loading = load();
  let site: Site | undefined;
  let listener: Server | undefined;
  const ready = async (): Promise<void> => {
    if (!isOpen) throw failure ?? new Error('the registry is being read');
    await store.ready();
    await site?.tokenGuard.ready();
  };

  function open(origin: string): Site {
    const { auth, secrets, pagesClient, allowHosts = [], allowOrigins = [], links = () => ({}) } = options;
    const resource = resourceIdentifier(readResource(origin));
    const tokenGuard = new TokenGuard(origin, 'MCP registry', [REGISTRY_WRITE], auth);
    const client = pagesClient ?? { id: REGISTRY_PAGES_CLIENT };
    const { verifier } = tokenGuard;
    const sealer = createSealer(deriveKeys(secrets, 'registry-sessions', resource), now);
    const signIn = createSignIn(
      { verifier, issuer, resource, origin, client, sealer, state: options.state, clock: now, onError },
      signInPages(links),
    );
    const originGuard = {
      hosts: [...allowHosts.map((host) => host.toLowerCase()), new URL(origin).hostname],
      origins: [...allowOrigins, origin],
    };
    return {
      repository,
      service,
      store,
      events,
      origin,
      issuer,
      tokenGuard,
      signIn,
      links,
      originGuard,
      version,
      operatorSecret: url === undefined ? options.operatorSecret : undefined,
      collect: options.collect ?? (() => ''),
      isOpen: () => isOpen,
      ready,
      onError,
    };
  }

  return {
    async listen(port, host = '127.0.0.1') {
      const answer: Handler = (...exchange) =>
        site === undefined ? void exchange[1].writeHead(503, NOSNIFF).end() : handle(site, ...exchange);
      listener = createListener(answer, BOUNDS, certificate);
      await thread?.open();
      const boundPort = await listen(listener, port, host);
      site = open(url === undefined ? originOf(host, boundPort, certificate) : new URL(url).origin);
      return site.origin;
    },
    async add(address) {
      await loading;
      await service.add(address, OPERATOR);
    },
    metrics: () => (site === undefined ? '' : metricsText(site)),
    get busy() {
      return service.busy;
    },
    async close() {
      closed = true;
      events.close();
      const listening = listener === undefined ? undefined : close(listener, GRACE_MS);
      // The service ignores the result of a check that ends after this.
      const serviceClosing = service.close();
      await thread?.close();
      await serviceClosing;
      await listening;
      await store.close();
      await options.state.close();
    },
  };
}
