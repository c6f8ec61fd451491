import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, configure } from '../src/app/settings/config.js';
import { needlessSecrets, refuseSharedSecrets } from '../src/app/settings/needless-secrets.js';

const test = suite('needless-secrets');
const KEYS = [Buffer.alloc(32, 7).toString('base64url')];

test('a server that starts alone names the secrets that only others need', () => {
  const secrets = {
    stateKeys: KEYS,
    approvalKeys: KEYS,
    registryKeys: KEYS,
    slackSigningSecret: 'secret',
    approvalsClient: { id: 'approvals', secret: 'secret' },
  };
  const needless = (only: 'readonly' | 'destructive' | 'registry') =>
    needlessSecrets(configure({ ...secrets, only }));
  const approving = ['SLACK_SIGNING_SECRET', 'BAREWIRE_APPROVALS_CLIENT', 'BAREWIRE_APPROVAL_KEYS'];
  assert.equal(needless('readonly'), [...approving, 'BAREWIRE_REGISTRY_KEYS']);
  assert.equal(needless('destructive'), ['BAREWIRE_REGISTRY_KEYS']);
  const [slack, client, keys] = approving;
  assert.equal(needless('registry'), [slack, client, 'BAREWIRE_STATE_KEYS', keys]);
  assert.equal(needlessSecrets(configure({ only: 'readonly', stateKeys: KEYS })), []);
  assert.equal(needlessSecrets(configure(secrets)), [], 'all services in one process need all of them');
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
