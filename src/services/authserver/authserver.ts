/**
 * The development authorization server: real tokens, real pages, made-up people. It listens only on loopback, because
 * everybody knows its passwords. Its keys are stored in a directory; everything else is in memory and is lost when it stops.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import { randomBytes } from 'node:crypto';
import { isLoopbackAddress } from '../../oauth/protected-resource.js';
import { close, createListener, type Handler, listen, originOf } from '../../wire/http/listener.js';
import { DEMO, type KnownClient, REGISTRY } from './clients.js';
import { openKeys } from './keys.js';
import { PUBLIC_PASSWORD } from './people.js';
import { createProvider } from './provider.js';
import { createForms } from './reply.js';
import type { ProtectedResource, Resources } from './resources.js';
import { createHandler } from './router.js';

export type { KnownClient, ProtectedResource };

export type AuthServerOptions = {
  /** A loopback address; any other is refused. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Where the keys are stored; created if it does not exist. */
  stateDir: string;
  resources: Resources;
  onError?: (error: unknown, about: string) => void;
  /** Lifetime of an access token in seconds; default: 15 minutes. A server that checks only a JWT's signature learns of no revocation. */
  accessTokenS?: number;
  /** One password for all people; default: a public one. */
  password?: string | undefined;
  /** Besides the demo client and the registry. */
  extraClients?: readonly KnownClient[];
};

export type AuthServer = {
  /** Without a trailing slash. */
  issuer: string;
  close(): Promise<void>;
};

const BOUNDS = { headerBytes: 16 * 1024, requestMs: 30_000 };
const GRACE_MS = 1_000;

export async function startAuthServer(options: AuthServerOptions): Promise<AuthServer> {
  const { host, port, stateDir, resources, onError = () => {}, accessTokenS = 15 * 60 } = options;
  if (!isLoopbackAddress(host)) {
    throw new Error(`the development authorization server runs on loopback only, and ${host} is not`);
  }
  const keys = await openKeys(stateDir);
  const clients = [DEMO, REGISTRY, ...(options.extraClients ?? [])];
  const password = options.password ?? PUBLIC_PASSWORD;

  // The issuer's address is known only once the server listens.
  let handle: Handler | undefined;
  const server = createListener((request, response) => handle?.(request, response), BOUNDS);
  const issuer = originOf(host, await listen(server, port, host));
  try {
    const provider = createProvider({ issuer, keys, clients, resources, accessTokenS, onError });
    // A new key at each start: the forms of an earlier one refer to interactions that are gone.
    const forms = createForms(randomBytes(32), issuer);
    handle = createHandler({ issuer, provider, resources, forms, password, onError });
  } catch (error) {
    await close(server, 0);
    throw error;
  }
  return { issuer, close: () => close(server, GRACE_MS) };
}
