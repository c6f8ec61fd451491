/** The commands as a person has them: a terminal, a browser, Ctrl-C, a pipe, and flags with secrets. */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '../../src/app/commands/command.js';
import type { Endpoint } from '../../src/index.js';
import { createEverything } from '../conformance/everything.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { type Ended, type Process, ROOT, run } from '../support/process.js';
import { needing } from '../support/programs.js';
import { until } from '../support/until.js';

const test = suite('call/terminal');
const inTerminal = needing(test, 'call/terminal: a terminal', 'script');
const folder = mkdtempSync(join(tmpdir(), 'call-terminal-'));
const env = { XDG_STATE_HOME: folder, NO_COLOR: '', TERM: 'xterm', SHELL: '/bin/sh', BAREWIRE_TOKEN: '' };
let everything: Endpoint;
let governed: Governed;
let url = '';
test.before(async () => {
  everything = createEverything({ stateless: false });
  [url, governed] = await Promise.all([everything.listen(0), startGoverned()]);
});
test.after(async () => {
  await Promise.all([everything.close(), governed.close()]);
  rmSync(folder, { recursive: true });
});

const PROGRAM = [process.execPath, 'dist/server.js'] as const;

/** In a pipe, as a script has it. */
function piped(words: readonly string[], more: { [name: string]: string } = {}, stdin = ''): Promise<Ended> {
  const { child, ended } = run(PROGRAM[0], [PROGRAM[1], ...words], { ...env, ...more });
  child.stdin?.end(stdin);
  return ended;
}

/** What ends before anything is sent needs no process of its own. */
async function inProcess(words: readonly string[]) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await runCommand(words, env, {
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
    signal: new AbortController().signal,
  });
  return { code, printed: printed.join('\n'), complaints: complaints.join('\n') };
}

/** In a terminal. `line` needs no quotes. */
function typed(line: string, more: { [name: string]: string } = {}): Process {
  const command = `stty cols 100 rows 40; exec '${PROGRAM.join("' '")}' ${line}`;
  return run('script', ['-qec', command, '/dev/null'], { ...env, ...more }, ROOT);
}

/** Answers each prompt with the next line. */
async function answering({ child, output, ended }: Process, answers: readonly string[]): Promise<Ended> {
  let read = 0;
  for (const answer of answers) {
    await until(
      () => /(\) |: |\. )$/.test(output().slice(read)),
      () => `a prompt for ${answer}: ${output()}`,
    );
    read = output().length;
    child.stdin?.write(answer);
  }
  return ended;
}

inTerminal('a form is filled in at the terminal, and the result stands alone on its line', async () => {
  const { code, stdout } = await answering(typed(`call ${url} test_elicitation message=who?`), [
    'y\n',
    'Ada\n',
    'y\n',
  ]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /asks you:\S*\r\n {2}who\?\r\n/);
  assert.match(stdout, /\r\nUser response: action=accept, content=\{"response":"Ada"\}\r\n$/);
});

inTerminal('Ctrl-D at a question cancels the question, Ctrl-C cancels the call', async () => {
  const question = await answering(typed(`call ${url} test_elicitation message=who?`), ['\x04']);
  assert.match(question.stdout, /User response: action=cancel/);
  const call = await answering(typed(`call ${url} test_elicitation message=who?`), ['\x03']);
  assert.is(call.code, 130);
  assert.match(call.stdout, /\r\ncancelled\r\n$/);
});

inTerminal('a call that takes long shows how far it is, and Ctrl-C ends it', async () => {
  const waiting = typed(`call ${url} slow_compute seconds=600`);
  await until(
    () => / \d s/.test(waiting.output()),
    () => `the time: ${waiting.output()}`,
  );
  waiting.child.stdin?.write('\x03');
  const { code, stdout } = await waiting.ended;
  assert.is(code, 130, stdout);
  assert.ok(stdout.endsWith('\r\u001b[2Kcancelled\r\n'), stdout);
});

inTerminal('Ctrl-C while nobody answers ends the program', async () => {
  let asked = false;
  const silent = createServer(() => {
    asked = true;
  });
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const waiting = typed(`list localhost:${(silent.address() as AddressInfo).port}`);
  await until(() => asked, 'a request');
  waiting.child.stdin?.write('\x03');
  assert.is((await waiting.ended).code, 130);
  silent.close();
  silent.closeAllConnections();
});

