/** The list, the server pages and problems, for one visit, with the registry's current state. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from '../../../pages/bar.js';
import { type Headers, type Link, type Problem, sendPage } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { now } from '../../../wire/clock.js';
import { searchServers } from '../api/operations.js';
import { readSearch, SEARCH_PARAMETERS } from '../api/parameters.js';
import { attentionOf } from '../attention.js';
import type { Entry } from '../entry.js';
import type { FormResult, Visitor } from '../page-view.js';
import { LIST_PATH, PAGE_LIMIT } from '../pages/address.js';
import { problemPage } from '../pages/layout.js';
import { listPage } from '../pages/list.js';
import { serverPage } from '../pages/server-page.js';
import { changeWithoutPersons, viewWithoutPersons } from '../persons.js';
import type { Site } from '../site.js';
import { viewOf } from '../view.js';

export type Visit = { site: Site; request: IncomingMessage; response: ServerResponse; url: URL };

const HISTORY_SHOWN = 30;

export function showList({ site, url }: Visit, visitor: Session | undefined, formResult?: FormResult): Page {
  // Unknown parameters are ignored, so a link that somebody has edited by hand still leads somewhere.
  const parameters = new URLSearchParams(
    [...url.searchParams].filter(([name]) => SEARCH_PARAMETERS.some((parameter) => parameter === name)),
  );
  if (!parameters.has('limit')) parameters.set('limit', String(PAGE_LIMIT));
  const query = readSearch(parameters);
  const all = site.repository.entries.size;
  const { servers, ...found } = searchServers(site, query);
  const rows = servers.flatMap((server) => {
    const entry = site.repository.entries.at(server.address);
    return entry === undefined ? [] : [{ ...server, attention: attentionOf(entry) }];
  });
  return listPage({ ...found, servers: rows, query, all, visitor, formResult, now: now() });
}

export async function showServer(
  { site: { repository, store, issuer } }: Visit,
  entry: Entry,
  visitor: Session | undefined,
  formResult?: FormResult,
): Promise<Page> {
  const history = await store.history({ address: entry.address, limit: HISTORY_SHOWN + 1 });
  const view = viewOf(entry, repository.contact(entry.address));
  const changes = history.slice(0, HISTORY_SHOWN);
  return serverPage({
    server: visitor === undefined ? viewWithoutPersons(view) : view,
    history: visitor === undefined ? changes.map(changeWithoutPersons) : changes,
    older: history.length > HISTORY_SHOWN,
    issuer,
    now: now(),
    visitor,
    formResult,
  });
}

type ProblemParts = { visitor?: Visitor | undefined; link?: Link; headers?: Headers };

export function sendProblem(
  visit: Visit,
  problem: Problem,
  { visitor, link = BACK, headers }: ProblemParts = {},
): void {
  send(visit, problem.status, problemPage(problem, visitor, link), headers);
}

export function send({ site, response }: Visit, status: number, page: Page, headers?: Headers): void {
  sendPage(response, status, page(site.links()), headers);
}

const BACK: Link = { to: LIST_PATH, text: 'All servers' };
export const NOT_TAKEN: Problem = {
  status: 405,
  title: 'Not allowed',
  problem: 'This address does not take such a request.',
};
