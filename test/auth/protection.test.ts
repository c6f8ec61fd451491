import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AuthOptions, type Refusal, TokenGuard } from '../../src/oauth/protection.js';
import { IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { Fault } from '../../src/wire/fault.js';
import { TestIssuer } from '../support/issuer.js';
import { claimsOf, NOW, RESOURCE } from '../support/tokens.js';

const test = suite('auth/protection');

let issuer: TestIssuer;
test.before.each(async () => {
  issuer = await TestIssuer.start();
});
test.after.each(() => issuer.goAway());

function guardOf(options: Partial<AuthOptions> = {}) {
  const refusals: Refusal[] = [];
  const guard = new TokenGuard(RESOURCE, 'bench', ['jira:read'], {
    issuers: [{ issuer: issuer.issuer, tenants: ['acme'], tenant: 'acme' }],
    clock: () => new Date(NOW * 1000),
    onRefused: (refusal) => refusals.push(refusal),
    ...options,
  });
  const authenticate = async (credentials: string, target = '/mcp') =>
    guard.authenticate({ rawHeaders: ['Authorization', credentials], url: target });
  const refuse = async (credentials: string, target?: string): Promise<Fault> => {
    const outcome = await authenticate(credentials, target);
    assert.instance(outcome, Fault);
    return outcome as Fault;
  };
  return { authenticate, refuse, refusals };
}
const bearing = (claims: { [name: string]: unknown } = {}): string =>
  `Bearer ${issuer.sign(claimsOf(issuer.issuer, claims))}`;

test('a token is checked even where its connection is not known', async () => {
  const principal = await guardOf().authenticate(bearing());
  assert.equal('user' in principal && [principal.user, principal.tenant], ['alice', 'acme']);
});
test('the log has the status and the reason of each refusal', async () => {
  const { refuse, refusals } = guardOf();
  await refuse('');
  await refuse(bearing(), '/mcp?access_token=a');
  await refuse(bearing({ exp: NOW - 60 }));
  await issuer.goAway();
  await refuse(`Bearer ${issuer.sign(claimsOf(issuer.issuer), { kid: 'next' })}`);
  assert.equal(
    refusals.map(({ status, reason }) => [status, reason]),
    [
      [401, 'missing'],
      [400, 'malformed_request'],
      [401, 'expired'],
      [503, 'unreachable'],
    ],
  );
});
test('a caller is not told which tenants its issuer may name; the log is', async () => {
  const { refuse, refusals } = guardOf();
  const fault = await refuse(bearing({ tenant: 'beta' }));
  assert.is(fault.message, 'Unauthorized: the token names no tenant that its issuer may name here');
  assert.match(refusals[0]?.detail ?? '', '"acme"');
});
test('while the issuer is away a caller is asked to try again, and the log can show why', async () => {
  const { refuse } = guardOf();
  await issuer.goAway();
  const fault = await refuse(bearing());
  assert.match(fault.message, 'tokens cannot be checked just now; try again');
  assert.instance(fault.cause, IssuerUnreachable);
});
test('an error of the server itself is blamed on neither the token nor the issuer', async () => {
  const broken = new Error('the clock is broken');
  const clock = (): never => {
    throw broken;
  };
  const { authenticate, refusals } = guardOf({ clock });
  assert.is(await authenticate(bearing()).catch((error: unknown) => error), broken);
  assert.equal(refusals, []);
});

test.run();
