/** What the forms of the pages do. Each is done by the person who is signed in, and leads back to where it was sent from. */

import { type Problem, sendPage, sendRedirect } from '../../../pages/reply.js';
import { checkSender, readForm } from '../../../pages/signin/form.js';
import { NO_SESSION, SESSION_HEADER, type Session } from '../../../pages/signin/session.js';
import { signInAddress } from '../../../pages/signin/sign-in.js';
import { decoded } from '../api/api.js';
import type { Actor, Entry } from '../entry.js';
import { Refused } from '../given.js';
import {
  ADD_PATH,
  LIST_PATH,
  SIGN_IN_PATH,
  SIGN_OUT_PATH,
  serverPath,
  toolAnchor,
} from '../pages/address.js';
import { problemPage } from '../pages/notice.js';
import type { Site } from '../site.js';
import { REGISTRY_CALLBACK_PATH } from '../token-names.js';
import { BACK, NOT_TAKEN, showAgain, type Visit, visitorOf } from './show.js';

type Given = { site: Site; by: Actor; name: string; tool: string | undefined; fields: URLSearchParams };
/** Gives the entry whose page is shown next; undefined: the list. */
type Action = (given: Given) => Promise<Entry | undefined>;

const ACTIONS: { [kind: string]: Action } = {
  async add({ site: { desk }, fields, by }) {
    return (await desk.add(fields.get('url') ?? '', by)).entry;
  },
  switch: ({ site: { desk }, name, tool, fields, by }) => {
    const enabled = fields.get('enabled') === 'true';
    return desk.turn(name, { enabled, reason: fields.get('reason') ?? '', tool }, by);
  },
  accept: ({ site: { desk }, name, tool, fields, by }) =>
    desk.accept(name, { digest: fields.get('digest') ?? '', reason: fields.get('reason') ?? '', tool }, by),
  validate: ({ site: { desk }, name }) => desk.validate(name),
  async remove({ site: { desk }, name, by }) {
    await desk.remove(name, by);
    return undefined;
  },
};
const FORM =
  /^\/servers\/([^/]+)(?:\/tools\/([^/]+)(?=\/switch$|\/accept$))?\/(switch|accept|validate|remove)$/;

export async function act(visit: Visit): Promise<void> {
  const { site, request, response, url } = visit;
  const { pathname: path } = url;
  const foreign = checkSender(request, site.origin);
  if (foreign !== undefined) return sendPage(response, foreign.status, problemPage(foreign, undefined, BACK));
  if (path === SIGN_IN_PATH) return site.signIn.begin(request, response);
  if (path === REGISTRY_CALLBACK_PATH) return site.signIn.finish(request, response);
  const [, name, tool, kind] = path === ADD_PATH ? [path, '', undefined, 'add'] : (FORM.exec(path) ?? []);
  const action = ACTIONS[kind ?? ''];
  if (path !== SIGN_OUT_PATH && (action === undefined || name === undefined))
    return sendPage(response, 405, problemPage(NOT_TAKEN, undefined, BACK), { allow: 'GET, HEAD' });
  const from = name === undefined || name === '' ? '/' : `/servers/${name}`;
  const session = await site.signIn.session(request);
  if (session === undefined && path === SIGN_OUT_PATH) return site.signIn.signOut(response, undefined);
  const ended = (): void => {
    const again = { to: signInAddress(SIGN_IN_PATH, from), text: 'Sign in, and do it again' };
    sendPage(response, 403, problemPage(ENDED, undefined, again), { [SESSION_HEADER]: NO_SESSION });
  };
  if (session === undefined) return ended();
  const fields = await readForm(request, session.csrf);
  if (!(fields instanceof URLSearchParams)) {
    const again = { to: from, text: 'Open the page again' };
    return sendPage(response, fields.status, problemPage(fields, visitorOf(session), again));
  }
  if (path === SIGN_OUT_PATH || action === undefined) return site.signIn.signOut(response, session);
  // A person may sign out while a form is still arriving.
  if ((await site.signIn.session(request)) === undefined) return ended();
  const given = {
    site,
    by: actorOf(session),
    name: decoded(name ?? ''),
    tool: tool && decoded(tool),
    fields,
  };
  // Browsers mend an address before they send it, and a form for a tool must not come to count for its server.
  if ((fields.get('tool') ?? undefined) !== given.tool)
    return sendPage(response, 400, problemPage(MENDED, undefined, BACK));
  const address = fields.get('address');
  if (address !== null) {
    const shown = site.shelf.entries.at(address);
    // The name may have passed to another server since the page was shown.
    if (shown === undefined || (shown.name !== given.name && shown.address !== given.name))
      return sendPage(response, 409, problemPage(ANOTHER, visitorOf(session), BACK));
    given.name = address;
  }
  try {
    const entry = await action(given);
    // 303, so that reloading the page sends no form again.
    const anchor = given.tool === undefined ? '' : `#${toolAnchor(given.tool)}`;
    sendRedirect(response, entry === undefined ? LIST_PATH : `${serverPath(entry.name)}${anchor}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const status = { unknown: 404, invalid: 400, conflict: 409 }[error.why];
    await showAgain(visit, status, session, site.shelf.entries.find(given.name), {
      kind: 'wrong',
      text: error.message,
    });
  }
}

function actorOf({ user, tenant, issuer }: Session): Actor {
  return { user, tenant, issuer };
}

const MENDED: Problem = {
  status: 400,
  title: 'Not accepted',
  problem: 'The address of this form is not that of the tool it was shown for. Nothing was done.',
};
const ANOTHER: Problem = {
  status: 409,
  title: 'Not done',
  problem:
    'The server on that page was removed meanwhile, or has another name now. Nothing was done. Look for it in the list of all servers.',
};
const ENDED: Problem = {
  status: 403,
  title: 'You are not signed in any more',
  problem: 'Your sign-in has ended, and nothing was done.',
};
