/** The pages, made for one visit from what the registry knows at the time. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, sendPage } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { SEARCH_PARAMETERS, searchIn } from '../api/read.js';
import type { Entry } from '../entry.js';
import { matchedTools } from '../matched.js';
import type { Told, Visitor } from '../page-view.js';
import { PAGE_LIMIT } from '../pages/address.js';
import { listPage } from '../pages/list.js';
import { serverPage } from '../pages/server-page.js';
import { changeWithoutPersons, viewWithoutPersons } from '../persons.js';
import type { Site } from '../site.js';
import { summaryOf, viewOf } from '../view.js';

export type Visit = { site: Site; request: IncomingMessage; response: ServerResponse; url: URL };

const HISTORY_SHOWN = 30;

export function showList({ site: { shelf }, url }: Visit, session: Session | undefined, told?: Told): string {
  // A link that somebody has shortened by hand still leads somewhere.
  const known = new URLSearchParams(
    [...url.searchParams].filter(([name]) => SEARCH_PARAMETERS.some((one) => one === name)),
  );
  const query = searchIn(known, PAGE_LIMIT);
  const { total, servers, facets } = shelf.search.find(query);
  const shown = servers.flatMap(({ name, tools }) => {
    const entry = shelf.entries.named(name);
    if (entry === undefined) return [];
    return {
      ...summaryOf(entry, shelf.contact(entry.address)),
      matched: matchedTools(entry, query.q === '' ? [] : tools),
    };
  });
  const visitor = visitorOf(session);
  return listPage({
    query,
    total,
    all: shelf.entries.size,
    servers: shown,
    facets,
    ...(visitor && { visitor }),
    ...(told && { told }),
  });
}

export async function showServer(
  { site }: Visit,
  entry: Entry,
  session: Session | undefined,
  told?: Told,
): Promise<string> {
  const { shelf, store, origin, issuer } = site;
  const history = await store.history({ address: entry.address, limit: HISTORY_SHOWN + 1 });
  const visitor = visitorOf(session);
  const view = viewOf(entry, shelf.contact(entry.address));
  const changes = history.slice(0, HISTORY_SHOWN);
  return serverPage({
    server: visitor === undefined ? viewWithoutPersons(view) : view,
    history: visitor === undefined ? changes.map(changeWithoutPersons) : changes,
    older: history.length > HISTORY_SHOWN,
    origin,
    issuer,
    ...(visitor && { visitor }),
    ...(told && { told }),
  });
}

/** The page that a form was sent from, with what became of it. */
export async function showAgain(
  visit: Visit,
  status: number,
  session: Session,
  entry: Entry | undefined,
  told: Told,
): Promise<void> {
  const page =
    entry === undefined ? showList(visit, session, told) : await showServer(visit, entry, session, told);
  sendPage(visit.response, status, page);
}

export function visitorOf(session: Session | undefined): Visitor | undefined {
  return session && { user: session.user, tenant: session.tenant, csrf: session.csrf };
}

export const BACK = { to: '/', text: 'All servers' };
export const BROKEN: Problem = {
  status: 500,
  title: 'This did not work',
  problem: 'Something went wrong in the registry. Its log says what.',
};
export const NOT_FOUND: Problem = {
  status: 404,
  title: 'No such page',
  problem: 'There is nothing at this address, or not any more.',
};
export const NOT_TAKEN: Problem = {
  status: 405,
  title: 'Not taken',
  problem: 'This address takes no such request.',
};
