/**
 * The search over all servers and their tools. MiniSearch finds the servers that have all words and ranks
 * them. Tools, filters and facets are added here.
 */
import MiniSearch, { type QueryCombination } from 'minisearch';
import { typosBetween } from '../../../wire/mcp/nearest.js';
import {
  BOOST,
  bestTools,
  type Document,
  type IndexedText,
  matchTools,
  needleOf,
  serverNameScore,
  textOf,
  toolNameScore,
} from './document.js';
import { createFacets } from './facets.js';
import type { Query, Search, SearchResult } from './types.js';
import { type QueryWord, readTerms, type Terms } from './words.js';

export type * from './types.js';

const TOOLS_SHOWN = 5;
const WEIGHTS = { prefix: 0.4, fuzzy: 0.02 };
const ONE_TYPO_FROM = 4;
const TWO_TYPOS_FROM = 8;

/** Without words to look for there are no scores, and every server matches. */
type Lookup = { words: string[][]; scores?: ReadonlyMap<string, number> };

/** `toolsShown`: how many tools of one server a result names at most. */
export function createSearch(toolsShown = TOOLS_SHOWN): Search {
  const documents = new Map<string, Document>();
  /** A query may be the name of a server that has not all of its words. */
  const byFoldedName = new Map<string, Document[]>();
  /** All documents by name; undefined after one has come or gone. */
  let order: Document[] | undefined;
  const index = new MiniSearch<IndexedText>({
    fields: Object.keys(BOOST),
    extractField: ({ id, fields }, name) =>
      name === 'id' ? id : [...fields].flatMap(([word, field]) => (field === name ? word : [])).join(' '),
    tokenize: (text) => text.split(' '),
    processTerm: (word) => word,
    // Neither how often a word stands in a server's text nor how long that text is makes the server better.
    searchOptions: { boost: BOOST, weights: WEIGHTS, bm25: { k: 0, b: 0, d: 0 } },
  });

  return {
    put(server) {
      const { name } = server;
      // A copy, because the removal needs the tools as they are now.
      const { text, document } = textOf({ ...server, tools: [...server.tools] });
      const former = documents.get(name);
      if (former === undefined) {
        documents.set(name, document);
        byFoldedName.set(document.foldedName, [...documentsNamed(document.foldedName), document]);
        order = undefined;
      } else {
        index.remove(textOf(former.server).text);
        // It keeps its place in the order.
        Object.assign(former, document);
      }
      index.add(text);
    },
    remove(name) {
      const former = documents.get(name);
      if (former === undefined) return;
      index.remove(textOf(former.server).text);
      documents.delete(name);
      order = undefined;
      const others = documentsNamed(former.foldedName).filter((one) => one !== former);
      if (others.length > 0) byFoldedName.set(former.foldedName, others);
      else byFoldedName.delete(former.foldedName);
    },
    find(query) {
      const terms = readTerms(query.q);
      const exact = collect(query, terms, lookUp(terms.words, false));
      if (exact.matches > 0 || terms.words.length === 0) return exact.result;
      return collect(query, terms, lookUp(terms.words, true)).result;
    },
    get size() {
      return documents.size;
    },
  };

  function documentsNamed(foldedName: string): readonly Document[] {
    return byFoldedName.get(foldedName) ?? [];
  }

  /** The servers that MiniSearch has found, and those that the query names; all in order where it has no words. */
  function candidates(scores: Lookup['scores'], { foldedText }: Terms): Iterable<Document> {
    if (scores !== undefined)
      return new Set([
        ...[...scores.keys()].flatMap((name) => documents.get(name) ?? []),
        ...documentsNamed(foldedText),
      ]);
    order ??= [...documents.values()].sort(byName);
    return order;
  }

  /** The servers that have all words. With `typos`, each word also stands for those that are near it. */
  function lookUp(words: readonly QueryWord[], typos: boolean): Lookup {
    const needles = words.map(({ matches }) => matches.map(needleOf));
    if (words.length === 0) return { words: needles };
    const queries = words.map(({ piece, matches }, at): QueryCombination => {
      const exact = matches.map(({ word, isPrefix }) => ({ queries: [word], prefix: isPrefix }));
      const onNear = (word: string) => needles[at]?.push(needleOf({ word, isPrefix: false }));
      return { combineWith: 'OR', queries: typos ? [...exact, nearWords(piece, onNear)] : exact };
    });
    const results = index.search({ combineWith: 'AND', queries });
    return { words: needles, scores: new Map(results.map(({ id, score }) => [String(id), score])) };
  }

  function collect(
    query: Query,
    terms: Terms,
    { words, scores }: Lookup,
  ): { matches: number; result: SearchResult } {
    const needles = { words, phrases: terms.phrases };
    const facets = createFacets(query);
    const hits: { document: Document; tools: Document['tools']; score: number }[] = [];
    let matches = 0;
    for (const document of candidates(scores, terms)) {
      const score = scores?.get(document.server.name) ?? 0;
      const own = serverNameScore(document, terms);
      const match = own > 0 ? { tools: document.tools, score: own } : matchTools(document, needles);
      if (match === undefined) continue;
      matches += 1;
      const { tools } = match;
      if (facets.count(document.server, tools))
        hits.push({ document, tools, score: score + match.score + toolNameScore(tools, terms) });
    }
    hits.sort((left, right) => right.score - left.score || byName(left.document, right.document));
    const page = hits.slice(query.offset, query.offset + query.limit);
    const servers = page.map(({ document: { server }, tools, score }) => ({
      name: server.name,
      score,
      tools: bestTools(tools, needles, query).slice(0, toolsShown),
    }));
    return { matches, result: { servers, total: hits.length, facets: facets.values() } };
  }
}

function byName({ server: left }: Document, { server: right }: Document): number {
  return left.name < right.name ? -1 : 1;
}

/**
 * The words within a typo of this one, or two if it is long. MiniSearch counts two swapped letters as two
 * edits, so it looks for twice as many, and each word that it finds is measured again.
 */
function nearWords(text: string, onNear: (word: string) => void): QueryCombination {
  // Short words are all near each other, and nobody means another number.
  const isFixed = text.length < ONE_TYPO_FROM || /^\p{N}+$/u.test(text);
  const typos = isFixed ? 0 : text.length < TWO_TYPOS_FROM ? 1 : 2;
  const verdicts = new Map<string, boolean>();
  const isNear = (word: string): boolean => {
    let verdict = verdicts.get(word);
    if (verdict === undefined) {
      verdict = word !== text && typosBetween(text, word, typos) !== undefined;
      verdicts.set(word, verdict);
      if (verdict) onNear(word);
    }
    return verdict;
  };
  return {
    queries: [text],
    fuzzy: 2 * typos,
    boostDocument: (_id: unknown, word: string) => (isNear(word) ? 1 : 0),
  };
}
