/** The configuration file, its schema, and `config check` and `config print`, which show what a start would read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from '../src/app/commands/command.js';
import { readArguments } from '../src/app/settings/arguments.js';
import { configure } from '../src/app/settings/config.js';
import { configSchema } from '../src/app/settings/schema.js';

const test = suite('config-file');
const folder = mkdtempSync(join(tmpdir(), 'config-file-test-'));
test.after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'barewire.json');

function read(text: string, argv: string[] = [], environment: { [name: string]: string } = {}) {
  writeFileSync(path, text);
  return readArguments(['--config', path, ...argv], environment, (line) => assert.unreachable(line));
}

function problem(text: string): string {
  const parsed = read(text);
  return parsed.kind === 'wrong' ? parsed.message : `accepted: ${parsed.kind}`;
}

const EXAMPLE = `{
  // comments and a comma at the end are fine
  "$schema": "./node_modules/barewire/dist/config.schema.json",
  "readonly-port": 4100,
  "trace": true,
  "issuer": ["https://one.example.com", "https://two.example.com"],
  "payload-cap": {"s3.list": 60, "jira.search": 100},
  "scope-implies": {"jira:write": ["jira:read", "incidents:read"]},
}`;

test('numbers, switches, lists and tables have the same effect as the same flags', () => {
  const issuers = 'https://one.example.com,https://two.example.com';
  const flags = [
    '--readonly-port',
    '4100',
    '--trace',
    '--issuer',
    issuers,
    '--payload-cap',
    's3.list=60,jira.search=100',
  ];
  const same = readArguments([...flags, '--scope-implies', 'jira:write=jira:read+incidents:read'], {});
  const parsed = read(EXAMPLE);
  assert.ok(parsed.kind === 'run' && same.kind === 'run');
  assert.equal(parsed.config, { ...same.config, configFile: path });
});

test('a flag wins over a variable, that over the file, and that over the default', () => {
  const portOf = (argv: string[], environment: { [name: string]: string }): unknown => {
    const parsed = read('{"readonly-port": 4100}', argv, environment);
    return parsed.kind === 'run' ? parsed.config.readonlyPort : parsed;
  };
  const variable = { BAREWIRE_READONLY_PORT: '4200' };
  assert.is(portOf(['--readonly-port', '4300'], variable), 4300);
  assert.is(portOf([], variable), 4200);
  assert.is(portOf([], {}), 4100);
  assert.is(configure({}).readonlyPort, 3000);
});

test('BAREWIRE_CONFIG names the file as well', () => {
  writeFileSync(path, '{"port-base": 5000, "registry-port": 7}');
  const parsed = readArguments([], { BAREWIRE_CONFIG: path });
  assert.ok(parsed.kind === 'run');
  const { readonlyPort, destructivePort, registryPort, authserverPort } = parsed.config;
  assert.equal([readonlyPort, destructivePort, registryPort, authserverPort], [5000, 5001, 7, 5003]);
});

const WRONG: [what: string, text: string, message: string][] = [
  [
    'a misspelt setting',
    '{\n  "readonly-prot": 1\n}',
    `${path}:2: unknown setting "readonly-prot"; did you mean readonly-port?`,
  ],
  [
    'an unknown setting',
    '{"x": 1}',
    `${path}:1: unknown setting "x"; --help lists the flags, and a member has the name of a flag`,
  ],
  [
    'a file in the file',
    '{"config": "a"}',
    `${path}:1: unknown setting "config"; --help lists the flags, and a member has the name of a flag`,
  ],
  [
    'a setting that is there twice',
    '{"trace": true,\n "trace": false}',
    `${path}:2: "trace": expected once, received twice`,
  ],
  [
    'a value out of bounds',
    '{"readonly-port": 70000}',
    `${path}:1: "readonly-port": expected a whole number from 0 to 65535, received "70000"`,
  ],
  ['null', '{"owner": null}', `${path}:1: "owner": expected a text, a number, true or false, received null`],
  [
    'a value that nests too deeply',
    `{"owner": ${'['.repeat(200_000)}}`,
    `${path}: expected settings, received JSON that nests too deeply`,
  ],
  ['an array', '[]', `${path}: expected an object with settings, received array`],
  ['nothing', '', `${path}:1: not JSON: value expected`],
  ['a missing colon', '{\n\n"owner" 1}', `${path}:3: not JSON: colon expected`],
  [
    'a secret',
    '{"stdio-token": "hunter2"}',
    `${path}:1: "stdio-token": expected no secret in this file; put it into a file of its own, and name that with "stdio-token-file"`,
  ],
  [
    'a URL with a password',
    '{"database-url": "postgres://a:hunter2@b/c"}',
    `${path}:1: "database-url": expected no secret in this file; put it into a file of its own, and name that with "database-url-file"`,
  ],
];
for (const [what, text, message] of WRONG)
  test(`${what} is one line that names the file and its line`, () => assert.is(problem(text), message));

test('a file that is missing or too large is named', () => {
  const messageOf = (name: string): string => {
    const parsed = readArguments(['--config', name], {});
    return parsed.kind === 'wrong' ? parsed.message : parsed.kind;
  };
  assert.is(messageOf(join(folder, 'none')), `--config ${join(folder, 'none')}: no such file`);
  const large = join(folder, 'large');
  writeFileSync(large, `{"owner": "${'x'.repeat(1024 * 1024)}"}`);
  assert.is(messageOf(large), `--config ${large}: expected at most 1048576 bytes`);
});

test('the schema accepts what the reader accepts, and finds mistakes', () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(configSchema());
  const withoutComments = JSON.parse(EXAMPLE.replace(/\/\/ .*/, '').replace(/,\n}$/, '\n}'));
  assert.ok(validate(withoutComments), JSON.stringify(validate.errors));
  for (const mistake of [
    { 'readonly-prot': 1 },
    { 'readonly-port': 70_000 },
    { trace: 'yes' },
    { 'stdio-token': 'x' },
  ])
    assert.not.ok(validate(mistake), JSON.stringify(mistake));
});

