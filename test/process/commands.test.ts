/** The program's other commands, as processes and as functions. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '../../src/app/commands/command.js';
import { bench, ENTRY, scratch } from '../audit/logs.js';
import { findOpa, POLICY, serveOpa } from '../policy/opa-binary.js';
import { run, runServer } from '../support/process.js';
import { needing } from '../support/programs.js';

const test = suite('process/commands');

async function command(argv: readonly string[], environment: { [name: string]: string } = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCommand(argv, environment, {
    print: (line) => void lines.push(line),
    complain: (line) => void errors.push(line),
    signal: new AbortController().signal,
  });
  return { code, lines, errors };
}

/** A log of each server with five records, and the file of the destructive one. */
async function logs(): Promise<{ folder: string; file: string }> {
  const folder = join(scratch(), 'audit');
  for (const server of ['readonly', 'destructive']) {
    const { audit } = await bench({ dir: join(folder, server) });
    for (let n = 1; n <= 5; n += 1) {
      const who = { ...ENTRY.principal, user: n % 2 === 0 ? 'bob' : 'alice' };
      await audit.append({ ...ENTRY, requestId: `"${n}"`, principal: who, tool: `tool-${n}` });
    }
    await audit.close();
  }
  return { folder, file: join(folder, 'destructive/demo/2026-11-23.r1.jsonl') };
}

test('verify checks both logs and says that every chain holds', async () => {
  const { folder } = await logs();
  const { code, lines } = await command(['audit', 'verify', '--audit-dir', folder]);
  assert.is(code, 0);
  assert.ok(lines.includes('readonly: 5 records in 1 files: every chain holds'));
  assert.ok(lines.includes('destructive: 5 records in 1 files: every chain holds'));
  const one = await command(['audit', 'verify', '--server', 'readonly'], { BAREWIRE_AUDIT_DIR: folder });
  assert.is(one.lines.at(-1), '5 records in 1 files: every chain holds');
});

