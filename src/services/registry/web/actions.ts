/** What the forms do. Each acts for the person who is signed in, and leads back to its page. */
import { type Link, type Problem, sendRedirect } from '../../../pages/reply.js';
import { checkSender, readForm } from '../../../pages/signin/form.js';
import { NO_SESSION, SESSION_HEADER } from '../../../pages/signin/session.js';
import { decodeSegment } from '../api/api.js';
import { REQUEST_ERROR_STATUS } from '../api/response.js';
import type { Actor, Entry } from '../entry.js';
import * as paths from '../pages/address.js';
import type { Site } from '../site.js';
import { REGISTRY_CALLBACK_PATH } from '../token-names.js';
import { RequestError } from '../user-input.js';
import { NOT_TAKEN, send, sendProblem, showList, showServer, type Visit } from './show.js';

type FormRequest = { site: Site; by: Actor; name: string; tool: string | undefined; fields: URLSearchParams };
/** Returns the entry whose page is shown next, or undefined for the list. */
type Action = (form: FormRequest) => Promise<Entry | undefined>;

const ACTIONS: { [kind: string]: Action } = {
  async add({ site: { service }, fields, by }) {
    return (await service.add(fields.get('url') ?? '', by)).entry;
  },
  switch({ site: { service }, name, tool, fields, by }) {
    const enabled = fields.get('enabled') === 'true';
    return service.setSwitch(name, { enabled, reason: fields.get('reason') ?? '', tool }, by);
  },
  accept({ site: { service }, name, tool, fields, by }) {
    const [digest, reason] = [fields.get('digest') ?? '', fields.get('reason') ?? ''];
    return service.accept(name, { digest, reason, tool }, by);
  },
  validate: ({ site: { service }, name }) => service.validate(name),
  async remove({ site: { service }, name, by }) {
    await service.remove(name, by);
    return undefined;
  },
};
const FORM =
  /^\/servers\/([^/]+)(?:\/tools\/([^/]+)(?=\/switch$|\/accept$))?\/(switch|accept|validate|remove)$/;

export async function act(visit: Visit): Promise<void> {
  const { site, request, response, url } = visit;
  const { pathname: path } = url;
  const foreign = checkSender(request, site.origin);
  if (foreign !== undefined) return sendProblem(visit, foreign);
  if (path === paths.SIGN_IN_PATH) return site.signIn.begin(request, response);
  if (path === REGISTRY_CALLBACK_PATH) return site.signIn.finish(request, response);
  const [, name = '', tool, kind = ''] =
    path === paths.ADD_PATH ? [path, '', undefined, 'add'] : (FORM.exec(path) ?? []);
  const action = ACTIONS[kind];
  if (action === undefined && path !== paths.SIGN_OUT_PATH)
    return sendProblem(visit, NOT_TAKEN, { headers: { allow: 'GET, HEAD' } });
  // Without an action, the form signs out.
  const from = name === '' ? '/' : `/servers/${name}`;
  const session = await site.signIn.session(request);
  if (session === undefined && action === undefined) return site.signIn.signOut(response, undefined);
  const sendEnded = (): void => {
    const link: Link = { to: paths.signInPath(from), text: 'Sign in and try again' };
    sendProblem(visit, ENDED, { link, headers: { [SESSION_HEADER]: NO_SESSION } });
  };
  if (session === undefined) return sendEnded();
  const fields = await readForm(request, session.csrf);
  if (!(fields instanceof URLSearchParams))
    return sendProblem(visit, fields, {
      visitor: session,
      link: { to: from, text: 'Open the page again' },
    });
  if (action === undefined) return site.signIn.signOut(response, session);
  // A person may sign out while a form is still arriving.
  if ((await site.signIn.session(request)) === undefined) return sendEnded();
  const { user, tenant, issuer } = session;
  const form: FormRequest = {
    site,
    by: { user, tenant, issuer },
    name: decodeSegment(name),
    tool: tool && decodeSegment(tool),
    fields,
  };
  // Browsers normalize an address before they send it, and a form for a tool must never apply to its server.
  if ((fields.get('tool') ?? undefined) !== form.tool) return sendProblem(visit, OTHER_ADDRESS);
  const address = fields.get('address');
  if (address !== null) {
    const entry = site.repository.entries.at(address);
    // Another server may have taken the name since the page was shown.
    if (entry === undefined || (entry.name !== form.name && entry.address !== form.name))
      return sendProblem(visit, OTHER_SERVER, { visitor: session });
    form.name = address;
  }
  try {
    const entry = await action(form);
    // 303, so that reloading the page sends no form again.
    const anchor = form.tool === undefined ? '' : `#${paths.toolAnchor(form.tool)}`;
    const next = entry === undefined ? paths.LIST_PATH : `${paths.serverPath(entry.name)}${anchor}`;
    sendRedirect(response, next);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // The page that the form was sent from, with the error.
    const result = { kind: 'wrong', text: error.message } as const;
    const entry = site.repository.entries.find(form.name);
    const page =
      entry === undefined
        ? showList(visit, session, result)
        : await showServer(visit, entry, session, result);
    send(visit, REQUEST_ERROR_STATUS[error.kind], page);
  }
}

const OTHER_ADDRESS: Problem = {
  status: 400,
  title: 'Not accepted',
  problem: 'This form was shown for another tool than its address names. Nothing was done.',
};
const OTHER_SERVER: Problem = {
  status: 409,
  title: 'Not done',
  problem:
    'The server on that page was removed meanwhile, or has another name now. Nothing was done. Look for it in the list of all servers.',
};
const ENDED: Problem = {
  status: 403,
  title: 'You are no longer signed in',
  problem: 'Your session has ended, and nothing was done.',
};