async function command(argv: string[], environment: { [name: string]: string } = {}) {
  const lines: string[] = [];
  const print = (line: string): number => lines.push(line);
  const code = await runCommand(['config', ...argv], environment, {
    print,
    complain: print,
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n') };
}

test('config check says that nothing is wrong, or names the mistake', async () => {
  writeFileSync(path, EXAMPLE);
  const fine = await command(['check', '--config', path]);
  assert.equal(fine, {
    code: 0,
    text: 'nothing is wrong: 5 settings are set, and all others have their defaults',
  });
  const wrong = await command(['check', '--config', path, '--readonly-port', 'x']);
  assert.equal(wrong, {
    code: 2,
    text: 'barewire config: --readonly-port: expected a whole number from 0 to 65535, received "x"',
  });
});

test('on stdio only the settings of the one server have to fit together', async () => {
  const urls = ['--readonly-url', 'https://mcp.example/mcp', '--registry-url', 'https://tools.example'];
  assert.is((await command(['check', '--stdio', ...urls])).code, 0);
  assert.is((await command(['check', '--issuer', 'https://login.example', ...urls])).code, 2);
});

test('config check refuses settings that do not fit together, with the message of the start', async () => {
  for (const [argv, problem] of [
    [['--policy', 'opa'], '--policy opa: say with --opa-url where it is'],
    [['--opa-url', 'http://localhost:8181'], '--opa-url is asked only with --policy opa'],
    [['--stdio', '--only', 'registry'], '--stdio: the registry speaks HTTP only'],
    [
      ['--host', '0.0.0.0'],
      '--host 0.0.0.0: the development authorization server runs on loopback only; name a real one with --issuer',
    ],
    [
      ['--host', '0.0.0.0', '--only', 'readonly'],
      '--host 0.0.0.0: set --readonly-url to the https URL that clients use',
    ],
    [
      ['--host', '0.0.0.0', '--only', 'registry'],
      '--host 0.0.0.0: set --registry-url to the https URL that clients use',
    ],
    [
      ['--only', 'readonly', '--registry-url', 'https://tools.example/x'],
      '--registry-url: expected the origin of a registry, which is served at no path, received "https://tools.example/x"',
    ],
    [
      ['--state-url', 'valkey://state.example'],
      '--state-url: what is sent to state.example would travel in the clear; use valkeys://, or allow it with --allow-plaintext state.example',
    ],
    [
      ['--readonly-url', 'https://mcp.example/mcp', '--destructive-url', 'https://mcp.example/mcp'],
      '--readonly-url and --destructive-url must differ, received https://mcp.example/mcp for both',
    ],
  ] as const) {
    const { code, text } = await command(['check', ...argv]);
    assert.equal([code, text], [2, `barewire config: ${problem}`]);
  }
});

test('config print writes a file that sets the same, says where each value comes from, and shows no secret', async () => {
  writeFileSync(path, EXAMPLE);
  const environment = { BAREWIRE_STDIO_TOKEN: 'hunter2', BAREWIRE_OWNER: 'a "team"' };
  const { code, text } = await command(['print', '--config', path, '--no-learn'], environment);
  assert.is(code, 0);
  assert.not.match(text, 'hunter2');
  assert.match(text, '// a secret, from BAREWIRE_STDIO_TOKEN');
  assert.match(text, `// from ${path}:4: "readonly-port"\n  "readonly-port": 4100,`);
  const [before, after] = [
    readArguments(['--config', path, '--no-learn'], { BAREWIRE_OWNER: 'a "team"' }),
    read(text),
  ];
  assert.equal(after, before);
});

test.run();
