import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SETTINGS } from '../../src/app/settings/config.js';
import { freePortsInARow } from '../support/free-port.js';
import { type Process, paste, printedCommands, printedToken, run, runServer } from '../support/process.js';
import { needing } from '../support/programs.js';

const test = suite('server');
const READY = 'Ctrl-C stops it.';

function addressOf(output: string, name: string): string {
  const address = new RegExp(`${name}\\s+(http://\\S+)`).exec(output)?.[1];
  if (address === undefined) throw new Error(`no address of ${name} in ${output}`);
  return address;
}

/** Resolves when the server has begun to answer: anyone who reads streams only is sent the head at once. */
async function callSql(output: string, sql: string) {
  const authorization = `Bearer ${await printedToken(output)}`;
  const response = await fetch(addressOf(output, 'readonly'), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'postgres.readonly', arguments: { sql } },
    }),
  });
  return { answer: async () => JSON.parse(/^data: (.*)$/m.exec(await response.text())?.[1] ?? '') };
}

async function endOf(args: string[], env: { [name: string]: string } = {}) {
  const { code, stdout, stderr } = await runServer(args, env).ended;
  return { code, stdout, lines: stderr.trimEnd().split('\n') };
}

needing(
  test,
  'process/server',
  'bash',
  'curl',
)(
  'prints the addresses, a command that gets a token, and a call that works as pasted with it, in 100 columns',
  async () => {
    const server = runServer([]);
    await server.seen(READY);
    const { token, call } = printedCommands(server.output());
    const { stdout } = await paste(`${token}\n${call}`);
    assert.is(JSON.parse(stdout).result.structuredContent.rows.length, 3);
    const widths = server
      .output()
      .split('\n')
      .map((line) => line.length);
    assert.ok(Math.max(...widths) <= 100, server.output());
    assert.ok(addressOf(server.output(), 'destructive').endsWith('/mcp'));
    server.child.kill('SIGTERM');
    assert.is((await server.ended).code, 0);
  },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`lets a running call finish on ${signal} and exits with 0`, async () => {
    const server = runServer([]);
    await server.seen(READY);
    // The first call waits until the demo data is there, which a server that ends gives up.
    await (await callSql(server.output(), 'select 1')).answer();
    const call = await callSql(server.output(), 'select count(*)::int as n from customers');
    server.child.kill(signal);
    assert.is((await call.answer()).result.isError, undefined);
    assert.is((await server.ended).code, 0);
  });
}

test('ends a call that outlives the drain time, and says that it stops', async () => {
  const server = runServer(['--drain-ms', '200']);
  await server.seen(READY);
  const sql = 'select count(*) from generate_series(1, 10000000000) n';
  const call = await callSql(server.output(), sql);
  server.child.kill('SIGTERM');
  assert.is((await call.answer()).error.code, 503);
  assert.is((await server.ended).code, 0);
});

test('--only starts one server', async () => {
  const server = runServer(['--only', 'destructive']);
  await server.seen(READY);
  assert.not.match(server.output(), /^ {2}(readonly|authserver)/m);
  // It believes the authorization server beside it, wherever that runs.
  assert.match(server.output(), 'TOKEN=…  # from http://localhost:');
  server.child.kill('SIGTERM');
  assert.is((await server.ended).code, 0);
});

test('--help documents every flag with its variable', async () => {
  const { code, stdout } = await endOf(['--help']);
  assert.is(code, 0);
  for (const { flag, variable, type } of SETTINGS) {
    const names = type.secret === undefined ? [] : [`--${flag}-file`, `${variable}_FILE`];
    const shown = stdout.replace(/ *\n/g, ' \n').includes(`\n  --${flag} `);
    assert.is(shown, type.secret !== true, flag);
    for (const name of [variable, ...names]) assert.match(stdout, name);
  }
});

test('an unknown flag is one clear line and exit 2', async () => {
  const { code, lines } = await endOf(['--nonsense']);
  assert.is(code, 2);
  assert.equal(lines, ['barewire: unknown flag --nonsense; --help lists the flags']);
});