test('a person signs in with the browser, and the next run has the token', async () => {
  const page = join(folder, 'browser.sh');
  const tsx = join(ROOT, 'node_modules/tsx/dist/esm/index.mjs');
  writeFileSync(
    page,
    `#!/bin/sh\nexec '${process.execPath}' --import '${tsx}' '${join(ROOT, 'test/call/browser.ts')}' "$1"\n`,
  );
  chmodSync(page, 0o700);
  const browser = mkdtempSync(join(folder, 'bin-'));
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(browser, name), `#!/bin/sh\nexec '${page}' "$1"\n`);
    chmodSync(join(browser, name), 0o700);
  }
  const words = ['call', governed.readonly.url.href, 's3.list', 'bucket=reports', '--json'];
  const first = await piped(words, { PATH: `${browser}:${process.env.PATH}` });
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stderr, /\nTo sign in, open http:\S+\/authorize\?/);
  assert.ok(JSON.parse(first.stdout).structuredContent);
  const second = await piped(words, { PATH: '' });
  assert.equal([second.code, second.stderr], [0, '']);
  const { mode } = statSync(join(folder, 'barewire', 'client-tokens.json'));
  assert.is(mode & 0o777, 0o600);
});

test('a token comes from a variable or a file, and on the command line with a warning', async () => {
  const { href } = governed.readonly.url;
  const { token } = governed.readonly;
  const words = ['list', href, '--tools'];
  assert.is((await piped(words, { BAREWIRE_TOKEN: token })).stderr, '');
  const file = join(folder, 'token');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  assert.is((await piped([...words, '--token-file', file])).stderr, '');
  const shown = await piped([...words, '--token', token]);
  assert.is(shown.code, 0);
  assert.match(
    shown.stderr,
    /^barewire: --token: every program on this machine can read it there; BAREWIRE_TOKEN or --token-file hides it\n$/,
  );
  const header = join(folder, 'header');
  writeFileSync(header, `Authorization: Bearer ${token}\n`);
  assert.is((await piped([...words, '--header', `@${header}`])).stderr, '');
  const plain = await piped(['list', 'http://192.0.2.1/mcp'], { BAREWIRE_TOKEN: token });
  assert.equal([plain.code, plain.stdout], [2, '']);
  assert.match(
    plain.stderr,
    /BAREWIRE_TOKEN: expected an https URL to send the token to, received http:\/\/192\.0\.2\.1; --allow-http/,
  );
});

test('a client acts for itself, with a secret from a variable', async () => {
  const words = [
    'list',
    governed.readonly.url.href,
    '--tools',
    '--json',
    '--client-id',
    'demo',
    '--client-credentials',
    '--no-store',
  ];
  const { code, stdout, stderr } = await piped(words, { BAREWIRE_CLIENT_SECRET: 'demo-secret' });
  assert.is(code, 0, stderr);
  assert.ok(JSON.parse(stdout).tools.length > 0);
});

test('a wrong command line is named: exit code 2, nothing on stdout', async () => {
  const cases: [words: string[], expected: RegExp][] = [
    [['call'], /^barewire call: expected the URL of an MCP server/],
    [['call', url, '--shw'], /unknown flag --shw; did you mean --show\?/],
    [['list', url, '--era', 'old'], /--era: expected modern or legacy, received "old"/],
    [['list', url, '--revision', '2020-01-01'], /--revision: expected 2026-07-28 or /],
    [['list', url, '--era', 'modern', '--revision', '2025-11-25'], /2025-11-25 is legacy, not modern/],
    [['list', url, '--timeout', 'soon'], /--timeout: expected seconds, up to 3600, received "soon"/],
    [['list', url, '--header', 'hunter2'], /--header: expected 'Name: value'$/],
    [['call', url, '--root', '/no/such/folder'], /--root: expected a folder, received "\/no\/such\/folder"/],
    [['call', url, '--log', 'loud'], /--log: expected debug, /],
    [['list', '--curl', '--', 'node'], /--curl: expected a server at a URL, received a command/],
    [['list', url, '--device', '--client-credentials'], /--device and --client-credentials: expected one/],
  ];
  for (const [words, expected] of cases) {
    const { code, printed, complaints } = await inProcess(words);
    assert.equal([code, printed], [2, ''], complaints);
    assert.match(complaints, expected);
    assert.not.match(complaints, /hunter2/);
  }
});

test('a server on stdio, arguments from stdin, and help', async () => {
  const called = await piped(
    ['call', 's3.list', '-', '--', ...PROGRAM, '--stdio'],
    {},
    '{"bucket":"reports"}',
  );
  assert.is(called.code, 0, called.stderr);
  assert.match(called.stdout, /"bucket": ?"reports"/);
  for (const command of ['call', 'list']) {
    const { code, printed: stdout } = await inProcess([command, '--help']);
    assert.is(code, 0);
    assert.match(stdout, /\nexamples:\n[\s\S]*\nAuthorization, if the server asks for it/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 115, line);
  }
});

test.run();
