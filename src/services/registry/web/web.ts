/**
 * Routes requests for pages. Anybody may read them; only a person who is signed in may change something. The
 * pages are written in pages/, and actions.ts does what the forms ask for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Links } from '../../../pages/bar.js';
import { type Problem, sendRedirect, sendScript, sendStyle } from '../../../pages/reply.js';
import { usesOtherLoopbackName } from '../../../pages/signin/form.js';
import { NO_SESSION, SESSION_HEADER } from '../../../pages/signin/session.js';
import type { SignInPages } from '../../../pages/signin/sign-in.js';
import { decodeSegment } from '../api/api.js';
import { errorResponse } from '../api/response.js';
import { LIVE_PATH, SCRIPT_PATH, SIGN_IN_PATH, STYLE_PATH, serverPath } from '../pages/address.js';
import { noticePage, problemPage, signInPage } from '../pages/layout.js';
import type { Site } from '../site.js';
import { REGISTRY_CALLBACK_PATH, REGISTRY_WRITE } from '../token-names.js';
import { act } from './actions.js';
import { NOT_TAKEN, send, sendProblem, showList, showServer, type Visit } from './show.js';

const SERVER = /^\/servers\/([^/]+)$/;

export function handleWeb(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): void {
  const visit = { site, request, response, url };
  respond(visit).catch((error: unknown) => {
    if (response.destroyed) return;
    const refusal = errorResponse(error);
    if (refusal !== undefined && !response.headersSent) {
      const { status } = refusal;
      const title = status < 500 ? 'Not understood' : 'Not available';
      const problem = error instanceof Error ? error.message : '';
      return sendProblem(visit, { status, title, problem });
    }
    site.onError(error, 'registry.request-failed', { method: request.method });
    if (response.headersSent) response.destroy();
    else sendProblem(visit, BROKEN);
  });
}

async function respond(visit: Visit): Promise<void> {
  const { site, request, response, url } = visit;
  const { pathname: path, search } = url;
  if (request.method === 'POST') return act(visit);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendProblem(visit, NOT_TAKEN, { headers: { allow: 'GET, HEAD, POST' } });
  if (path === STYLE_PATH) return sendStyle(response, 'registry.css');
  if (path === SCRIPT_PATH) return sendScript(response, 'page.js');
  if (path === LIVE_PATH) return sendScript(response, 'registry.js');
  // A browser keeps the session for one host name, the one that the authorization server redirects to.
  if (usesOtherLoopbackName(request, site.origin))
    return sendRedirect(response, `${site.origin}${path}${search}`);
  if (path === SIGN_IN_PATH) return send(visit, 200, signInPage('sign-in'));
  if (path === REGISTRY_CALLBACK_PATH) return send(visit, 200, signInPage('callback'));
  const visitor = await site.signIn.session(request);
  if (visitor === undefined) response.setHeader(SESSION_HEADER, NO_SESSION);
  if (path === '/') return send(visit, 200, showList(visit, visitor));
  const name = decodeSegment(SERVER.exec(path)?.[1] ?? '');
  const entry = site.repository.entries.find(name);
  if (entry === undefined) return sendProblem(visit, NOT_FOUND, { visitor });
  // Until its manifest was read, the address was its name.
  if (entry.name !== name) return sendRedirect(response, serverPath(entry.name));
  send(visit, 200, await showServer(visit, entry, visitor));
}

const BROKEN: Problem = {
  status: 500,
  title: 'This did not work',
  problem: 'Something went wrong in the registry. Its log has the details.',
};
const NOT_FOUND: Problem = {
  status: 404,
  title: 'No such page',
  problem: 'There is nothing at this address, or no longer.',
};

/** How people sign in to the pages. */
export const signInPages = (links: () => Links): SignInPages => ({
  name: 'registry',
  callback: REGISTRY_CALLBACK_PATH,
  signIn: SIGN_IN_PATH,
  home: '/',
  own: /^\/(servers\/[^/?#\\\s]{1,600})?(\?[^#\\\s]{0,1000})?$/,
  scope: REGISTRY_WRITE,
  may: 'change anything here',
  problem: (problem, ...onward) => problemPage(problem, undefined, ...onward)(links()),
  notice: (title, text, ...onward) => noticePage(title, text, ...onward)(links()),
});