test('a bad value is one clear line and exit 2, from a flag and from a variable', async () => {
  const flag = await endOf(['--readonly-port', '70000']);
  assert.is(flag.code, 2);
  assert.equal(flag.lines, [
    'barewire: --readonly-port: expected a whole number from 0 to 65535, received "70000"',
  ]);
  const variable = await endOf([], { BAREWIRE_ONLY: 'everything' });
  assert.is(variable.code, 2);
  assert.equal(variable.lines, [
    'barewire: BAREWIRE_ONLY: expected readonly, destructive, registry or authserver, received "everything"',
  ]);
});

test('beyond loopback it needs a real authorization server and its public URLs', async () => {
  const issuer = ['--issuer', 'https://login.example.com'];
  for (const [args, expected] of [
    [[], 'the development authorization server runs on loopback only; name a real one with --issuer'],
    [issuer, 'set --readonly-url to the https URL that clients use'],
    [[...issuer, '--only', 'destructive'], 'set --destructive-url to the https URL that clients use'],
  ] as const) {
    const { code, lines } = await endOf(['--host', '0.0.0.0', ...args]);
    assert.equal([code, lines], [2, [`barewire: --host 0.0.0.0: ${expected}`]]);
  }
});

test('two servers with one identifier are refused, and so is a public server of the development authorization server', async () => {
  const url = 'https://mcp.example.com/mcp';
  const same = await endOf(['--readonly-url', url, '--destructive-url', url]);
  assert.equal(same.lines, [
    `barewire: --readonly-url and --destructive-url must differ, received ${url} for both`,
  ]);
  const open = await endOf(['--readonly-url', url]);
  assert.equal(open.lines, [
    `barewire: ${url}: the development authorization server serves loopback only; name a real one with --issuer`,
  ]);
});

test('a URL that tokens would travel to in the clear is refused', async () => {
  const { code, lines } = await endOf(['--readonly-url', 'http://mcp.example.com/mcp']);
  assert.equal(
    [code, lines],
    [
      2,
      [
        'barewire: --readonly-url: expected https, or http on a loopback address: tokens must not travel in the clear, received "http://mcp.example.com/mcp"',
      ],
    ],
  );
});

test('a port that another program has is one clear line and exit 2', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, lines } = await endOf(['--readonly-port', String(port)]);
  holder.close();
  assert.is(code, 2);
  assert.equal(lines, [
    `barewire: port ${port} is in use by another program; add --port-base 4100, or a flag for one port such as --readonly-port`,
  ]);
});

test('a second start says where the first one is, and --port-base starts it beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-second-'));
  const [base, other] = [await freePortsInARow(4), await freePortsInARow(4)];
  const start = (port: number, home: string): Process => {
    const flags = ['--port-base', String(port), '--state-home', join(folder, home)];
    return run(process.execPath, ['dist/server.js', ...flags]);
  };
  const first = start(base, 'first');
  await first.seen('Ctrl-C stops it.');
  for (const [index, name] of ['readonly', 'destructive', 'registry', 'authserver'].entries())
    assert.match(first.output(), new RegExp(`${name} +http://localhost:${base + index}`));
  const { code, stderr } = await start(base, 'first').ended;
  assert.is(code, 2);
  assert.is(
    stderr,
    `barewire: already running at http://localhost:${base}/; to start another beside it, add --port-base 4100 --state-home FOLDER\n`,
  );
  const beside = start(other, 'second');
  await beside.seen('Ctrl-C stops it.');
  for (const { child } of [first, beside]) child.kill('SIGINT');
  for (const { ended } of [first, beside])
    assert.match((await ended).stdout, /stopping; .*\nbarewire has stopped\.\n$/);
  rmSync(folder, { recursive: true });
});

test('a tool module that cannot be served is one clear line and exit 2', async () => {
  const { code, lines } = await endOf(['--tools', 'test/support/no-such-module.js']);
  assert.is(code, 2);
  assert.is(lines.length, 1);
});

test.run();
