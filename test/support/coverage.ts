/**
 * Which requirements the transcripts show: those of requirements.json and requirements-tasks.json that a server can be seen to keep or to break on
 * the wire (MUST and MUST NOT), each covered by a transcript that names it, left out for a reason, or open.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { isPlayed } from '../../src/lesson/chapters.js';

export type Requirement = {
  id: string;
  revision: string;
  page: string;
  level: string;
  actor: string;
  observable: string;
  summary: string;
};
export type Coverage = {
  /** All that count, in the order of the file. */
  counted: Requirement[];
  /** Ids that the `# clauses:` lines name, whether they count or not. */
  named: Set<string>;
  /** Ids, or beginnings of ids that end in "/", with the reason why no transcript shows them. */
  reasons: { [idOrPrefix: string]: string };
};
export type Standing = 'covered' | 'reasoned' | 'open';

const ACTORS = ['server', 'resource-server', 'both'];
const folder = fileURLToPath(new URL('../../spec-fixtures/', import.meta.url));

/** Those of the revisions, and those of the tasks extension, which is specified apart from them. */
export function readRequirements(): Requirement[] {
  return ['requirements.json', 'requirements-tasks.json'].flatMap((file): Requirement[] =>
    JSON.parse(readFileSync(`${folder}${file}`, 'utf8')),
  );
}

export function readCoverage(): Coverage {
  const all = readRequirements();
  const reasons: Coverage['reasons'] = JSON.parse(readFileSync(`${folder}not-covered.json`, 'utf8'));
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(isPlayed)
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'));
  const lines = texts.flatMap((text) =>
    [...text.matchAll(/^# clauses: *(.*)$/gm)].map(([, ids = '']) => ids),
  );
  return { counted: all.filter(counts), named: new Set(lines.flatMap((ids) => ids.split(/\s+/))), reasons };
}

export function standingOf({ id }: Requirement, { named, reasons }: Coverage): Standing {
  if (named.has(id)) return 'covered';
  return Object.keys(reasons).some((entry) => fits(entry, id)) ? 'reasoned' : 'open';
}

export function fits(idOrPrefix: string, id: string): boolean {
  return idOrPrefix.endsWith('/') ? id.startsWith(idOrPrefix) : id === idOrPrefix;
}

function counts({ level, actor, observable }: Requirement): boolean {
  return level.startsWith('MUST') && observable === 'wire' && ACTORS.includes(actor);
}
