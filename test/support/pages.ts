/** The pages of the project: which there are, their commands, and their headings. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './process.js';

const SKIPPED_FOLDERS: readonly string[] = ['node_modules', 'dist', '.git', '.mutants'];

/** The paths of all files of the project, relative to its root. */
function filesUnder(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return SKIPPED_FOLDERS.includes(entry.name) ? [] : filesUnder(path);
  });
}

const FILES = filesUnder();
export const PAGES: readonly string[] = FILES.filter((path) => path.endsWith('.md')).sort();
const TEST_FILES = FILES.filter((path) => path.startsWith('test/') && path.endsWith('.test.ts'));
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: { [name: string]: string };
};

/** A command that starts servers and goes on until somebody stops it. */
export const STARTS =
  /^(?:npm start|node dist\/server\.js)(?! *(?:audit|call|list|policy|slo)\b)(?!.*(?:--stdio|--help|--version|\|))/;

/**
 * What is wrong with a command that a test cannot paste, since it runs for minutes or installs something: an unknown script, flag
 * or test file. Undefined when nothing is; `'paste it'` when the command is none of these.
 */
export function commandProblem(command: string): string | undefined {
  const [, script, rest = ''] = /^npm (?:run )?([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
  if (script === 'ci') return undefined;
  if (script !== undefined && script !== 'start') return scriptProblem(script, rest);
  const [, file, filters = ''] = /^(?:[A-Z_]+=\S+ )*npx tsx (\S+)(.*)$/.exec(command) ?? [];
  if (file === undefined) return /^npx (?:tsc|biome) /.test(command) ? undefined : 'paste it';
  if (!FILES.includes(file)) return `there is no ${file}`;
  if (file !== 'test/run.ts') return undefined;
  const words = filters
    .trim()
    .split(/ +/)
    .filter((word) => word !== '');
  const unmatched = words.filter((word) => !TEST_FILES.some((path) => path.includes(word)));
  return unmatched.length === 0 ? undefined : `no test file matches ${unmatched.join(', ')}`;
}

function scriptProblem(script: string, words: string): string | undefined {
  const line = scripts[script];
  if (line === undefined) return `package.json has no script ${script}`;
  const folder = dirname(line.match(/[\w./-]+\.ts\b/)?.[0] ?? '.');
  const sources = FILES.filter((path) => dirname(path) === folder && path.endsWith('.ts'));
  const text = sources.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n');
  const unknown = [...words.matchAll(/--([\w-]+)/g)].filter(([, flag = '']) => !text.includes(flag));
  return unknown.length === 0 ? undefined : `${script} has no ${unknown.map(([flag]) => flag).join(', ')}`;
}

/** The anchors of a page, as GitHub derives them from its headings. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(page).matchAll(/^#{1,6} +(.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count += 1) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

export function withoutBlocks(page: string): string {
  return page.replace(/^```.*?^```$/gms, '');
}
