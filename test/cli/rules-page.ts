/**
 * `npx tsx test/cli/rules-page.ts`: which clauses each file of `src/cli/rules/` judges, made from the sources. `--write` writes the table into
 * the README there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLAUSE_ID } from '../../src/lesson/annotations/clauses.js';

const RULES = fileURLToPath(new URL('../../src/cli/rules/', import.meta.url));
export const PAGE = join(RULES, 'README.md');
const BEGIN = '| file | what it judges | clauses |\n|---|---|---|\n';

/** The page with the table as the sources are now. */
export function page(): string {
  const text = readFileSync(PAGE, 'utf8');
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf('\n\n', start);
  return `${text.slice(0, start)}${rows().join('\n')}${text.slice(end)}`;
}

function rows(): string[] {
  const files = readdirSync(RULES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return files.flatMap((name) => {
    const source = readFileSync(join(RULES, name), 'utf8');
    const clauses = [...new Set(source.match(CLAUSE_ID) ?? [])].sort();
    if (clauses.length === 0) return [];
    return [`| [\`${name}\`](${name}) | ${firstSentence(source)} | ${grouped(clauses)} |`];
  });
}

function firstSentence(source: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '';
  const words = comment.replace(/\s*\n\s*\* ?/g, ' ').trim();
  return words.replace(/\. [\s\S]*$/, '').replace(/\.$/, '');
}

/** `2026-07-28/basic/002 /003 2025-11-25/ping/001`: the page of the specification once, then the numbers. */
function grouped(clauses: readonly string[]): string {
  const pages = new Map<string, string[]>();
  for (const clause of clauses) {
    const [, of = '', number = ''] = /^(.*)\/(\d+)$/.exec(clause) ?? [];
    pages.set(of, [...(pages.get(of) ?? []), number]);
  }
  return [...pages].map(([of, numbers]) => `\`${of}/${numbers.join('` `/')}\``).join(' ');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) writeFileSync(PAGE, page());
  else console.log(page());
}
