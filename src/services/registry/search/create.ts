/**
 * The index in memory. Servers stand in the order of their names, each with its tokens as numbers, and a query reads them
 * all: at ten thousand servers that takes a few milliseconds, and putting one in or taking it out costs that one only.
 */
import { type Document, documentOf, forget } from './document.js';
import { asksForTools, Tally } from './facets.js';
import { lookUp, type Typos } from './lookups.js';
import { Matcher } from './matcher.js';
import type { Found, Query, Search } from './search.js';
import { readTerms, type Terms } from './terms.js';
import { Vocabulary } from './vocabulary.js';

const TOOLS_SHOWN = 5;

/** `toolsShown`: how many tools of one server are given at most. */
export function createSearch(toolsShown = TOOLS_SHOWN): Search {
  const vocabulary = new Vocabulary();
  const documents: Document[] = [];

  return {
    put(server) {
      const document = documentOf(server, vocabulary);
      const at = placeOf(documents, server.name);
      const former = documents[at]?.name === server.name ? documents[at] : undefined;
      documents.splice(at, former === undefined ? 0 : 1, document);
      // After the new one, so that a token that both have keeps its number.
      if (former !== undefined) forget(former, vocabulary);
    },
    remove(name) {
      const at = placeOf(documents, name);
      const former = documents[at];
      if (former?.name !== name) return;
      documents.splice(at, 1);
      forget(former, vocabulary);
    },
    find(query) {
      const terms = readTerms(query.q);
      const first = findWith(query, terms, 'unknown');
      return first.matched > 0 || terms.words.length === 0
        ? first.found
        : findWith(query, terms, 'all').found;
    },
    get size() {
      return documents.length;
    },
  };

  function findWith(query: Query, terms: Terms, typos: Typos): { matched: number; found: Found } {
    const matcher = new Matcher(terms, lookUp(terms, vocabulary, typos));
    const tally = new Tally(query);
    const meant = (tool: number): boolean => matcher.meant(tool);
    const fitting: { document: Document; score: number }[] = [];
    let matched = 0;
    for (const document of documents) {
      if (!matcher.match(document)) continue;
      matched += 1;
      if (tally.add(document, meant)) fitting.push({ document, score: matcher.score });
    }
    // The sort is stable, so equals stay in the order of their names.
    fitting.sort((left, right) => right.score - left.score);
    const servers = fitting.slice(query.offset, query.offset + query.limit).map(({ document, score }) => ({
      name: document.name,
      score,
      tools: toolsOf(document, matcher, query).slice(0, toolsShown),
    }));
    return { matched, found: { servers, total: fitting.length, facets: tally.facets() } };
  }
}

/** The tools that have something of what was looked for, or were asked for by a filter; best first. */
function toolsOf(document: Document, matcher: Matcher, query: Query): string[] {
  // Only of what is shown, so it is matched once more: nobody keeps the scores of all tools of all servers.
  matcher.match(document);
  const { scope, destructive } = query;
  return document.tools
    .map((tool, at) => ({ tool, score: matcher.scoreOf(at), meant: matcher.meant(at) }))
    .filter(
      ({ tool, score, meant }) =>
        meant &&
        (score > 0 || asksForTools(query)) &&
        (scope === undefined || tool.scope === scope) &&
        (destructive === undefined || tool.destructive === destructive),
    )
    .sort((left, right) => right.score - left.score || (left.tool.name < right.tool.name ? -1 : 1))
    .map(({ tool }) => tool.name);
}

/** Where a server of that name stands, or would. */
function placeOf(documents: readonly Document[], name: string): number {
  let from = 0;
  let to = documents.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((documents[middle]?.name ?? '') < name) from = middle + 1;
    else to = middle;
  }
  return from;
}
