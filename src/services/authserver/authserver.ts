/**
 * The development authorization server: real tokens, real pages, made-up people. It only ever listens on loopback,
 * because everybody knows its passwords. Keys are kept in a directory; all else is in memory and ends with it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import { randomBytes } from 'node:crypto';
import { isLoopbackAddress } from '../../oauth/protected-resource.js';
import { now } from '../../wire/clock.js';
import { close, createListener, listen, originOf } from '../../wire/http/listener.js';
import { createReadDocument } from './client-documents.js';
import { DEMO, type KnownClient, REGISTRY } from './clients.js';
import { createForms } from './forms.js';
import { createDocumentFetch } from './guarded-fetch.js';
import { openKeys, rotate } from './keys.js';
import { createMemory } from './memory.js';
import { PUBLIC_PASSWORD } from './people.js';
import { createProvider } from './provider.js';
import { createRegistrations } from './registrations.js';
import type { ProtectedResource, Resources } from './resources.js';
import { createRevokedTokens } from './revoked.js';
import { createHandler } from './router.js';

export type { KnownClient, ProtectedResource };

export type AuthServerOptions = {
  /** Of loopback; anything else is refused. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Where keys are kept; made when it is not there. */
  stateDir: string;
  resources: Resources;
  onError?: (error: unknown, about: string) => void;
  /** Seconds that an access token lives: 15 minutes by default. A server that checks a JWT by its signature hears of no revocation. */
  accessTokenS?: number;
  /** Of all people; one that everybody knows unless given. */
  password?: string | undefined;
  /** Known besides the demo client. */
  extraClients?: readonly KnownClient[];
};

export type AuthServer = {
  /** Without a slash at its end. */
  issuer: string;
  /** Signs with a new key from now on; the old one stays published while its tokens live. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
};

const BOUNDS = { headerBytes: 16 * 1024, requestMs: 30_000 };
const GRACE_MS = 1_000;

export async function startAuthServer(options: AuthServerOptions): Promise<AuthServer> {
  const { host, port, stateDir, resources, onError = () => {}, accessTokenS = 15 * 60 } = options;
  if (!isLoopbackAddress(host)) {
    throw new Error(`the development authorization server runs on loopback only, and ${host} is not`);
  }
  let keys = await openKeys(stateDir);

  const memory = createMemory(now);
  const fetch = createDocumentFetch();
  const readDocument = createReadDocument(fetch, now);
  const clients = [DEMO, REGISTRY, ...(options.extraClients ?? [])];
  const registrations = createRegistrations(now, (id) => void memory('Client').destroy(id));
  const revoked = createRevokedTokens(now);
  const parts = {
    memory,
    registrations,
    revoked,
    clients,
    resources,
    accessTokenS,
    fetch,
    readDocument,
    onError,
  };
  const build = (issuer: string) => {
    const provider = createProvider({ ...parts, issuer, keys });
    return { provider, callback: provider.callback() };
  };

  // The issuer is known once the port is, and nobody can ask before that.
  const server = createListener((request, response) => handle(request, response), BOUNDS);
  const issuer = originOf(host, await listen(server, port, host));
  let live: ReturnType<typeof build>;
  try {
    live = build(issuer);
  } catch (error) {
    await close(server, 0);
    throw error;
  }
  // Generated at each start, as is everything that forms refer to.
  const forms = createForms(randomBytes(32), issuer);
  const password = options.password ?? PUBLIC_PASSWORD;
  const handle = createHandler({
    issuer,
    resources,
    forms,
    password,
    registrations,
    live: () => live,
    onError,
  });

  // One after the other; one that failed stops none after it.
  let rotating = Promise.resolve();
  return {
    issuer,
    rotateKeys() {
      rotating = rotating
        .catch(() => {})
        .then(async () => {
          keys = await rotate(stateDir, keys, now(), accessTokenS);
          live = build(issuer);
        });
      return rotating;
    },
    close: () => close(server, GRACE_MS),
  };
}
