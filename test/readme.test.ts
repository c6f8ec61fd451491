/**
 * The README as its reader meets it: a copy of the project in an empty folder, its commands pasted in their order, the
 * answers it shows compared with those that come.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord } from '../src/wire/value.js';
import { ApproverPerson } from './support/approver.js';
import { approve } from './support/person.js';
import { type Ended, type Process, paste, ROOT, run } from './support/process.js';
import { needPrograms } from './support/programs.js';

needPrograms('readme', 'bash', 'curl', 'git');
const test = suite('readme');

type Block = { language: string; text: string };
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks: Block[] = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', text = '']) => ({
    language,
    text,
  }),
);
const commands = blocks.filter(({ language }) => language === 'sh');
const START = 'npm ci && npm start\n';
const TEST = 'npm ci && npm test\n';

let copy = '';
let server: Process | undefined;
const addresses: { [shown: string]: string } = {};

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
  server?.child.kill('SIGTERM');
  await server?.ended;
  rmSync(copy, { recursive: true, force: true });
});

test('the first command installs, builds and starts the servers', async () => {
  assert.is(commands[0]?.text, START);
  const ports = {
    BAREWIRE_READONLY_PORT: '0',
    BAREWIRE_DESTRUCTIVE_PORT: '0',
    BAREWIRE_AUTHSERVER_PORT: '0',
    BAREWIRE_REGISTRY_PORT: '0',
    XDG_STATE_HOME: join(copy, 'state'),
  };
  server = run(
    'bash',
    ['-c', `${START.trim().replace('npm start', 'npm run -s build')} && exec node dist/server.js`],
    ports,
    copy,
  );
  await server.seen('Ctrl-C stops it.');
  const [readonly = '', destructive = '', registry = '', authserver = ''] = [
    ...server.output().matchAll(/^ {2}\w+ +(http\S+)$/gm),
  ].map(([, url]) => url);
  for (const [port, address] of Object.entries({
    3000: readonly,
    3001: destructive,
    3002: registry,
    3003: authserver,
  }))
    addresses[`http://localhost:${port}`] = new URL(address).origin;
  const { scripts } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as {
    scripts: { [name: string]: string };
  };
  assert.equal(
    [scripts.prestart, scripts.start],
    ['npm run build', 'node dist/server.js'],
    'what npm start does',
  );
});

for (const [index, block] of blocks.entries()) {
  const { language, text } = block;
  if (language !== 'sh' || text === START || text === TEST) continue;
  test(`it answers as shown: ${text.split('\n')[0]?.slice(0, 60)} (block ${index + 1})`, async () => {
    const { code, stdout, stderr } = await type(text);
    assert.is(code, 0, stderr);
    if (stdout === '') return assert.match(terminal.TOKEN ?? '', /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    const answer: unknown = JSON.parse(stdout);
    const shown = blocks[index + 1];
    if (shown?.language === 'json')
      assert.equal(seen(answer, JSON.parse(here(shown.text))), JSON.parse(here(shown.text)));
    else assert.ok(isRecord(answer) && isRecord(answer.result) && answer.result.isError !== true, stdout);
    // What the text asks the reader to do next.
    if (isRecord(answer) && typeof answer.verification_uri_complete === 'string')
      await approve(answer.verification_uri_complete);
    const page = pageIn(answer);
    if (page !== undefined)
      await new ApproverPerson(new URL(page).origin, here('http://localhost:3003')).decide(page);
  });
}

/** The addresses of this run for those of the README. */
function here(text: string): string {
  let real = text;
  for (const [shown, address] of Object.entries(addresses)) real = real.replaceAll(shown, address);
  return real;
}

/** One terminal: what a block keeps in a variable is there for the next. */
const terminal: { [name: string]: string } = {};
async function type(text: string): Promise<Ended> {
  const kept = ['TOKEN', 'DEVICE'];
  const print = kept.map((name) => `printf '\\0%s' "$${name}"`).join('; ');
  const ended = await paste(`set -e\n${here(text)}\n${print}`, terminal, copy);
  const [stdout = '', ...values] = ended.stdout.split('\0');
  for (const [at, name] of kept.entries()) terminal[name] = values[at] ?? '';
  return { ...ended, stdout: stdout.trim() };
}

/** The answer with `…` wherever the README leaves a text open. */
function seen(answer: unknown, shown: unknown): unknown {
  if (typeof shown === 'string' && shown.endsWith('…')) {
    const known = shown.slice(0, -1);
    return typeof answer === 'string' && answer.length > known.length && answer.startsWith(known)
      ? shown
      : answer;
  }
  if (!isRecord(answer) || !isRecord(shown)) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, seen(value, shown[name])]));
}

/** Where a refused call can be approved. */
function pageIn(answer: unknown): string | undefined {
  const error = isRecord(answer) ? answer.error : undefined;
  const data = isRecord(error) ? error.data : undefined;
  const approval = isRecord(data) ? data.approval : undefined;
  return isRecord(approval) && typeof approval.url === 'string' ? approval.url : undefined;
}

test('the test command is the one that CI runs', () => {
  const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');
  assert.ok(commands.some(({ text }) => text === TEST));
  for (const command of TEST.trim().split(' && '))
    assert.match(ci, new RegExp(`^(?:[\\w./-]+ )?${command}(?: \\| .*)?$`, 'm'));
});

test('the tool of its own is served in twenty lines', async () => {
  const example = blocks.find(({ language }) => language === 'ts')?.text ?? '';
  writeFileSync(join(copy, 'example.ts'), example.replace('listen(4000)', 'listen(0)'));
  const own = run(process.execPath, ['--import', 'tsx', 'example.ts'], {}, copy);
  await own.seen('/mcp');
  const address = own.output().trim();
  const call = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'add', arguments: { a: 2, b: 3 } },
  });
  const { stdout } = await paste(`curl -s ${address} -H 'content-type: application/json' -d '${call}'`);
  own.child.kill();
  await own.ended;
  assert.is(JSON.parse(stdout).result.content[0].text, '{"sum":5}');
});

test.run();
