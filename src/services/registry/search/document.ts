/** A server as the search keeps it, and which of its tools a query means. */
import { filtersTools, hasScope, isOfKind } from './facets.js';
import type { Indexed, Query } from './types.js';
import { fold, type Terms, type WordMatch, wordsOf } from './words.js';

const MAX_DESCRIPTION = 4_096;
const MAX_DESCRIPTIONS = 64 * 1024;

/** What a word is worth by where it stands. */
export const BOOST = { name: 64, title: 16, scope: 8, owner: 6, description: 3 };
const PART_OF_A_NAME = 20;
/** Above everything that words can score: the query is the very name of a server or a tool. */
const SERVER_NAME = 10_000;
const SERVER_NAME_FOLDED = 5_000;
const TOOL_NAME = 1_000;
type Field = keyof typeof BOOST;

/** Words stand in one string, between spaces, those of the name first: compact, and fast to search. */
type Tool = { tool: Indexed['tools'][number]; words: string; nameLength: number };
export type Document = { server: Indexed; foldedName: string; words: string; tools: readonly Tool[] };
/** Each word of a server once, with the best of the fields that have it: what MiniSearch indexes. */
export type IndexedText = { id: string; fields: ReadonlyMap<string, Field> };

export function textOf(server: Indexed): { document: Document; text: IndexedText } {
  const fields = new Map<string, Field>();
  const take = (field: Field, text: string): string[] => {
    const words = wordsOf(text);
    for (const word of words) {
      const before = fields.get(word);
      if (before === undefined || BOOST[field] > BOOST[before]) fields.set(word, field);
    }
    return words;
  };
  let charactersLeft = MAX_DESCRIPTIONS;
  const cut = (description: string): string => {
    // One character may stand for eighteen others, so what it normalizes to is bounded as well.
    const most = Math.min(MAX_DESCRIPTION, charactersLeft);
    const text = description.slice(0, most).normalize('NFKC').slice(0, most);
    charactersLeft -= text.length;
    return text;
  };
  const { name, title = '', owner = '' } = server;
  const document = {
    server,
    foldedName: fold(name),
    words: joinWords([...take('name', name), ...take('title', title), ...take('owner', owner)]),
    tools: server.tools.map((tool) => {
      const nameWords = [fold(tool.name), ...take('name', tool.name)];
      const title = take('title', tool.title ?? '');
      const others = [...title, ...take('scope', tool.scope), ...take('description', cut(tool.description))];
      return { tool, words: joinWords([...nameWords, ...others]), nameLength: joinWords(nameWords).length };
    }),
  };
  return { document, text: { id: name, fields } };
}

// One join makes a flat string; a template would make one of three pieces, which costs 6 MiB for 10,000 servers.
function joinWords(words: readonly string[]): string {
  return ['', ...new Set(words), ''].join(' ');
}

/** Whether the query is the server's own name, as it is or but for case and encoding. */
export function serverNameScore({ server, foldedName }: Document, { text, foldedText }: Terms): number {
  if (text === '') return 0;
  return server.name === text ? SERVER_NAME : foldedName === foldedText ? SERVER_NAME_FOLDED : 0;
}

export function toolNameScore(tools: readonly Tool[], { text, foldedText }: Terms): number {
  return text !== '' && tools.some(({ words }) => words.startsWith(` ${foldedText} `)) ? TOOL_NAME : 0;
}

/** How a match stands in the string of a document's words. */
export function needleOf({ word, isPrefix }: WordMatch): string {
  return isPrefix ? ` ${word}` : ` ${word} `;
}

/** What a query looks for in tools: for each of its words all strings that stand for it, and its phrases. */
export type Needles = { words: readonly (readonly string[])[]; phrases: readonly string[] };

/**
 * The tools that the query may mean: those that have all that the server's own text lacks, or else some of
 * it. Undefined where no tool has one of the phrases.
 */
export function matchTools(
  { words, tools }: Document,
  needles: Needles,
): { tools: readonly Tool[]; score: number } | undefined {
  const missing = needles.words.filter((word) => !hasAny(words, word));
  const all = missing.length + needles.phrases.length;
  if (all === 0) return { tools, score: 0 };
  const best = needles.phrases.map(() => 0);
  const counts = tools.map((tool) => {
    let count = missing.filter((word) => hasAny(tool.words, word)).length;
    for (const [at, phrase] of needles.phrases.entries()) {
      const score = phraseScore(tool, phrase);
      if (score > 0) count += 1;
      best[at] = Math.max(score, best[at] ?? 0);
    }
    return { tool, count };
  });
  if (best.includes(0)) return undefined;
  const least = counts.some(({ count }) => count === all) ? all : 1;
  const matches = counts.filter(({ count }) => count >= least);
  return { tools: matches.map(({ tool }) => tool), score: total(best) };
}

/** The tools that have something of the query, best first. With a filter for tools, all of them. */
export function bestTools(tools: readonly Tool[], needles: Needles, query: Query): string[] {
  return tools
    .filter(({ tool }) => hasScope(query, tool) && isOfKind(query, tool))
    .map((tool) => ({ name: tool.tool.name, score: scoreOf(tool, needles) }))
    .filter(({ score }) => score > 0 || filtersTools(query))
    .sort((left, right) => right.score - left.score || (left.name < right.name ? -1 : 1))
    .map(({ name }) => name);
}

/** Higher where a word is the tool's name or part of it; zero where the tool has nothing of the query. */
function scoreOf(tool: Tool, { words, phrases }: Needles): number {
  const wordScore = (needle: string): number => {
    if (tool.words.startsWith(`${needle.trimEnd()} `)) return 3;
    const place = tool.words.indexOf(needle);
    return place === -1 ? 0 : place < tool.nameLength ? 2 : 1;
  };
  const scores = words.map((word) => Math.max(...word.map(wordScore)));
  return total([...scores, ...phrases.map((phrase) => phraseScore(tool, phrase))]);
}

function total(scores: readonly number[]): number {
  return scores.reduce((sum, score) => sum + score, 0);
}

function hasAny(words: string, needles: readonly string[]): boolean {
  return needles.some((needle) => words.includes(needle));
}

/** A phrase stands in a name or a description as it was typed, but for its case. */
function phraseScore({ tool }: Tool, phrase: string): number {
  const name = tool.name.toLowerCase();
  if (name === phrase) return BOOST.name;
  if (name.includes(phrase)) return PART_OF_A_NAME;
  return tool.description.slice(0, MAX_DESCRIPTION).toLowerCase().includes(phrase) ? BOOST.description : 0;
}
