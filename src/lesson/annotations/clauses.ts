/** The requirements that notes cite: each in one sentence, with the address of the section of the specification it is from. */
import { readFileSync } from 'node:fs';
import { isRecord } from '../../wire/value.js';
import { FIXTURES } from '../files.js';
import { parseJson } from '../json.js';

export type Clause = {
  id: string;
  /** MUST, SHOULD, MAY or their negatives. */
  level: string;
  summary: string;
  url: string;
};

const SITE = 'https://modelcontextprotocol.io';
const LISTS = ['requirements.json', 'requirements-tasks.json'];
/** The ids in a text. */
export const CLAUSE_ID = /\b(?:20\d\d-\d\d-\d\d|ext-tasks)\/[a-z0-9-]{1,40}\/\d{3}\b/g;

let clauses: ReadonlyMap<string, Clause> | undefined;

/** Undefined for an unknown id, and where the list of requirements is missing. */
export function clauseOf(id: string): Clause | undefined {
  clauses ??= new Map(LISTS.flatMap(readClauses).map((clause) => [clause.id, clause]));
  return clauses.get(id);
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
    summary: String(summary),
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
