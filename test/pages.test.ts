/**
 * Every page of the project: its links and anchors lead somewhere, what it names exists, and its commands work. Commands are pasted in the
 * order of the page beside running servers, and their answers are compared with those that the page shows. The README has
 * readme.test.ts, the chapters have chapters.test.ts and replicas.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksIn, compare } from './support/chapter.js';
import { WINGS } from './support/layers.js';
import { anchorsOf, commandProblem, PAGES, STARTS, withoutBlocks } from './support/pages.js';
import { ROOT } from './support/process.js';
import { needing } from './support/programs.js';
import { Terminal } from './support/terminal.js';

const test = suite('pages');
const paste = needing(test, 'pages: commands', 'bash', 'curl');

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const CHAPTER = /^spec-fixtures\/\d\d-/;
const PASTED = PAGES.filter((path) => path !== 'README.md' && !CHAPTER.test(path));

/** The command lines of a block, those that end in a backslash joined with what follows. */
const linesOf = (text: string): string[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, '').trim())
    .flatMap((line) => line.split(' && '))
    .filter((line) => line !== '' && !line.startsWith('#'));

/** Whether the page tells its reader to make this file. */
const isSavedByReader = (page: string, name: string): boolean => page.includes(`ave this as \`${name}\``);

for (const path of PAGES) {
  test(`the links of ${path} lead somewhere`, () => {
    const page = withoutBlocks(read(path));
    const broken = [...page.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => {
        if (/^[a-z]+:/.test(target)) return !URL.canParse(target);
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? path : normalize(join(dirname(path), file));
        if (!existsSync(join(ROOT, linked))) return true;
        return anchor !== undefined && !anchorsOf(read(linked)).has(anchor);
      });
    assert.equal(broken, []);
  });

  test(`the commands in the sentences of ${path} exist`, () => {
    const commands = [
      ...withoutBlocks(read(path)).matchAll(/`((?:npm (?:run|ci|test)|(?:[A-Z_]+=\S+ )*npx tsx)\b[^`]*)`/g),
    ];
    const problems = commands
      .flatMap(([, text = '']) => linesOf(text))
      .map((command) => [command, commandProblem(command)])
      .filter(([, problem]) => problem !== undefined && problem !== 'paste it')
      .filter(([, problem = '']) => !isSavedByReader(read(path), problem.replace('there is no ', '')));
    assert.equal(problems, []);
  });
}

for (const path of PASTED) {
  const blocks = blocksIn(path);
  const commands = blocks.filter(({ language }) => language === 'sh');
  if (commands.length === 0) continue;
  const isPasted = (text: string): boolean =>
    linesOf(text).some((line) => !STARTS.test(line) && commandProblem(line) === 'paste it');

  test(`the scripts and tests that ${path} runs exist`, () => {
    const problems = commands
      .filter(({ text }) => !isPasted(text))
      .flatMap(({ text }) => linesOf(text))
      .filter((line) => !STARTS.test(line))
      .map((line) => [line, commandProblem(line)])
      .filter(([, problem]) => problem !== undefined);
    assert.equal(problems, []);
  });

  if (commands.every(({ text }) => !isPasted(text) && !linesOf(text).some((line) => STARTS.test(line))))
    continue;
  paste(`the commands of ${path} answer as shown`, async () => {
    const terminal = new Terminal();
    await terminal.open();
    try {
      for (const [at, block] of blocks.entries()) {
        if (block.language !== 'sh') continue;
        for (const line of linesOf(block.text)) if (STARTS.test(line)) await terminal.start(line);
        if (!isPasted(block.text)) continue;
        const { code, stdout, stderr } = await terminal.type(block.text);
        assert.is(code, 0, `${path}:${block.line} ${stdout}${stderr}`);
        const answer = blocks[at + 1];
        if (answer !== undefined && ['json', 'text'].includes(answer.language)) {
          const problem = compare({ ...answer, text: terminal.here(answer.text) }, stdout.trim());
          assert.is(problem, undefined, `${path}:${block.line} ${problem} ${stderr}`);
        }
        await terminal.obey(stdout);
      }
    } finally {
      await terminal.close();
    }
  });
}

/** What OpenTelemetry reads, and a name that the library exports. */
const NO_SETTINGS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'DENIAL_SCHEMA'];

test('every setting that a page of the source names is one', () => {
  const help = [[], ['audit'], ['call'], ['check'], ['config'], ['list'], ['policy'], ['slo'], ['tap']]
    .map((words) => execFileSync(process.execPath, ['dist/server.js', ...words, '--help'], { cwd: ROOT }))
    .join('\n');
  const player = execFileSync('npx', ['tsx', 'src/walkthrough/main.ts', '--help'], { cwd: ROOT });
  const settings = new Set(`${help}${player}`.match(/--[a-z][\w-]*|[A-Z]+(?:_[A-Z]+)+/g));
  const unknown = PAGES.filter((path) => path.startsWith('src/') || path.startsWith('.github/'))
    .flatMap((path) => [...withoutBlocks(read(path)).matchAll(/`((?:--|[A-Z]+_[A-Z])[^`]*)`/g)])
    .flatMap(([, span = '']) => span.match(/--[a-z][\w-]*|[A-Z]+(?:_[A-Z]+)+/g) ?? [])
    .filter((name) => !settings.has(name) && !NO_SETTINGS.includes(name));
  assert.equal(unknown, []);
});

test('the tables of wings have the wings in their order', () => {
  for (const path of ['README.md', 'src/README.md', 'spec-fixtures/20-read-the-source/README.md']) {
    const rows = [...read(path).matchAll(/^\| \[`?(\w+)\/?`?\]\((?:(?:\.\.\/)*src\/)?\w+/gm)].map(
      ([, wing]) => wing,
    );
    assert.equal(rows, WINGS, path);
  }
  const tour = read('spec-fixtures/20-read-the-source/README.md');
  assert.equal(
    [...tour.matchAll(/^\| \[`(\w+)\/`\]/gm)].map(([, wing]) => wing),
    WINGS,
  );
});

test('every metric that the page of operations names is counted', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('src', name)))
    .join('\n');
  const names = read('src/app/README.md').match(/`(?:mcp|registry|process)_[a-z_]+`/g) ?? [];
  assert.ok(names.length > 10);
  assert.equal(
    names.filter((name) => !sources.includes(name.slice(1, -1))),
    [],
  );
});

test('the test command is the one that CI runs', () => {
  const ci = read('.ci/run');
  const [command] = blocksIn('test/README.md');
  for (const part of linesOf(command?.text ?? ''))
    assert.match(ci, new RegExp(`^(?:[\\w./-]+ )?${part}(?: -- .*)?(?: \\| .*)?$`, 'm'));
});

test('a wrong command is noticed', () => {
  assert.is(commandProblem('npm run bench -- --quick'), undefined);
  assert.match(String(commandProblem('npm run bench -- --quicker')), /bench has no --quicker/);
  assert.match(String(commandProblem('npm run polish')), /no script polish/);
  assert.is(commandProblem('npx tsx test/run.ts pages'), undefined);
  assert.match(String(commandProblem('npx tsx test/run.ts nowhere')), /no test file matches nowhere/);
  assert.match(String(commandProblem('npx tsx test/nowhere.ts')), /there is no test\/nowhere\.ts/);
  assert.is(commandProblem('curl -s http://localhost:3000'), 'paste it');
  assert.equal(
    [...anchorsOf('# Your own `tool`\n\n## A, b\n\n```sh\n# no\n```\n## A b\n')],
    ['your-own-tool', 'a-b', 'a-b-1'],
  );
});

test.run();
