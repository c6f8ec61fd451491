/** What `--list` and `--requirements` print. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allClauses, type Clause } from '../../lesson/annotations/clauses.js';
import { FIXTURES } from '../../lesson/files.js';
import { parseJson } from '../../lesson/json.js';
import { isRecord } from '../../wire/value.js';
import { type Entry, readEntries } from './transcripts.js';

const SERVERS = ['server', 'resource-server', 'both'];

export function listTranscripts(entries: readonly Entry[]): string {
  return entries
    .map(({ file, transcript }) => `${file}\n    ${transcript.title}\n    ${transcript.clauses.join(' ')}`)
    .join('\n');
}

/** What no traffic can show. */
export function hiddenClauses(): Clause[] {
  return clausesOnServers().filter(({ observable }) => observable !== 'wire');
}

function clausesOnServers(): Clause[] {
  return allClauses().filter(({ actor, level }) => SERVERS.includes(actor) && level !== 'MAY');
}

/** Every requirement on servers, with what checks it, or why nothing can. */
export function listRequirements(): string {
  const checkedIds = new Set(readEntries().flatMap(({ transcript }) => transcript.clauses));
  const reasons = readReasons();
  const unobservable = hiddenClauses();
  const rest = clausesOnServers().filter(
    ({ id, observable }) => observable === 'wire' && !checkedIds.has(id),
  );
  const row = ({ id, level, summary }: Clause) => `  ${id} ${level}: ${summary}`;
  return [
    `${checkedIds.size} requirements are checked by transcripts; --list prints them.`,
    '',
    `${unobservable.length} cannot be observed from outside, because they are about what a server does with what it knows:`,
    ...unobservable.map(row),
    '',
    `${rest.length} can be observed on some servers, but no transcript can ask them of every server:`,
    ...rest.map((clause) => {
      const reason = reasons.find(([prefix]) => clause.id.startsWith(prefix))?.[1];
      return reason === undefined ? row(clause) : `${row(clause)}\n      (here: ${reason})`;
    }),
  ].join('\n');
}

function readReasons(): [idOrPrefix: string, reason: string][] {
  const reasons = parseJson(readFileSync(join(FIXTURES, 'not-covered.json'), 'utf8'));
  return isRecord(reasons) ? Object.entries(reasons).map(([id, reason]) => [id, String(reason)]) : [];
}
