/**
 * The README as its reader meets it: in a copy of the project in an empty folder, the commands are pasted in their order, and their
 * answers are compared with those that the page shows.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, blocksIn, compare } from './support/chapter.js';
import { STARTS } from './support/pages.js';
import { FREE_PORTS, paste, ROOT, run } from './support/process.js';
import { needPrograms } from './support/programs.js';
import { Terminal } from './support/terminal.js';
import { until } from './support/until.js';

needPrograms('readme', 'bash', 'curl', 'git');
const test = suite('readme');

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = blocksIn('README.md');
const commands = blocks.filter(({ language }) => language === 'sh');
const INSTALL = 'npm ci && npm start\n';

let copy = '';
let terminal: Terminal;

test.before(() => {
  copy = mkdtempSync(join(tmpdir(), 'barewire-readme-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
});
test.after(async () => {
  await terminal.close();
  rmSync(copy, { recursive: true, force: true });
});

/** The file that the sentence before a block tells the reader to save it as. */
function savedAs(block: Block): string | undefined {
  const before = readme.split('\n').slice(0, block.line - 1);
  return /[Ss]ave this as `([\w.]+)`[^`]*(?:`[^`]*`[^`]*)?$/.exec(before.slice(-4).join('\n'))?.[1];
}

test('the first command installs, builds and starts the servers', async () => {
  assert.is(commands[0]?.text, INSTALL);
  const { code, stderr } = await paste('npm ci && npm run -s build', {}, copy);
  assert.is(code, 0, stderr);
  for (const block of blocks) {
    const file = savedAs(block);
    if (file !== undefined) writeFileSync(join(copy, file), block.text);
  }
  terminal = new Terminal(copy);
  await terminal.open();
  const { scripts } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as {
    scripts: { [name: string]: string };
  };
  assert.equal(
    [scripts.prestart, scripts.start, scripts.dev],
    ['npm run build', 'node dist/server.js', 'tsx watch src/server.ts'],
  );
});

for (const [index, { language, text, line }] of blocks.entries()) {
  if (language !== 'sh' || text === INSTALL) continue;
  const title = `line ${line}, ${text.split('\n')[0]?.slice(0, 60)}`;
  if (STARTS.test(text)) {
    test(`it starts as shown: ${title}`, async () => {
      await terminal.close();
      terminal = new Terminal(copy);
      await terminal.open(text.trim());
    });
    continue;
  }
  test(`it answers as shown: ${title}`, async () => {
    const { code, stdout, stderr } = await terminal.type(text);
    assert.is(code, 0, stderr);
    const shown = blocks[index + 1];
    if (stdout === '') assert.match(terminal.variable('TOKEN'), /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    else {
      if (shown?.language !== 'json') throw new Error('the page shows no answer');
      assert.is(compare({ ...shown, text: terminal.here(shown.text) }, stdout), undefined);
    }
  });
}

test('the exchange on the page is one that happens', async () => {
  const [sent, received] = blocks.filter(({ language }) => language === 'http');
  assert.ok(sent !== undefined && received !== undefined);
  const [head = '', body = ''] = sent.text.split('\n\n');
  const headers = Object.fromEntries(
    head
      .split('\n')
      .slice(1)
      .map((one) => one.split(': ') as [string, string]),
  );
  assert.match(headers.Authorization ?? '', /^Bearer eyJ.*…$/);
  delete headers.Host;
  const response = await fetch(terminal.here('http://localhost:3000/mcp'), {
    method: 'POST',
    headers: { ...headers, Authorization: `Bearer ${terminal.variable('TOKEN')}` },
    body,
  });
  const [shownHead = '', shownBody = ''] = terminal.here(received.text).split('\n\n');
  const [status, ...shownHeaders] = shownHead.split('\n');
  assert.is(`HTTP/1.1 ${response.status} ${response.statusText}`, status);
  for (const one of shownHeaders) {
    const [name = ''] = one.split(': ');
    assert.is(`${name}: ${response.headers.get(name)}`, one);
  }
  assert.is(
    compare({ language: 'json', text: shownBody, line: received.line }, await response.text()),
    undefined,
  );
});

test('a tool in TypeScript is served, and the servers restart when it is saved', async () => {
  const file = join(copy, 'mine.ts');
  const tool = blocks.find(({ language }) => language === 'js')?.text ?? '';
  writeFileSync(file, tool.replace('({ name })', '({ name }: { name: string })'));
  const watching = run(
    process.execPath,
    [
      'node_modules/tsx/dist/cli.mjs',
      'watch',
      'src/server.ts',
      '--only',
      'readonly',
      '--issuer',
      'http://localhost:9',
      '--tools',
      './mine.ts',
    ],
    FREE_PORTS,
    copy,
  );
  try {
    await watching.seen('Ctrl-C stops it.');
    const starts = (): number => watching.output().split('barewire is ready.').length - 1;
    const changed = readFileSync(file, 'utf8').replace('Greets somebody', 'Greets anybody');
    let savedAt = 0;
    // tsx may begin to watch the file only after the server has started, so it is saved again.
    const saveAndLook = (): boolean => {
      if (performance.now() - savedAt > 5_000) {
        savedAt = performance.now();
        writeFileSync(file, changed);
      }
      return starts() >= 2;
    };
    await until(saveAndLook, 'the second start', 60_000);
    assert.is(watching.errors(), '');
  } finally {
    watching.child.kill('SIGTERM');
    await watching.ended;
  }
});

const exampleServer = blocks.find(({ language }) => language === 'ts')?.text ?? '';

for (const [entry, text] of [
  ['barewire', exampleServer],
  ['barewire/wire', exampleServer.replaceAll('createEndpoint', 'createHttpEndpoint')],
] as const) {
  test(`a server of your own takes twenty lines with ${entry}`, async () => {
    assert.ok(text.split('\n').length <= 22, 'twenty lines');
    const source = text.replace('listen(4000)', 'listen(0)').replace("from 'barewire'", `from '${entry}'`);
    writeFileSync(join(copy, 'adder.ts'), source);
    const own = run(process.execPath, ['--import', 'tsx', 'adder.ts'], {}, copy);
    await own.seen('/mcp');
    const response = await fetch(own.output().trim(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'add', arguments: { a: 2, b: 3 } },
      }),
    });
    const { result } = (await response.json()) as { result: { content: { text: string }[] } };
    own.child.kill();
    await own.ended;
    assert.is(result.content[0]?.text, '{"sum":5}');
  });
}

test('the page is short, and its picture small', () => {
  assert.ok(readme.split('\n').length <= 251, 'at most 250 lines');
  assert.ok(statSync(join(ROOT, '.github/trace.png')).size < 150_000);
});

test.run();
