/**
 * Every request of the authorization server, before the library sees it: whose name it came by, headers of all
 * answers, and the pages that are not the library's.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { isLoopback } from '../../oauth/protected-resource.js';
import type { Handler } from '../../wire/http/listener.js';
import { NOSNIFF } from '../../wire/http/reply.js';
import { preview } from '../../wire/value.js';
import { SHOWN_CODE } from './device.js';
import type { Forms } from './forms.js';
import { answerInteraction, EXPIRED, mayResume } from './interaction.js';
import { isLocalPage } from './local-page.js';
import { homePage } from './pages/home.js';
import { refusal } from './pages/layout.js';
import { publicPassword } from './people.js';
import { RETRY_AFTER_S, type Registrations, sourceOf } from './registrations.js';
import { sendPage, sendStyle, setPageHeaders } from './reply.js';
import type { Resources } from './resources.js';
import { answerSignOut } from './sign-out.js';

export type RouterParts = {
  issuer: string;
  resources: Resources;
  forms: Forms;
  /** Of all people. */
  password: string;
  registrations: Registrations;
  /** Another one after the keys have changed. */
  live: () => { provider: Provider; callback: ReturnType<Provider['callback']> };
  onError: (error: unknown, about: string) => void;
};

/** For people, who need their cookies: only by the name that the issuer has. */
const PAGES = /^\/(authorize|device|interaction|signout|$)/;
const LIBRARY =
  /^\/(authorize|device|device_authorization|introspect|jwks|register|revoke|token|userinfo|\.well-known\/(oauth-authorization-server|openid-configuration))(\/|$)/;

export function createHandler(parts: RouterParts): Handler {
  return (request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      parts.onError(error, `authserver ${request.method}`);
      if (response.headersSent) response.destroy();
      else sendPage(response, 500, refusal('This did not work', 'Something went wrong in this server.'));
    });
  };
}

async function answer(parts: RouterParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { issuer, forms, resources, password } = parts;
  const { provider, callback } = parts.live();
  const own = new URL(issuer);
  const named = hostOf(request);
  // Another name for this address: a web page may have brought it here by DNS rebinding.
  if (named === undefined || !isLoopback(named.hostname) || named.port !== own.port) {
    return sendPage(
      response,
      403,
      refusal('Not served', `This server is ${issuer}, and was asked for by another name.`),
    );
  }
  if (!URL.canParse(request.url ?? '', issuer)) {
    return sendPage(response, 400, refusal('Not found', 'This is no address.'));
  }
  const url = new URL(request.url ?? '/', issuer);
  if (named.host !== own.host && request.method === 'GET' && PAGES.test(url.pathname)) {
    response.writeHead(307, { ...NOSNIFF, location: `${issuer}${url.pathname}${url.search}` }).end();
    return;
  }
  // The library makes addresses from the Host header, and there is one name only.
  request.headers.host = own.host;
  setPageHeaders(response);
  if (request.headers.expect !== undefined) response.writeContinue();

  const [, interaction] = /^\/interaction\/([\w-]+)$/.exec(url.pathname) ?? [];
  if (interaction !== undefined) {
    return answerInteraction({ provider, resources, forms, password }, request, response, interaction);
  }
  if (url.pathname === '/style.css') return sendStyle(response);
  if (url.pathname === '/signout') return answerSignOut(provider, forms, request, response);
  if (url.pathname === '/') {
    return sendPage(response, 200, homePage(issuer, resources(), publicPassword(password)));
  }
  // The library takes a slash at the end for nothing, and what stands between here and there would not.
  if (url.pathname.endsWith('/') || !LIBRARY.test(url.pathname)) {
    return sendPage(response, 404, refusal('Not found', 'There is no such page.'));
  }
  const mode = url.searchParams.get('response_mode') ?? 'query';
  if (url.pathname === '/authorize' && mode !== 'query') {
    return sendPage(
      response,
      400,
      refusal('This did not work', 'Of all response modes only "query" is there.'),
    );
  }
  if (mayResume(url, forms) === false) return sendPage(response, 400, EXPIRED);
  if (url.pathname === '/register' && answeredForPages(request, response)) return;
  if (url.pathname === '/register' && request.method === 'POST') {
    return register(parts.registrations, request, response, callback);
  }
  const code = url.searchParams.get('user_code');
  if (url.pathname === '/device' && request.method === 'GET' && code !== null) {
    request.url = `/device?${new URLSearchParams({ [SHOWN_CODE]: code })}`;
  }
  await callback(request, response);
}

function hostOf({ headers }: IncomingMessage): URL | undefined {
  const address = `http://${headers.host ?? ''}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

async function register(
  registrations: Registrations,
  request: IncomingMessage,
  response: ServerResponse,
  callback: ReturnType<Provider['callback']>,
): Promise<void> {
  const registering = registrations.begin(sourceOf(request.headers.origin));
  if ('end' in registering) return callback(request, response).finally(registering.end);
  response.writeHead(429, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': String(RETRY_AFTER_S),
  });
  response.end(JSON.stringify({ error: 'temporarily_unavailable', error_description: registering.refusal }));
}

/**
 * The library checks the origin of a request once it knows its client, so it leaves this one endpoint out. True when the
 * request is answered: it was a preflight, or came from a page of another machine.
 */
function answeredForPages(request: IncomingMessage, response: ServerResponse): boolean {
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
  response.setHeader('access-control-allow-methods', 'POST');
  response.setHeader(
    'access-control-allow-headers',
    request.headers['access-control-request-headers'] ?? 'content-type',
  );
  response.setHeader('access-control-max-age', '3600');
  response.writeHead(204).end();
  return true;
}
