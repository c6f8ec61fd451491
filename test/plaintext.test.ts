/** No connection leaves this machine unencrypted unless its host was named. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { start } from '../src/app/app.js';
import { checkPlaintext } from '../src/app/settings/checks.js';
import { type Config, configure } from '../src/app/settings/config.js';

const test = suite('plaintext');

async function problem(given: Partial<Config>): Promise<string | undefined> {
  try {
    await checkPlaintext(configure(given));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const REMEDY: { [setting: string]: string } = {
  DATABASE_URL: 'add ?sslmode=verify-full',
  DATABASE_READER_URL: 'add ?sslmode=verify-full',
  '--state-url': 'use valkeys://',
  '--opa-url': 'use https',
  SLACK_WEBHOOK_URL: 'use https',
};
const refused = (setting: string, host: string): string =>
  `${setting}: what is sent to ${host} would travel in the clear; ${REMEDY[setting]}, or allow it with --allow-plaintext ${host}`;

test('a database, a policy engine and a webhook on another machine are refused without encryption', async () => {
  for (const [given, message] of [
    [{ databaseUrl: 'postgres://me:pw@db.example.com/app' }, refused('DATABASE_URL', 'db.example.com')],
    [
      { databaseUrl: 'postgres://me:pw@DB.example.com/app?sslmode=disable' },
      refused('DATABASE_URL', 'db.example.com'),
    ],
    [{ stateUrl: 'valkey://me:pw@State.example.com:6379' }, refused('--state-url', 'state.example.com')],
    [{ stateUrl: 'redis://10.1.2.3' }, refused('--state-url', '10.1.2.3')],
    [{ databaseUrl: 'postgres://10.1.2.3:5433/app?ssl=0' }, refused('DATABASE_URL', '10.1.2.3')],
    [{ databaseUrl: 'postgres://[2001:db8::1]/app' }, refused('DATABASE_URL', '2001:db8::1')],
    [{ databaseUrl: 'postgres:///app?host=db.example.com' }, refused('DATABASE_URL', 'db.example.com')],
    [
      { databaseUrl: 'postgres://localhost/app', databaseReaderUrl: 'postgres://replica.example.com/app' },
      refused('DATABASE_READER_URL', 'replica.example.com'),
    ],
    [{ policy: 'opa', opaUrl: 'http://opa.example.com:8181' }, refused('--opa-url', 'opa.example.com')],
    [
      { slackWebhookUrl: 'http://hooks.example.com/services/hunter2' },
      refused('SLACK_WEBHOOK_URL', 'hooks.example.com'),
    ],
    // Names that begin like this machine's.
    [
      { policy: 'opa', opaUrl: 'http://127.0.0.1.example.com/' },
      refused('--opa-url', '127.0.0.1.example.com'),
    ],
  ] as const) {
    assert.is(await problem(given), message);
  }
});

test('TLS, loopback and Unix sockets are accepted without a warning', async () => {
  for (const sslmode of ['require', 'verify-ca', 'verify-full'])
    assert.is(
      await problem({ databaseUrl: `postgres://me:pw@db.example.com/app?sslmode=${sslmode}` }),
      undefined,
    );
  for (const databaseUrl of [
    'postgres://me:pw@localhost/app',
    'postgres://me:pw@127.0.0.1:5433/app',
    'postgres://me:pw@[::1]/app',
    'postgres:///app?host=/run/postgresql',
    'postgres://me@%2Frun%2Fpostgresql/app',
  ])
    assert.is(await problem({ databaseUrl }), undefined, databaseUrl);
  for (const opaUrl of [
    'https://opa.example.com',
    'http://127.0.0.1:8181',
    'http://localhost:8181',
    'http://[::1]:8181',
  ])
    assert.is(await problem({ policy: 'opa', opaUrl }), undefined, opaUrl);
  assert.is(await problem({ slackWebhookUrl: 'https://hooks.slack.com/services/T/B/x' }), undefined);
  for (const stateUrl of ['valkey://127.0.0.1', 'valkeys://state.example.com', 'rediss://state.example.com'])
    assert.is(await problem({ stateUrl }), undefined);
  assert.is(await problem({}), undefined);
});

test('--allow-plaintext names hosts, and allows no other', async () => {
  const given = { databaseUrl: 'postgres://me:pw@DB/app', policy: 'opa', opaUrl: 'http://opa:8181' } as const;
  assert.is(await problem({ ...given, allowPlaintext: ['Db', 'OPA'] }), undefined);
  assert.is(await problem({ ...given, allowPlaintext: ['db'] }), refused('--opa-url', 'opa'));
  assert.is(
    await problem({ ...given, allowPlaintext: ['db.example.com', 'a'] }),
    refused('DATABASE_URL', 'db'),
  );
  for (const host of ['2001:db8::1', '[2001:db8::1]'])
    assert.is(
      await problem({ databaseUrl: 'postgres://[2001:db8::1]/app', allowPlaintext: [host] }),
      undefined,
    );
});

test('an invalid connection URL is refused with one line that does not repeat it', async () => {
  const message = await problem({ databaseUrl: 'postgres://me:hunter2@db:notaport/app' });
  assert.is(message, 'DATABASE_URL: expected the URL of a PostgreSQL database: Invalid URL');
});

test('nothing is opened when a connection would be unencrypted', async () => {
  const config = configure({
    databaseUrl: 'postgres://me:pw@db.example.com/app',
    auditDir: '/dev/null/none',
  });
  const failure = await start(config).catch(String);
  assert.is(failure, `Error: ${refused('DATABASE_URL', 'db.example.com')}`);
});

test.run();
