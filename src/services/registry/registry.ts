/**
 * The registry as a service: which MCP servers there are, what each tool can do, who owns it, whether it is what it claims
 * to be, and whether it is on. Made from its parts here, opened, and closed again.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SharedState } from '../../cluster/shared-state.js';
import { deriveKeys } from '../../oauth/derived-keys.js';
import { readResource, resourceIdentifier } from '../../oauth/protected-resource.js';
import { type AuthOptions, TokenGuard } from '../../oauth/protection.js';
import { createSignIn } from '../../pages/signin/sign-in.js';
import { afterUnlessDone, now } from '../../wire/clock.js';
import { close, createListener, listen, originOf } from '../../wire/http/listener.js';
import { NOSNIFF } from '../../wire/http/reply.js';
import { createSealer } from '../../wire/server/sealer.js';
import { createGuardedFetch, type Lookup } from '../outbound/guarded-fetch.js';
import { checkUrl, type Reach } from '../outbound/reach.js';
import { createCheck } from './check/check.js';
import { createThreadedCheck } from './check/thread.js';
import { createTokens, type TokensOptions } from './check/token.js';
import { createEntryRepository } from './entry-repository.js';
import { createEvents } from './events.js';
import { metricsText } from './metrics.js';
import { createRegistryService, type RegistryService } from './registry-service.js';
import { handle } from './router.js';
import { createSearch } from './search/search.js';
import type { Site } from './site.js';
import type { Store } from './store/store.js';
import { REGISTRY_PAGES_CLIENT, REGISTRY_WRITE } from './token-names.js';
import { SIGN_IN } from './web/sign-in.js';

export type RegistryOptions = {
  store: Store;
  /** By which browsers and programs know it; where it listens unless given. */
  url?: string | undefined;
  auth: AuthOptions;
  /** Where people sign in to the pages, and as what these are registered there. */
  issuer: string;
  pagesClient?: { id: string; secret?: string } | undefined;
  /** Secrets of 32 bytes, shared by the replicas. Keys derived from them seal sign-ins: the first seals, all open. */
  secrets: readonly Uint8Array[];
  /** State in which replicas share who has signed out of the pages. Closed with the registry. */
  state: SharedState;
  /** With what it asks the issuer for tokens of its own; without it only manifests are checked. */
  tokens?: Pick<TokensOptions, 'client'> | undefined;
  /** Which addresses it may ask. */
  reach: Reach;
  lookup?: Lookup;
  version: string;
  /** The secret that opens the metrics, unless `url` is given. */
  operatorSecret?: string;
  intervalMs: number;
  /** Checks at the same time. */
  concurrency: number;
  /** For one check. */
  deadlineMs: number;
  allowHosts?: readonly string[];
  allowOrigins?: readonly string[];
  onError: (error: unknown, about: string) => void;
};

export type Registry = {
  readonly origin: string | undefined;
  /** Resolves with the origin. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /** Adds a server by any of its URLs, after the stored entries have been read. Rejects Refused. */
  add(url: string): Promise<void>;
  /** What was counted so far, as Prometheus reads it. */
  metrics(): string;
  readonly busy: RegistryService['busy'];
  ready(): Promise<void>;
  close(): Promise<void>;
};

const BOUNDS = { headerBytes: 16 * 1024, requestMs: 30_000 };
const GRACE_MS = 2_000;
const RETRY_MS = 2_000;
/** Who is named for what the configuration asks for. */
const OPERATOR = { user: 'configuration' };

/** In a thread of its own; with a lookup of the caller's, which cannot be sent there, on this one. */
function checkOf({ reach, lookup, tokens: given, issuer, version, deadlineMs }: RegistryOptions) {
  const tokens = given && { ...given, issuer };
  if (lookup === undefined) return createThreadedCheck({ reach, tokens, version, deadlineMs });
  const own = tokens && createTokens({ ...tokens, clock: now });
  const check = createCheck({ ask: createGuardedFetch(reach, lookup), tokens: own, version, deadlineMs });
  return { check, open: async () => {}, close: async () => {} };
}

export function createRegistry(options: RegistryOptions): Registry {
  const { store, reach, version, issuer, onError } = options;
  const repository = createEntryRepository({ store, search: createSearch(), clock: now, onError });
  const { check, open: openCheck, close: closeCheck } = checkOf(options);
  const service = createRegistryService({
    ...options,
    repository,
    check,
    checkUrl: (url) => checkUrl(url, reach),
    leads: store.leads,
    clock: now,
    after: afterUnlessDone,
  });
  const events = createEvents(repository, store);
  let closed = false;
  let opened = false;
  let failure: unknown;

  /** A database that is away is waited for, as it is elsewhere: the registry is there, and says that it is not ready. */
  async function load(): Promise<void> {
    while (!closed) {
      try {
        await repository.open();
        opened = true;
        return service.begin();
      } catch (error) {
        failure = error;
        onError(error, 'registry');
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
  const first = load();

  let site: Site | undefined;
  let listener: Server | undefined;
  const ready = async (): Promise<void> => {
    if (!opened) throw failure ?? new Error('the registry is being read');
    await store.ready();
    await site?.tokenGuard.ready();
  };

  function open(origin: string): Site {
    const { auth, secrets, pagesClient, allowHosts = [], allowOrigins = [] } = options;
    const resource = resourceIdentifier(readResource(origin));
    const tokenGuard = new TokenGuard(origin, 'MCP registry', [REGISTRY_WRITE], auth);
    const client = pagesClient ?? { id: REGISTRY_PAGES_CLIENT };
    const { verifier } = tokenGuard;
    const sealer = createSealer(deriveKeys(secrets, 'registry-sessions', resource), now);
    const signIn = createSignIn(
      { verifier, issuer, resource, origin, client, sealer, state: options.state, clock: now, onError },
      SIGN_IN,
    );
    const originGuard = {
      hosts: [...allowHosts, new URL(origin).hostname],
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
      originGuard,
      version,
      operatorSecret: options.url === undefined ? options.operatorSecret : undefined,
      opened: () => opened,
      ready,
      onError,
    };
  }

  return {
    get origin() {
      return site?.origin;
    },
    async listen(port, host = '127.0.0.1') {
      listener = createListener((request: IncomingMessage, response: ServerResponse) => {
        if (site === undefined) response.writeHead(503, NOSNIFF).end();
        else handle(site, request, response);
      }, BOUNDS);
      await openCheck();
      const taken = await listen(listener, port, host);
      site = open(options.url === undefined ? originOf(host, taken) : new URL(options.url).origin);
      return site.origin;
    },
    async add(url) {
      await first;
      await service.add(url, OPERATOR);
    },
    metrics: () => (site === undefined ? '' : metricsText(site)),
    get busy() {
      return service.busy;
    },
    ready,
    async close() {
      closed = true;
      events.close();
      const listening = listener === undefined ? undefined : close(listener, GRACE_MS);
      // Nobody hears of a check that ends after the service has closed.
      const done = service.close();
      await closeCheck();
      await done;
      await listening;
      await store.close();
      await options.state.close();
    },
  };
}
