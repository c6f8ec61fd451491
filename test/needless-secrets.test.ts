import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configure } from '../src/config.js';
import { needlessSecrets } from '../src/needless-secrets.js';

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
  assert.equal(needless('registry'), approving);
  assert.equal(needlessSecrets(configure({ only: 'readonly', stateKeys: KEYS })), []);
  assert.equal(needlessSecrets(configure(secrets)), [], 'all services in one process need all of them');
});

test.run();
