/**
 * Where settings come from: flags, variables and, for secrets, files. Tests in test/process/ show what a server does with them.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../src/app/settings/arguments.js';
import { configure, readConfig, SETTINGS } from '../src/app/settings/config.js';
import { helpText } from '../src/app/settings/help.js';

const test = suite('arguments');
const folder = mkdtempSync(join(tmpdir(), 'arguments-test-'));
test.after(() => rmSync(folder, { recursive: true }));

const KEY = Buffer.alloc(32, 7).toString('base64url');
const OTHER = Buffer.alloc(32, 8).toString('base64url');
const WITH_PASSWORD = 'postgres://owner:pa55word@db.example.com/app';

/** A file of its own for each call; only its owner may read it, unless `mode` says otherwise. */
let files = 0;
function file(text: string, mode = 0o600): string {
  files += 1;
  const path = join(folder, `${files}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function read(argv: string[], environment: { [name: string]: string } = {}) {
  const warnings: string[] = [];
  const given = readArguments(argv, environment, (line) => warnings.push(line));
  return { given, warnings };
}

function wrong(argv: string[], environment: { [name: string]: string } = {}): string {
  const { given } = read(argv, environment);
  return given.kind === 'wrong' ? given.message : `not refused: ${given.kind}`;
}

const SECRETS = SETTINGS.filter(({ type }) => type.secret !== undefined);

test('every secret that is given as a flag is refused, and the line says where it belongs and does not repeat it', () => {
  const flags = SECRETS.map(({ flag }) => flag);
  for (const flag of ['state-keys', 'approval-keys', 'registry-keys', 'stdio-token', 'authserver-password'])
    assert.ok(flags.includes(flag), flag);
  for (const flag of ['approvals-client', 'registry-client', 'registry-pages-client', 'introspection-client'])
    assert.ok(flags.includes(flag), flag);
  for (const { flag, variable } of SECRETS) {
    for (const given of [
      [`--${flag}`, 'postgres://id:hunter2@localhost/app'],
      [`--${flag}=postgres://id:hunter2@localhost/app`],
      ['--nonsense', `--${flag}=postgres://id:hunter2@localhost/app`, `--${flag}=last`],
    ]) {
      assert.is(
        wrong(given),
        `--${flag}: expected no secret on the command line, which every program on this machine can read; put it into ${variable}, or into a file that --${flag}-file or ${variable}_FILE names`,
      );
    }
  }
});

test('a URL with a password as a flag is refused and not repeated; without one it is accepted, and so is a client without a secret', () => {
  for (const [flag, env] of [
    ['database-url', 'DATABASE_URL'],
    ['database-reader-url', 'DATABASE_READER_URL'],
  ]) {
    for (const url of [
      WITH_PASSWORD,
      'postgres://owner:pa55word@/app?host=/run/postgresql',
      'postgres://db.example.com/app?user=owner&password=pa55word',
    ]) {
      for (const given of [[`--${flag}`, url], [`--${flag}=${url}`]]) {
        assert.is(
          wrong(given),
          `--${flag}: expected no secret on the command line, which every program on this machine can read; put it into ${env}, or into a file that --${flag}-file or ${env}_FILE names`,
        );
      }
    }
  }
  const plain = 'postgres://owner@db.example.com:5432/app?application_name=a@b';
  assert.equal(read(['--database-url', plain]).given, {
    kind: 'run',
    config: configure({ databaseUrl: plain }),
  });
  const client = { kind: 'run', config: configure({ approvalsClient: { id: 'approvals' } }) };
  assert.equal(read(['--approvals-client', 'approvals']).given, client);
});

test('a secret comes from its variable, from the file of its variable, or from the file of its flag', () => {
  const path = file(`${KEY},${OTHER}\n`);
  const config = configure({ stateKeys: [KEY, OTHER] });
  assert.equal(read([], { BAREWIRE_STATE_KEYS: `${KEY},${OTHER}` }).given, { kind: 'run', config });
  for (const from of [read([], { BAREWIRE_STATE_KEYS_FILE: path }), read(['--state-keys-file', path])])
    assert.equal(from, { given: { kind: 'run', config }, warnings: [] });
  const url = file(`${WITH_PASSWORD}\r\n`);
  for (const from of [read([], { DATABASE_URL_FILE: url }), read([`--database-url-file=${url}`])])
    assert.equal(from.given, { kind: 'run', config: configure({ databaseUrl: WITH_PASSWORD }) });
});

test('the file of a flag wins over variables; only one of a variable and its file may be set', () => {
  const path = file(OTHER);
  assert.equal(read(['--state-keys-file', path], { BAREWIRE_STATE_KEYS: KEY }).given, {
    kind: 'run',
    config: configure({ stateKeys: [OTHER] }),
  });
  assert.is(
    wrong([], { BAREWIRE_STATE_KEYS: KEY, BAREWIRE_STATE_KEYS_FILE: path }),
    'BAREWIRE_STATE_KEYS and BAREWIRE_STATE_KEYS_FILE: expected one of them, received both',
  );
  assert.is(
    wrong(['--database-url', 'postgres://localhost/app', '--database-url-file', file(WITH_PASSWORD)]),
    '--database-url and --database-url-file: expected one of them, received both',
  );
  // An empty string counts as absent, as for every variable.
  assert.equal(read([], { BAREWIRE_STATE_KEYS: KEY, BAREWIRE_STATE_KEYS_FILE: '' }).given, {
    kind: 'run',
    config: configure({ stateKeys: [KEY] }),
  });
});

