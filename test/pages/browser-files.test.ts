/** The files that browsers load: all of them are built, none loads anything from elsewhere, and every style is used. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/process.js';

const test = suite('pages/browser-files');
const FOLDER = join(ROOT, 'src/pages/browser');
const files = readdirSync(FOLDER).filter((name) => /\.(css|js)$/.test(name));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** The source of everything that makes HTML or changes it in the browser. */
function markup(): string {
  const src = join(ROOT, 'src');
  const modules = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$|browser\/\w+\.js$/.test(name.replaceAll('\\', '/')),
  );
  return modules.map((name) => readFileSync(join(src, name), 'utf8')).join('\n');
}

/** The classes and ids that a stylesheet has rules for. */
function namesIn(css: string): string[] {
  const selectors = css.split('\n').filter((line) => /[{,]$/.test(line));
  const names = selectors.flatMap((line) => line.match(/(?<=[.#])[a-z][\w-]*/g) ?? []);
  return [...new Set(names)];
}

test('the build has each of them as it is', () => {
  assert.ok(files.length >= 8, files.join());
  for (const name of files) {
    const built = join(ROOT, 'dist/pages/browser', name);
    assert.ok(existsSync(built), `${name} is built: npm run build`);
    assert.is(readFileSync(built, 'utf8'), read(name), name);
  }
});

test('each class and each id with a style is on some page', () => {
  const source = markup();
  const attributes = [...source.matchAll(/\b(?:class|id)="([^"]*)"/g)].map(([, value = '']) => value);
  const used = new Set(attributes.flatMap((value) => value.match(/[a-z][\w-]*/g) ?? []));
  for (const [, name = ''] of source.matchAll(/'([a-z][\w-]*)'/g)) used.add(name);
  const unused = files
    .filter((name) => name.endsWith('.css'))
    .flatMap((name) => namesIn(read(name)).map((one) => [name, one] as const))
    .filter(([, one]) => !used.has(one));
  assert.equal(unused, []);
  assert.equal(namesIn('.nowhere,\n#here > .a-b {\n  color: #fff;\n}'), ['nowhere', 'here', 'a-b']);
});

test('nothing in them comes from elsewhere', () => {
  for (const name of files) assert.not.match(read(name), /https?:|@import|\burl\(/, name);
});

test.run();
