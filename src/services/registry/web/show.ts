/** The list and the server pages for one visit, with the registry's current state. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { SEARCH_PARAMETERS, searchIn } from '../api/parameters.js';
import type { Entry } from '../entry.js';
import type { FormResult, Visitor } from '../page-view.js';
import { PAGE_LIMIT } from '../pages/address.js';
import { listPage } from '../pages/list.js';
import { serverPage } from '../pages/server-page.js';
import { changeWithoutPersons, viewWithoutPersons } from '../persons.js';
import type { Site } from '../site.js';
import { matchedTools, summaryOf, viewOf } from '../view.js';

export type Visit = { site: Site; request: IncomingMessage; response: ServerResponse; url: URL };

const HISTORY_SHOWN = 30;

export function showList(
  { site: { repository }, url }: Visit,
  session: Session | undefined,
  formResult?: FormResult,
): string {
  // Unknown parameters are ignored, so a link that somebody has edited by hand still leads somewhere.
  const parameters = new URLSearchParams(
    [...url.searchParams].filter(([name]) => SEARCH_PARAMETERS.some((known) => known === name)),
  );
  const query = searchIn(parameters, PAGE_LIMIT);
  const { total, servers, facets } = repository.search.find(query);
  const rows = servers.flatMap(({ name, tools }) => {
    const entry = repository.entries.named(name);
    if (entry === undefined) return [];
    const matched = matchedTools(entry, query.q === '' ? [] : tools);
    return { ...summaryOf(entry, repository.contact(entry.address)), matched };
  });
  return listPage({
    query,
    total,
    all: repository.entries.size,
    servers: rows,
    facets,
    visitor: visitorOf(session),
    formResult,
  });
}

export async function showServer(
  { site }: Visit,
  entry: Entry,
  session: Session | undefined,
  formResult?: FormResult,
): Promise<string> {
  const { repository, store, issuer } = site;
  const history = await store.history({ address: entry.address, limit: HISTORY_SHOWN + 1 });
  const visitor = visitorOf(session);
  const view = viewOf(entry, repository.contact(entry.address));
  const changes = history.slice(0, HISTORY_SHOWN);
  return serverPage({
    server: visitor === undefined ? viewWithoutPersons(view) : view,
    history: visitor === undefined ? changes.map(changeWithoutPersons) : changes,
    older: history.length > HISTORY_SHOWN,
    issuer,
    visitor,
    formResult,
  });
}

export function visitorOf(session: Session | undefined): Visitor | undefined {
  return session && { user: session.user, tenant: session.tenant, csrf: session.csrf };
}

export const BROKEN: Problem = {
  status: 500,
  title: 'This did not work',
  problem: 'Something went wrong in the registry. Its log has the details.',
};
export const NOT_FOUND: Problem = {
  status: 404,
  title: 'No such page',
  problem: 'There is nothing at this address, or no longer.',
};
export const NOT_TAKEN: Problem = {
  status: 405,
  title: 'Not allowed',
  problem: 'This address does not take such a request.',
};