for (const [what, tamper, said] of [
  [
    'changed',
    (lines: string[]) => lines.map((line, at) => (at === 2 ? line.replace('tool-3', 'tool-9') : line)),
    /:3: changed/,
  ],
  ['removed', (lines: string[]) => lines.filter((_, at) => at !== 2), /removed: record 3 is missing/],
  [
    'moved',
    ([a = '', b = '', c = '', ...rest]: string[]) => [a, c, b, ...rest],
    /:3: reordered: record 2 comes after record 3/,
  ],
] as const) {
  test(`a record that was ${what} is found, with its file and line, and the code is 1`, async () => {
    const { folder, file } = await logs();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${tamper(lines).join('\n')}\n`);
    const found = await command(['audit', 'verify', '--audit-dir', folder]);
    assert.is(found.code, 1);
    const broken = found.lines.filter((line) => line.startsWith('destructive: BROKEN'));
    assert.match(broken.join('\n'), said);
    assert.match(broken.join('\n'), 'demo/2026-11-23.r1.jsonl');
    assert.ok(found.lines.includes('readonly: 5 records in 1 files: every chain holds'));
  });
}

test('heads that were kept elsewhere reveal a log that was created again', async () => {
  const [first, second] = [await logs(), await logs()];
  const { lines } = await command(['audit', 'verify', '--audit-dir', first.folder]);
  const heads = join(scratch(), 'heads');
  writeFileSync(heads, lines.join('\n'));
  const verify = ['audit', 'verify', '--heads', heads];
  assert.is((await command([...verify, '--audit-dir', first.folder])).code, 0);
  const kept = readFileSync(second.file, 'utf8').split('\n');
  writeFileSync(second.file, `${kept.slice(0, 2).join('\n')}\n`);
  writeFileSync(join(dirname(second.file), 'r1.head'), '');
  assert.is((await command([...verify, '--audit-dir', second.folder])).code, 1);
  rmSync(join(first.folder, 'destructive'), { recursive: true });
  const gone = await command([...verify, '--audit-dir', first.folder]);
  assert.is(gone.code, 1);
  assert.match(gone.lines.join('\n'), /destructive: BROKEN .*removed: the whole log is gone/);
  const tenants = await logs();
  rmSync(join(tenants.folder, 'destructive/demo'), { recursive: true });
  const one = [
    'audit',
    'verify',
    '--server',
    'destructive',
    '--tenant',
    'demo',
    '--audit-dir',
    tenants.folder,
  ];
  assert.is((await command([...one, '--heads', heads])).code, 1);
  writeFileSync(heads, 'nothing of the kind');
  const none = await command([...verify, '--audit-dir', second.folder]);
  assert.equal([none.code, none.errors.length], [2, 1]);
});

test('records are found by user, tool, kind and time', async () => {
  const { folder } = await logs();
  const query = async (...flags: string[]) =>
    (
      await command(['audit', 'query', '--audit-dir', folder, '--server', 'readonly', '--json', ...flags])
    ).lines.map((line) => (JSON.parse(line) as { tool: string }).tool);
  assert.equal(await query('--user', 'bob'), ['tool-2', 'tool-4']);
  assert.equal(await query('--user', 'bob', '--tool', 'tool-4'), ['tool-4']);
  assert.equal(await query('--kind', 'intent'), []);
  assert.is((await query('--since', '2026-11-23T12:00Z')).length, 5);
  assert.equal(await query('--since', '2026-11-23T12:01Z'), []);
  assert.equal(await query('--tenant', 'other'), []);
});

test('a mistake in the command line is one line and code 2', async () => {
  const { folder } = await logs();
  for (const [argv, said] of [
    [['audit'], /expected verify, tail, query, export, stats or replay/],
    [['audit', 'prove'], /received "prove"/],
    [['audit', 'verfy'], /did you mean verify\?/],
    [['audit', 'verify', 'all'], /Unexpected argument 'all'/],
    [['audit', 'verify', '--nonsense'], /unknown flag --nonsense; audit --help lists the flags/],
    [
      ['audit', 'verify', '--server', 'third', '--audit-dir', folder],
      /--server: expected readonly or destructive, received "third"/,
    ],
    [['audit', 'tail', '--lines', 'x', '--audit-dir', folder], /--lines: expected a whole number/],
    [['audit', 'query', '--since', 'then', '--audit-dir', folder], /--since: expected a time/],
    [['audit', 'verify', '--audit-dir', '/nowhere'], /there is no audit log in \/nowhere/],
    [['audit', 'verify', '--heads', '/nowhere', '--audit-dir', folder], /no such file/],
    [['policy', 'explain', '--tool', 't', '--tools', '/nowhere.js'], /nowhere/],
    [['policy', 'explain', '--tool', 't', '--scopes', 'a "b'], /--scopes: .* is not a scope/],
    [['policy'], /expected explain/],
    [['policy', 'explain'], /--tool: expected the name of a tool/],
    [['policy', 'explain', '--tool', 't', '--args', '{"a":'], /--args: expected JSON, .*JSON/],
    [['policy', 'explain', '--tool', 't', '--args', '[1]'], /--args: expected an object, received an array/],
    [['policy', 'explain', '--tool', 't', '--approved', 'now'], /--approved: expected 5m/],
    [['policy', 'explain', '--tool', 't', '--server', 'x'], /--server: expected readonly or destructive/],
    [['policy', 'explain', '--tool', 't', '--payload-cap', 'x'], /expected TOOL=N/],
    [
      ['policy', 'explain', '--tool', 't', '--payload-cap', 't=8193'],
      /expected a whole number from 0 to 8192/,
    ],
  ] as const) {
    const { code, errors, lines } = await command(argv);
    assert.equal([code, lines, errors.length], [2, [], 1], argv.join(' '));
    assert.match(errors[0] ?? '', said);
  }
});

test('each command describes its flags', async () => {
  for (const name of ['audit', 'policy']) {
    const { code, lines } = await command([name, '--help']);
    assert.is(code, 0);
    assert.match(lines.join('\n'), `usage: node dist/server.js ${name}`);
    assert.ok(lines.every((text) => text.split('\n').every((line) => line.length <= 100)));
  }
  assert.match((await runServer(['--help']).ended).stdout, 'node dist/server.js audit verify|tail|query');
});

test('tail --follow shows new records, and ends with the interrupt', async () => {
  const { folder, file } = await logs();
  const tail = runServer([
    'audit',
    'tail',
    '--follow',
    '--lines',
    '1',
    '--server',
    'destructive',
    '--audit-dir',
    folder,
  ]);
  await tail.seen('tool-5');
  assert.not.match(tail.output(), 'tool-4');
  const { audit } = await bench({ dir: join(folder, 'destructive') });
  await audit.append({ ...ENTRY, tool: 'written-meanwhile' });
  await tail.seen('written-meanwhile');
  await audit.close();
  tail.child.kill('SIGINT');
  assert.is((await tail.ended).code, 0);
  assert.ok(readFileSync(file, 'utf8').includes('written-meanwhile'));
});

needing(
  test,
  'process/commands',
  'bash',
)('a reader that has seen enough is no error', async () => {
  const { folder } = await logs();
  const line = `node dist/server.js audit query --audit-dir ${folder} | head -1`;
  const { code, stderr } = await run('bash', ['-o', 'pipefail', '-c', line]).ended;
  assert.equal([code, stderr], [0, '']);
});

test('a broken chain ends the process with 1, and control characters stay out of the terminal', async () => {
  const { folder, file } = await logs();
  appendFileSync(file, '{"evil":"\u001b[2J"}\n');
  const { code, stdout } = await runServer(['audit', 'verify', '--audit-dir', folder]).ended;
  assert.is(code, 1);
  assert.not.ok(stdout.includes('\u001b'));
});

const explain = (...flags: string[]) => command(['policy', 'explain', ...flags]);
const verdict = async (...flags: string[]) => {
  const { code, lines } = await explain(...flags, '--json');
  assert.is(code, 0);
  const { decision, steps } = JSON.parse(lines[0] ?? '') as {
    decision: { allow: boolean; reason: string };
    steps: { rule: string; outcome: string }[];
  };
  return `${steps.find(({ outcome }) => outcome === 'deny')?.rule ?? 'none'}: ${decision.reason}`;
};

test('a call is explained rule by rule', async () => {
  const write = ['--tool', 'jira.create', '--scopes', 'jira:write approved:by:human'];
  const stale = 'approval-fresh: destructive tool requires fresh human approval (Slack card)';
  assert.is(await verdict(...write, '--approved', '5m'), 'none: ok');
  assert.is(await verdict(...write, '--approved', '16m'), stale);
  assert.is(await verdict(...write, '--approved', '2020-01-01T00:00Z'), stale);
  assert.is(await verdict(...write, '--approved', '1000000000'), stale);
  assert.is(await verdict(...write), stale);
  assert.is(await verdict('--tool', 'jira.create'), 'scope-held: missing scope: jira:write');
  assert.is(
    await verdict('--tool', 'jira.search', '--scopes', 'jira:write'),
    'none: ok',
    'jira:write includes jira:read',
  );
  const read = ['--tool', 's3.list', '--scopes', 's3:list'];
  assert.is(await verdict(...read, '--quota-spent'), 'quota: quota spent');
  const long = ['--args', JSON.stringify({ prefix: 'x'.repeat(9_000) })];
  assert.is(await verdict(...read, ...long), 'payload-size: payload too large (> 8 KB)');
  const capped = ['--payload-cap', 's3.list=20', '--args', '{"bucket":"a longer name"}'];
  assert.is(
    await verdict(...read, ...capped),
    'payload-cap: payload too large for s3.list (> 20 characters)',
  );
  assert.is(await verdict('--tool', 'rm'), 'tool-known: no such tool: rm');
  assert.is(await verdict(...read, '--server', 'destructive'), 'tool-known: no such tool: s3.list');
});

test('people are shown what a call needs, what is masked, and the sentence of the rule that refuses', async () => {
  const { lines } = await explain('--tool', 'postgres.readonly', '--scopes', 'pii:read');
  assert.equal(lines, [
    'internal-readonly-mcp: may a token with pii:read call postgres.readonly?',
    '  pass  tool-known      internal-readonly-mcp has postgres.readonly',
    '  deny  scope-held      missing scope: postgres:query:readonly',
    "                        The token holds the tool's scope, character by character.",
    '  skip  approval-fresh  not reached, because scope-held denied',
    '  skip  payload-size    not reached, because scope-held denied',
    '  skip  payload-cap     not reached, because scope-held denied',
    '  skip  quota           not reached, because scope-held denied',
    'refused: missing scope: postgres:query:readonly',
    'a call needs postgres:query:readonly; masked in its result: nothing',
  ]);
  assert.is((await explain('--tool', 'rm', '--exit-code')).code, 1);
  const odd = await explain('--tool', 'a\u001b[2Jb');
  assert.not.ok(odd.lines.join('').includes('\u001b'));
});

test('an agent that cannot be asked is code 3', async () => {
  const { code, lines } = await explain('--tool', 's3.list', '--opa-url', 'http://127.0.0.1:9');
  assert.is(code, 3);
  assert.match(lines.at(-1) ?? '', /^opa: OPA at http:\/\/127\.0\.0\.1:9 cannot be asked/);
});

test('an agent on another machine is not asked over http unless its host is named', async () => {
  const asked = ['--tool', 's3.list', '--opa-url', 'http://agent.invalid:8181'];
  const { code, errors } = await explain(...asked);
  assert.equal(
    [code, errors.at(-1)],
    [
      2,
      'barewire policy: --opa-url: what is sent to agent.invalid would travel in the clear; use https, or allow it with --allow-plaintext agent.invalid',
    ],
  );
  assert.is((await explain(...asked, '--allow-plaintext', 'agent.invalid')).code, 3);
});

const opa = findOpa();
if (opa !== undefined) {
  test('a real agent is asked the same, and a different answer is code 1', async () => {
    const strict = join(scratch(), 'strict.rego');
    mkdirSync(dirname(strict), { recursive: true });
    writeFileSync(strict, 'package strict\n\ndecision := {"allow": false, "reason": "not on Sundays"}\n');
    const engine = await serveOpa(opa, [POLICY, strict]);
    try {
      const same = await explain('--tool', 's3.list', '--scopes', 's3:list', '--opa-url', engine.url);
      assert.is(same.code, 0);
      assert.match(same.lines.at(-2) ?? '', /^opa: allowed \(decision [0-9a-f-]{36}\)$/);
      assert.is(same.lines.at(-1), 'the two agree');
      const url = `${engine.url}/v1/data/strict/decision`;
      const other = await explain('--tool', 's3.list', '--scopes', 's3:list', '--opa-url', url);
      assert.is(other.code, 1);
      assert.match(other.lines.at(-2) ?? '', 'refused by a rule of its own: not on Sundays');
      assert.is(other.lines.at(-1), 'the two do not agree');
    } finally {
      await engine.stop();
    }
  });
}

test.run();
