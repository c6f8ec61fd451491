/**
 * The development authorization server: real tokens, made-up people. It listens only on loopback, because
 * everybody knows its passwords. Its keys are stored in a directory, everything else in memory. Each request
 * comes here before the library sees it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback, isLoopbackAddress } from '../../oauth/protected-resource.js';
import type { Links } from '../../pages/bar.js';
import { NOSNIFF } from '../../wire/http/body.js';
import type { Certificate } from '../../wire/http/certificate.js';
import { targetOf } from '../../wire/http/head.js';
import { close, createListener, type Handler, listen, originOf } from '../../wire/http/listener.js';
import type { OnError } from '../../wire/log.js';
import { preview } from '../../wire/value.js';
import { DEMO, isLocalPage, type KnownClient, REGISTRY } from './clients.js';
import { CODE_PARAMETER } from './device.js';
import { answerInteraction, EXPIRED, type InteractionParts, mayResume, NOT_ACCEPTED } from './interaction.js';
import { openKeys } from './keys.js';
import { homePage, refusal, signOutPage } from './pages.js';
import { PUBLIC_PASSWORD, publicPassword } from './people.js';
import { createProvider } from './provider.js';
import { createForms, createSendPage, sendStyle, setPageHeaders } from './reply.js';
import type { ProtectedResource, Resources } from './resources.js';

export type { KnownClient, ProtectedResource };

export type AuthServerOptions = {
  /** A loopback address; any other is refused. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  certificate?: Certificate | undefined;
  /** Where the keys are stored; created if it does not exist. */
  stateDir: string;
  resources: Resources;
  onError?: OnError;
  /** Lifetime of an access token in seconds; default: 15 minutes. */
  accessTokenS?: number;
  /** One password for all people; default: a public one. */
  password?: string | undefined;
  /** Besides the demo client and the registry. */
  extraClients?: readonly KnownClient[];
  /** The addresses of the other pages; without them only these are linked. */
  links?: (() => Links) | undefined;
  /** Called with each request of the protocol and of its pages for people, before anything is read. It must not throw. */
  observe?: Handler | undefined;
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
  const { links = () => ({}), certificate } = options;
  if (!isLoopbackAddress(host))
    throw new Error(`the development authorization server runs on loopback only, and ${host} is not`);
  const keys = await openKeys(stateDir);
  const clients = [DEMO, REGISTRY, ...(options.extraClients ?? [])];
  const password = options.password ?? PUBLIC_PASSWORD;

  // The issuer's address is known only once the server listens.
  let handle: Handler | undefined;
  const server = createListener((request, response) => handle?.(request, response), BOUNDS, certificate);
  const issuer = originOf(host, await listen(server, port, host), certificate);
  try {
    const provider = createProvider({ issuer, keys, clients, resources, accessTokenS, links, onError });
    // A new key at each start: the forms of an earlier one refer to interactions that are gone.
    const forms = createForms(randomBytes(32), issuer);
    const sendPage = createSendPage(links);
    const answer = createHandler({ issuer, provider, resources, forms, password, sendPage, onError });
    handle = options.observe === undefined ? answer : observed(answer, options.observe);
  } catch (error) {
    await close(server, 0);
    throw error;
  }
  return { issuer, close: () => close(server, GRACE_MS) };
}

type HandlerOptions = InteractionParts & {
  issuer: string;
  onError: OnError;
};

/** Pages that need cookies, so they are served only under the issuer's name. */
const PAGES = /^\/(authorize|device|interaction|signout|$)/;
const LIBRARY =
  /^\/(authorize|device|device_authorization|introspect|jwks|register|revoke|token|userinfo|\.well-known\/(oauth-authorization-server|openid-configuration))(\/|$)/;

/** Styles, the home page and signing out have nothing to observe. */
function observed(answer: Handler, observe: Handler): Handler {
  return (request, response) => {
    const { path } = targetOf(request);
    if (LIBRARY.test(path) || path.startsWith('/interaction/')) observe(request, response);
    answer(request, response);
  };
}

