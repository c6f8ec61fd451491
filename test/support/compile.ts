/**
 * Compiles `src` and `test`, the changed files only, before run.ts starts: loading a file with tsx takes three times as long, which was
 * most of the time of most test files. A module keeps the URL of its source in `import.meta.url`, so it finds the files beside it.
 */
import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stop, transform, version } from 'esbuild';
import { COMPILED, compiledPath } from './script.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The hash of each source that was compiled. */
const SOURCES = join(COMPILED, 'sources.json');
/** What else the result depends on: a copied cache names files of another folder. */
const SEED = `${ROOT} ${version} ${readFileSync(fileURLToPath(import.meta.url), 'utf8')}`;

export async function compile(): Promise<void> {
  mkdirSync(COMPILED, { recursive: true });
  // The files are modules, and one of them imports `barewire` by its name.
  replaceFile(join(COMPILED, 'package.json'), readFileSync(join(ROOT, 'package.json'), 'utf8'));
  replaceLink(join(COMPILED, 'dist'), join(ROOT, 'dist'));
  const before = existsSync(SOURCES) ? JSON.parse(readFileSync(SOURCES, 'utf8')) : {};
  const after: { [name: string]: string } = {};
  for (const name of ['src', 'test'].flatMap(typeScriptIn)) {
    after[name] = hash('sha256', SEED + readFileSync(join(ROOT, name), 'utf8'));
  }
  // A file that was removed may not be imported any more.
  for (const name of Object.keys(before))
    if (!(name in after)) rmSync(compiledPath(join(ROOT, name)), { force: true });
  await Promise.all(Object.keys(after).map((name) => before[name] !== after[name] && compileFile(name)));
  await stop();
  replaceFile(SOURCES, JSON.stringify(after));
}

function typeScriptIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

async function compileFile(name: string): Promise<void> {
  const source = join(ROOT, name);
  const text = readFileSync(source, 'utf8');
  // A module that starts another asks its own URL whether it is compiled.
  const asksForItself = /import\.meta\.url\.endsWith/.test(text);
  const { code, map } = await transform(text, {
    loader: 'ts',
    sourcefile: source,
    sourcemap: 'external',
    sourcesContent: false,
    tsconfigRaw: { compilerOptions: { target: 'es2022', verbatimModuleSyntax: true } },
    define: asksForItself ? {} : { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
  });
  const target = compiledPath(source);
  mkdirSync(dirname(target), { recursive: true });
  replaceFile(`${target}.map`, map);
  replaceFile(target, code);
}

/** Another run may be reading the file. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

function replaceLink(path: string, target: string): void {
  symlinkSync(target, `${path}.${process.pid}`, 'dir');
  renameSync(`${path}.${process.pid}`, path);
}

/** A place in a compiled file, as a stack trace writes it. */
const PLACE = /(?:file:\/\/)?(\/[^\s:()]*\/barewire-tests\/[^\s:()]+\.js):(\d+)(?::(\d+))?/g;

/** The text, with the place in the source instead of each place in a compiled file. */
export function toSources(text: string): string {
  return text.replace(PLACE, (place: string, file: string, line: string, column = '1') => {
    const map = `${file}.map`;
    if (!existsSync(map)) return place;
    const entry = new SourceMap(JSON.parse(readFileSync(map, 'utf8'))).findEntry(
      Number(line) - 1,
      Number(column) - 1,
    );
    return 'originalSource' in entry
      ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : place;
  });
}