test('a file that the group or others can read is accepted with a warning, which does not repeat its content', () => {
  for (const mode of [0o640, 0o604, 0o644]) {
    const path = file(`${KEY}\n`, mode);
    const { given, warnings } = read(['--state-keys-file', path]);
    assert.is(given.kind, 'run');
    assert.equal(warnings, [
      `--state-keys-file ${path}: other users of this machine can read this secret (mode ${mode.toString(8)}); chmod 600 restricts it to its owner`,
    ]);
  }
});

test('a file that is missing, empty, too long or not a file is refused with one line that names the setting', () => {
  assert.is(wrong(['--state-keys-file', join(folder, 'none')]), '--state-keys-file: no such file');
  // Somebody who only renames the flag passes the secret itself instead of a path.
  assert.not.match(wrong(['--state-keys-file', KEY]), KEY);
  assert.is(
    wrong([], { BAREWIRE_STDIO_TOKEN_FILE: folder }),
    'BAREWIRE_STDIO_TOKEN_FILE: cannot be read (EISDIR)',
  );
  for (const text of ['', '\n', '\r\n\n']) {
    const path = file(text);
    assert.is(
      wrong(['--stdio-token-file', path]),
      `--stdio-token-file ${path}: expected a secret, received an empty file`,
    );
  }
  const long = file('x'.repeat(65_537));
  assert.is(wrong(['--stdio-token-file', long]), `--stdio-token-file ${long}: expected at most 65536 bytes`);
});

test('a wrong value is not repeated where it is a secret or holds a password', () => {
  assert.is(
    wrong([], { BAREWIRE_STATE_KEYS: `${KEY},short` }),
    `BAREWIRE_STATE_KEYS: expected 32 bytes in base64url for each key; node -p "crypto.randomBytes(32).toString('base64url')" makes one`,
  );
  assert.match(
    wrong(['--state-keys-file', file('short')]),
    /^--state-keys-file: expected 32 bytes in base64url/,
  );
  for (const [name, url] of [
    ['BAREWIRE_OPA_URL', 'http://me:hunter2@opa.example.com'],
    ['BAREWIRE_ISSUER', 'https://me:hunter2@login.example.com'],
  ] as const) {
    const message = wrong([], { [name]: url });
    assert.match(message, new RegExp(`^${name}: expected .*without.* credentials`));
    assert.not.match(message, 'hunter2');
  }
  assert.not.match(wrong([WITH_PASSWORD]), 'pa55word');
  assert.not.match(wrong([`--${WITH_PASSWORD}`]), 'pa55word');
});

test('an operator secret that was kept in a file before is read as ever', () => {
  const secret = 'an-operators-secret-of-a-file';
  const path = file(`${secret}\n`);
  for (const from of [
    read(['--operator-secret-file', path]),
    read([], { BAREWIRE_OPERATOR_SECRET_FILE: path }),
  ])
    assert.equal(from.given, { kind: 'run', config: configure({ operatorSecret: secret }) });
});

test('each setting has a name, a flag and a variable of its own, and its topic is part of the configuration', () => {
  const unique = (names: string[]): number => new Set(names).size;
  const all = SETTINGS.length;
  assert.is(Object.keys(readConfig(() => undefined)).length, all);
  assert.is(unique(SETTINGS.map(({ flag }) => flag)), all);
  assert.is(unique(SETTINGS.map(({ variable }) => variable)), all);
  const irregular = SETTINGS.filter(({ variable }) => !variable.startsWith('BAREWIRE_'));
  assert.equal(irregular.map(({ variable }) => variable).sort(), [
    'DATABASE_READER_URL',
    'DATABASE_URL',
    'SLACK_APPROVERS',
    'SLACK_ROUTES',
    'SLACK_SIGNING_SECRET',
    'SLACK_WEBHOOK_URL',
    'XDG_CACHE_HOME',
    'XDG_STATE_HOME',
  ]);
});

test('an unknown flag, topic or command is answered with the one that was probably meant', () => {
  for (const [argv, message] of [
    [['--isuer', 'https://login.example.com'], 'unknown flag --isuer; did you mean --issuer?'],
    [['--state-key-file=keys'], 'unknown flag --state-key-file; did you mean --state-keys-file?'],
    [['--nonsense'], 'unknown flag --nonsense; --help lists the flags'],
    [
      ['audti', 'verify'],
      'expected flags, or one of the commands audit, call, check, config, list, policy, slo, tap, received "audti"; did you mean audit?',
    ],
    [['--help', 'polcy'], 'expected a topic after --help, received "polcy"; did you mean policy?'],
  ] as const)
    assert.is(wrong([...argv]), message);
  assert.match(wrong(['--help', 'nonsense']), /received "nonsense"; the topics are servers, tools, /);
});

test('--help TOPIC prints one group, and every line of --help fits 100 columns', () => {
  const { given } = read(['--help', 'policy']);
  const topic = given.kind === 'help' ? given.topic : undefined;
  assert.is(topic?.name, 'policy');
  assert.match(helpText('', topic), '--opa-url URL');
  assert.not.match(helpText('', topic), '--issuer');
  assert.equal(
    helpText('')
      .split('\n')
      .filter((line) => line.length > 100),
    [],
  );
});

test('the examples of --help are command lines that the server accepts', () => {
  const examples = helpText('')
    .replaceAll('\\\n    ', '')
    .split('\n')
    .filter((line) => line.startsWith('  node dist/server.js'));
  assert.is(examples.length, 3);
  for (const example of examples)
    assert.is(read(example.trim().split(' ').slice(2)).given.kind, 'run', example);
});

test.run();
