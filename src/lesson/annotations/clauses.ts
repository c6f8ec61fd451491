/** The requirements that notes cite: each in one sentence, with the address of the section of the specification it is from. */
import { readFileSync } from 'node:fs';
import { isRecord } from '../../wire/value.js';
import { FIXTURES } from '../files.js';
import { parseJson } from '../json.js';

export type Clause = {
  id: string;
  /** MUST, SHOULD, MAY or their negatives. */
  level: string;
  /** Whether the duty only follows from what the specification says, without one of these words. */
  implied: boolean;
  summary: string;
  url: string;
  actor: string;
  /** `wire` if it shows in what a server sends. */
  observable: string;
};

const SITE = 'https://modelcontextprotocol.io';
const LISTS = ['requirements.json', 'requirements-tasks.json'];
/** The ids in a text. */
export const CLAUSE_ID = /\b(?:20\d\d-\d\d-\d\d|ext-tasks)\/[a-z0-9-]{1,40}\/\d{3}\b/g;

let clauses: ReadonlyMap<string, Clause> | undefined;

/** All of them, in the order of the list. */
export function allClauses(): Clause[] {
  return [...knownClauses().values()];
}

/** Undefined for an unknown id, and where the list of requirements is missing. */
export function clauseOf(id: string): Clause | undefined {
  return knownClauses().get(id);
}

function knownClauses(): ReadonlyMap<string, Clause> {
  clauses ??= new Map(LISTS.flatMap(readClauses).map((clause) => [clause.id, clause]));
  return clauses;
}

function readClauses(file: string): Clause[] {
  let text: string;
  try {
    text = readFileSync(`${FIXTURES}/${file}`, 'utf8');
  } catch {
    return []; // The notes do without the list.
  }
  const rows = parseJson(text);
  if (!Array.isArray(rows)) return [];
  return rows.filter(isRecord).map(({ id, level, summary, ...place }) => ({
    id: String(id),
    level: String(level),
    implied: Array.isArray(place.tags) && place.tags.includes('implied'),
    summary: String(summary),
    actor: String(place.actor),
    observable: String(place.observable),
    url: addressOf(String(place.revision), String(place.page), String(place.section)),
  }));
}

function addressOf(revision: string, page: string, section: string): string {
  const hash = section === '#top' ? '' : section;
  // Some pages are not part of a revision.
  const path = page.startsWith('tutorials/')
    ? `docs/${page}`
    : page.startsWith('seps/')
      ? page
      : `specification/${revision}/${page.replace(/\/index$/, '')}`;
  return `${SITE}/${path}${hash}`;
}