function createHandler(options: HandlerOptions): Handler {
  const { issuer, provider, resources, forms, password, sendPage, onError } = options;
  const own = new URL(issuer);
  const callback = provider.callback();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reject = (status: number, title: string, problem: string) =>
      sendPage(response, status, refusal(title, problem));
    const address = `${own.protocol}//${request.headers.host ?? ''}`;
    const host = URL.canParse(address) ? new URL(address) : undefined;
    // A web page may have sent the request here under another name, by DNS rebinding.
    if (host === undefined || !isLoopback(host.hostname) || host.port !== own.port)
      return reject(403, 'Not served', `This server is ${issuer}, and was asked for by another name.`);
    if (!URL.canParse(request.url ?? '', issuer)) return reject(400, 'Not found', 'This is no address.');
    const url = new URL(request.url ?? '/', issuer);
    const { pathname, searchParams } = url;
    if (host.host !== own.host && request.method === 'GET' && PAGES.test(pathname)) {
      response.writeHead(307, { ...NOSNIFF, location: `${issuer}${pathname}${url.search}` }).end();
      return;
    }
    // The library builds addresses from the Host header.
    request.headers.host = own.host;
    setPageHeaders(response);
    if (request.headers.expect !== undefined) response.writeContinue();

    const [, interaction] = /^\/interaction\/([\w-]+)$/.exec(pathname) ?? [];
    if (interaction !== undefined) return answerInteraction(options, request, response, interaction);
    if (pathname === '/style.css') return sendStyle(response);
    if (pathname === '/signout') return answerSignOut(options, request, response);
    if (pathname === '/')
      return sendPage(response, 200, homePage(issuer, resources(), publicPassword(password)));
    // The library ignores a trailing slash, but the checks below would not.
    if (pathname.endsWith('/') || !LIBRARY.test(pathname))
      return reject(404, 'Not found', 'There is no such page.');
    const mode = searchParams.get('response_mode') ?? 'query';
    if (pathname === '/authorize' && mode !== 'query')
      return reject(400, 'This did not work', 'Of all response modes only "query" is there.');
    if (mayResume(url, forms) === false) return sendPage(response, 400, EXPIRED);
    if (pathname === '/register' && answerCors(request, response)) return;
    const code = searchParams.get('user_code');
    if (pathname === '/device' && request.method === 'GET' && code !== null)
      request.url = `/device?${new URLSearchParams({ [CODE_PARAMETER]: code })}`;
    await callback(request, response);
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(error, 'authserver.failed', { method: request.method });
      if (response.headersSent) response.destroy();
      else sendPage(response, 500, refusal('This did not work', 'Something went wrong in this server.'));
    });
  };
}

/** Signs the browser out of this server's pages. Tokens stay valid, because they belong to the clients. */
async function answerSignOut(
  { provider, forms, sendPage }: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response));
  const subject = `signout ${session.uid}`;
  if (request.method !== 'POST')
    return sendPage(response, 200, signOutPage(forms.token(subject), session.accountId));
  if ((await forms.read(request, () => subject)) === undefined) return sendPage(response, 403, NOT_ACCEPTED);
  await session.destroy();
  sendPage(response, 200, signOutPage('', undefined));
}

/**
 * CORS for registration, which the library leaves out. True when the request is answered: it was a preflight,
 * or came from a page of another machine.
 */
function answerCors(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  response.setHeader('vary', 'Origin');
  if (!isLocalPage(origin)) {
    const error_description = `a page of ${preview(origin)} may not register a client here, only a page of this machine`;
    response.writeHead(403, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ error: 'invalid_request', error_description }));
    return true;
  }
  response.setHeader('access-control-allow-origin', origin);
  if (request.method !== 'OPTIONS') return false;
  const allowHeaders = request.headers['access-control-request-headers'] ?? 'content-type';
  response.writeHead(204, {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': allowHeaders,
    'access-control-max-age': '3600',
  });
  response.end();
  return true;
}
