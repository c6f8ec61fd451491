/**
 * What the project's texts say about its tree: paths, file names, links, npm scripts and line counts. Pure functions over the
 * list of tracked files; update-pages.ts writes counts, references.test.ts finds what is stale.
 */
import { posix } from 'node:path';

/** The tracked files and every folder above them. */
export type Tree = {
  files: ReadonlySet<string>;
  folders: ReadonlySet<string>;
  scripts: ReadonlySet<string>;
};
export type Stale = { line: number; reference: string };

export function treeOf(files: readonly string[], scripts: readonly string[]): Tree {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder))
      folders.add(folder);
  }
  return { files: new Set(files), folders, scripts: new Set(scripts) };
}

/** `src/wire/fault.ts`, `test/policy/`, `dist/server.js`. */
const PATH = /(?<![\w./~-])(?:src|test|dist|spec-fixtures)\/[\w./-]*\w/g;
/** A file named without its folder, as in "see fault.ts" or "in `jsonrpc/message.ts`". */
const NAME = /(?<![\w./<{-])[a-z][\w/-]*(?:\.test)?\.ts\b(?!\.)/g;
/** A page asks its reader to write these. */
const READERS_OWN = ['adder.ts'];
const LINK = /\]\(([^)\s#:]+)(?:#[^)\s]*)?\)/g;
const SCRIPT = /\bnpm run (?:-\w+ )*([\w:-]+)/g;

/** References of a page or of a comment to files, folders and scripts that are not there. */
export function staleReferences(page: string, text: string, tree: Tree): Stale[] {
  return text.split('\n').flatMap((line, index) => {
    const wrong = [
      ...all(line, PATH).filter((path) => !exists(path, tree)),
      ...all(line, NAME).filter((name) => !isNamed(name, tree)),
      ...all(line, LINK).filter((link) => !exists(posix.join(posix.dirname(page), link), tree)),
      ...all(line, SCRIPT).filter((script) => !tree.scripts.has(script)),
    ];
    return [...new Set(wrong)].map((reference) => ({ line: index + 1, reference }));
  });
}

function all(line: string, pattern: RegExp): string[] {
  return [...line.matchAll(pattern)].map(([whole, group = whole]) => group);
}

/** What `npm run build` makes of a source file counts as that file. */
function exists(path: string, { files, folders }: Tree): boolean {
  const source = path.replace(/^dist(?=\/|$)/, 'src').replace(/^(src\/.*)\.js$/, '$1.ts');
  const clean = source.replace(/\/$/, '');
  return files.has(clean) || folders.has(clean);
}

function isNamed(name: string, { files }: Tree): boolean {
  return READERS_OWN.includes(name) || [...files].some((file) => file === name || file.endsWith(`/${name}`));
}

/** A row of a table: a link to a file or folder, other cells, and a number of lines in the last cell. */
const COUNTED = /^(\| \[[^\]]*\]\()([^)]+)(\)(?: \|[^|]*)*? \| )([\d,]+)( \|)$/gm;

/** The page with each line count as `linesOf` gives it, rounded to tens. */
export function withCounts(page: string, text: string, linesOf: (path: string) => number): string {
  return text.replace(
    COUNTED,
    (_, start: string, link: string, middle: string, _count: string, end: string) => {
      return `${start}${link}${middle}${rounded(linesOf(posix.join(posix.dirname(page), link)))}${end}`;
    },
  );
}

/** Line counts that are off by more than a fifth: a page need not change with every edit of a file. */
export function staleCounts(page: string, text: string, linesOf: (path: string) => number): string[] {
  return [...text.matchAll(COUNTED)].flatMap(([, , link = '', , count = '']) => {
    const path = posix.join(posix.dirname(page), link);
    const [shown, real] = [Number(count.replaceAll(',', '')), linesOf(path)];
    return Math.abs(shown - real) <= Math.max(20, real / 5)
      ? []
      : [`${path} has ${real} lines, not ${shown}`];
  });
}

const rounded = (lines: number): string => Math.max(10, Math.round(lines / 10) * 10).toLocaleString('en-US');
