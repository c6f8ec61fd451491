/**
 * Routes requests for pages. Anybody may read them; only forms change something, and only for a person who is signed in.
 * The pages are written in pages/, and actions.ts does what the forms ask for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage, sendRedirect, sendScript, sendStyle } from '../../../pages/reply.js';
import { usesOtherLoopbackName } from '../../../pages/signin/form.js';

import { NO_SESSION, SESSION_HEADER } from '../../../pages/signin/session.js';
import { decodeSegment } from '../api/api.js';
import { errorResponse } from '../api/response.js';
import { LIVE_PATH, SCRIPT_PATH, SIGN_IN_PATH, STYLE_PATH, serverPath } from '../pages/address.js';
import { BACK, problemPage, signInPage } from '../pages/notice.js';
import type { Site } from '../site.js';
import { REGISTRY_CALLBACK_PATH } from '../token-names.js';
import { act } from './actions.js';
import { BROKEN, NOT_FOUND, NOT_TAKEN, showList, showServer, type Visit, visitorOf } from './show.js';

const SERVER = /^\/servers\/([^/]+)$/;

export function handleWeb(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): void {
  respond({ site, request, response, url }).catch((error: unknown) => {
    if (response.destroyed) return;
    const refusal = errorResponse(error);
    if (refusal !== undefined && !response.headersSent) {
      const { status } = refusal;
      const title = status < 500 ? 'Not understood' : 'Not available';
      const problem = error instanceof Error ? error.message : '';
      return sendPage(response, status, problemPage({ status, title, problem }, undefined, BACK));
    }
    site.onError(error, `registry ${request.method}`);
    if (response.headersSent) response.destroy();
    else sendPage(response, 500, problemPage(BROKEN, undefined, BACK));
  });
}

async function respond(visit: Visit): Promise<void> {
  const { site, request, response, url } = visit;
  const { pathname: path, search } = url;
  if (request.method === 'POST') return act(visit);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendPage(response, 405, problemPage(NOT_TAKEN, undefined, BACK), { allow: 'GET, HEAD, POST' });
  if (path === STYLE_PATH) return sendStyle(response, 'registry.css');
  if (path === SCRIPT_PATH) return sendScript(response, 'page.js');
  if (path === LIVE_PATH) return sendScript(response, 'registry.js');
  // A browser keeps the session for one host name, the one that the authorization server redirects to.
  if (usesOtherLoopbackName(request, site.origin))
    return sendRedirect(response, `${site.origin}${path}${search}`);
  if (path === SIGN_IN_PATH) return sendPage(response, 200, signInPage('sign-in'));
  if (path === REGISTRY_CALLBACK_PATH) return sendPage(response, 200, signInPage('callback'));
  const session = await site.signIn.session(request);
  if (session === undefined) response.setHeader(SESSION_HEADER, NO_SESSION);
  if (path === '/') return sendPage(response, 200, showList(visit, session));
  const [, part] = SERVER.exec(path) ?? [];
  const name = part === undefined ? '' : decodeSegment(part);
  const entry = site.repository.entries.find(name);
  if (entry === undefined) return sendPage(response, 404, problemPage(NOT_FOUND, visitorOf(session), BACK));
  // Until its manifest was read, the address was its name.
  if (entry.name !== name) return sendRedirect(response, serverPath(entry.name));
  sendPage(response, 200, await showServer(visit, entry, session));
}
