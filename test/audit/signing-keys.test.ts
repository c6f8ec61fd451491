/** The keys of the audit log, from the settings to the address where a server publishes them. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AUDIT_KEYS_PATH, openSigning } from '../../src/app/audit-signing.js';
import { runCommand } from '../../src/app/commands/command.js';
import { configure } from '../../src/app/settings/config.js';
import { startGoverned } from '../support/governed.js';
import { rejection } from './logs.js';

const test = suite('audit/signing-keys');
const folder = mkdtempSync(join(tmpdir(), 'signing-keys-test-'));
test.after(() => rmSync(folder, { recursive: true }));

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const own = file('own.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const open = file('public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
const signingOf = (given: Parameters<typeof configure>[0]) =>
  openSigning(configure(given), (error) => assert.unreachable(String(error)));

test('without a key nothing is signed and nothing is published', async () => {
  const signing = await signingOf({});
  assert.is(await signing.of('readonly'), undefined);
  assert.is(signing.documents.size, 0);
});

test('keys that cannot be used are named', async () => {
  const wrong = file('wrong.pem', 'x');
  const cases: [Parameters<typeof configure>[0], string][] = [
    [{ auditKeys: [join(folder, 'none')] }, '--audit-key: no such file'],
    [{ auditKeys: [wrong] }, `--audit-key ${wrong}: expected an Ed25519 key, as PEM or as a JWK`],
    [
      { auditKeys: [open] },
      '--audit-key: expected a private key first; further keys, which are only published, may be public',
    ],
    [
      { auditAnchor: 'heads' },
      '--audit-anchor: expected --audit-key as well, because only signed heads are kept elsewhere',
    ],
  ];
  for (const [given, message] of cases) assert.is((await rejection(signingOf(given))).message, message);
});

test('a server publishes its public keys, and its log verifies with them and with heads that were kept elsewhere', async () => {
  const auditDir = join(folder, 'audit');
  const anchor = join(folder, 'anchor');
  const running = await startGoverned({ auditDir, auditKeys: [own, open], auditAnchor: anchor });
  const { url, token } = running.readonly;
  const keys = new URL(AUDIT_KEYS_PATH, url).href;
  const response = await fetch(keys);
  const text = await response.text();
  assert.is(response.headers.get('content-type'), 'application/jwk-set+json');
  assert.not.match(text, '"d"');
  assert.is(JSON.parse(text).keys.length, 2);
  const saved = file('keys.json', text);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"none"}}';
  await (await fetch(url, { method: 'POST', headers, body })).text();
  await running.close();
  const lines: string[] = [];
  const verify = (...flags: string[]) =>
    runCommand(
      ['audit', 'verify', '--audit-dir', auditDir, ...flags],
      {},
      {
        print: (line) => void lines.push(line),
        complain: (line) => void lines.push(line),
        signal: new AbortController().signal,
      },
    );
  assert.is(await verify('--keys', saved, '--anchor', anchor), 0, lines.join('\n'));
  assert.ok(readFileSync(anchor, 'utf8').split('\n').length > 1);
  assert.is(await verify('--anchor', anchor), 2);
  assert.match(lines.at(-1) ?? '', '--anchor: expected --keys as well');
  assert.is(await verify('--keys', 'http://example.com/keys'), 2);
  assert.match(lines.at(-1) ?? '', '--keys: expected https, or http on this machine');
  const stranger = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  assert.is(await verify('--keys', file('stranger.json', JSON.stringify(stranger))), 1);
});

test.run();
