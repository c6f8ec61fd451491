import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../src/app/settings/arguments.js';
import { refuseSharedSecrets } from '../src/app/settings/checks.js';
import { type Config, configure } from '../src/app/settings/config.js';

const test = suite('needless-secrets');
const KEYS = [Buffer.alloc(32, 7).toString('base64url')];

test('a server that starts alone names the secrets that only others need', () => {
  const secrets = {
    BAREWIRE_STATE_KEYS: KEYS[0],
    BAREWIRE_APPROVAL_KEYS: KEYS[0],
    BAREWIRE_REGISTRY_KEYS: KEYS[0],
    SLACK_SIGNING_SECRET: 'secret',
    BAREWIRE_APPROVALS_CLIENT: 'approvals:secret',
  };
  const warnings = (argv: string[], environment: { [variable: string]: string | undefined } = secrets) => {
    const lines: string[] = [];
    assert.is(readArguments(argv, environment, (line) => lines.push(line)).kind, 'run');
    return lines;
  };
  const approving = 'BAREWIRE_APPROVALS_CLIENT, BAREWIRE_APPROVAL_KEYS, SLACK_SIGNING_SECRET';
  const ofReadonly = `the readonly service does not need ${approving}, BAREWIRE_REGISTRY_KEYS; leave them out`;
  assert.equal(warnings(['--only', 'readonly']), [ofReadonly]);
  assert.equal(warnings(['--stdio']), [ofReadonly]);
  assert.equal(warnings(['--only', 'destructive']), [
    'the destructive service does not need BAREWIRE_REGISTRY_KEYS; leave them out',
  ]);
  assert.equal(warnings(['--only', 'registry']), [
    `the registry service does not need ${approving}, BAREWIRE_STATE_KEYS; leave them out`,
  ]);
  assert.equal(warnings(['--only', 'readonly'], { BAREWIRE_STATE_KEYS: KEYS[0] }), []);
  assert.equal(warnings([]), [], 'all services in one process need all of them');
});

test('one secret for two purposes is refused: the state keys would make the keys of approvers', () => {
  const other = Buffer.alloc(32, 8).toString('base64url');
  const refusal =
    /^BAREWIRE_STATE_KEYS and BAREWIRE_APPROVAL_KEYS: expected different secrets, received one secret in both$/;
  const check = (given: Partial<Config>) => () => refuseSharedSecrets(configure(given));
  const message = (error: Error): boolean => refusal.test(error.message);
  assert.throws(check({ stateKeys: KEYS, approvalKeys: KEYS }), message);
  assert.throws(check({ stateKeys: [other, ...KEYS], approvalKeys: KEYS }), message);
  assert.throws(check({ approvalKeys: KEYS, registryKeys: KEYS }), /BAREWIRE_REGISTRY_KEYS/);
  assert.not.throws(check({ stateKeys: KEYS, approvalKeys: [other, other] }));
});

test.run();
