/** The client against the development authorization server: each way to a token, with a person who clicks through the real pages. */
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openClientDocument } from '../../src/app/theatre/client-document.js';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import { claimsOf, type Running, run } from '../authserver/running.js';
import { approve, PERSON } from '../support/person.js';
import {
  challenge,
  openSite,
  personAt,
  RESOURCE_METADATA,
  type Recorded,
  refusalOf,
  type Site,
  stepUp,
} from './site.js';

const test = suite('oauth-client/flows');
let site: Site;
let server: Running;
test.before(async () => {
  site = await openSite();
  const resource = site.endpoint.href;
  server = await run({
    resources: () => [{ resource, name: 'Notes', tools: [], scopes: ['notes:read', 'notes:write'] }],
  });
  site.answers.set(RESOURCE_METADATA, {
    body: { resource, authorization_servers: [server.issuer], scopes_supported: ['notes:read'] },
  });
});
test.after(async () => {
  await Promise.all([server.close(), site.close()]);
});

const source = (options: Partial<TokenSourceOptions> & { interaction: Recorded }) =>
  createTokenSource(site.endpoint, options);

test('a person signs in: the client registers itself, and gets a token for this resource and these scopes', async () => {
  const interaction = personAt();
  const tokens = source({ interaction });
  assert.is(await tokens.token(), undefined);
  const token = await tokens.answer(challenge(site.endpoint));
  const { aud, scope, sub } = claimsOf(token);
  assert.equal([aud, sub], [site.endpoint.href, PERSON.login]);
  assert.is(scope, 'notes:read');
  assert.is(await tokens.token(), token, 'the next request has it');
  const [opened] = interaction.opened;
  assert.is(opened?.searchParams.get('code_challenge_method'), 'S256');
  assert.is(opened?.searchParams.get('resource'), site.endpoint.href);
  assert.ok(
    interaction.lines.some((line) => line.includes(opened?.href ?? '?')),
    'the address is shown',
  );
});

test('a token that the server no longer accepts is refreshed without a person', async () => {
  const interaction = personAt();
  const tokens = source({ interaction });
  const first = await tokens.answer(challenge(site.endpoint));
  const second = await tokens.answer(challenge(site.endpoint, 'error="invalid_token"', first));
  assert.is(interaction.opened.length, 1);
  assert.is.not(claimsOf(second).jti, claimsOf(first).jti);
  assert.is(claimsOf(second).scope, 'notes:read');

  const third = await tokens.answer(challenge(site.endpoint, 'error="invalid_token"', second));
  assert.is(interaction.opened.length, 2, 'a token that came from a refresh was refused at once');
  assert.is.not(third, second);
});

test('a token is refreshed before it expires', async () => {
  let passed = 0;
  const interaction = personAt();
  const tokens = source({ interaction, clock: () => new Date(Date.now() + passed) });
  const first = await tokens.answer(challenge(site.endpoint));
  const { exp } = claimsOf(first);
  passed = Number(exp) * 1000 - Date.now() - 20_000;
  const second = await tokens.token();
  assert.is.not(second, first);
  assert.is(await tokens.token(), second);
  assert.is(interaction.opened.length, 1);
});

test('requests that were refused at the same time share one sign-in', async () => {
  const interaction = personAt();
  const tokens = source({ interaction });
  const old = await tokens.answer(challenge(site.endpoint));
  const refused = stepUp(site.endpoint, 'notes:write', old);
  const both = await Promise.all([tokens.answer(refused), tokens.answer(refused)]);
  assert.is(both[0], both[1]);
  assert.is(interaction.opened.length, 2);
});

test('a step-up asks for the old and the new scopes, and a server that is never satisfied is not asked forever', async () => {
  const interaction = personAt();
  const tokens = source({ interaction });
  let token = await tokens.answer(challenge(site.endpoint));
  token = await tokens.answer(stepUp(site.endpoint, 'notes:write', token));
  assert.equal(String(claimsOf(token).scope).split(' ').sort(), ['notes:read', 'notes:write']);
  token = await tokens.answer(stepUp(site.endpoint, 'notes:write', token));
  assert.is(interaction.opened.length, 3);
  assert.is(await tokens.answer(stepUp(site.endpoint, 'notes:write', token)), undefined);
  assert.is(interaction.opened.length, 3, 'the refusal stands');
});

test('a 403 for another reason is no question of tokens', async () => {
  const tokens = source({ interaction: personAt() });
  for (const challenges of [[], ['Bearer error="invalid_request"'], ['Basic realm="a"']])
    assert.is(await tokens.answer({ url: site.endpoint, status: 403, challenges }), undefined);
});

test('a client with a metadata document does not register', async () => {
  const document = await openClientDocument();
  try {
    const interaction = personAt();
    const tokens = source({ interaction, clientMetadataUrl: document.address });
    const token = await tokens.answer(challenge(site.endpoint));
    assert.is(claimsOf(token).client_id, document.address);
  } finally {
    await document.close();
  }
});

test('the device flow: a person enters the code, wherever they are', async () => {
  const interaction = personAt();
  let person: Promise<unknown> | undefined;
  const tokens = source({
    interaction,
    grant: 'device',
    after: (_ms, run) => {
      // The person is done before the client asks again.
      person ??= approve(/open (\S+user_code=\S+)/.exec(interaction.lines.join('\n'))?.[1] ?? '');
      void person.then(run);
      return () => undefined;
    },
  });
  const token = await tokens.answer(challenge(site.endpoint));
  assert.equal([claimsOf(token).sub, claimsOf(token).scope], [PERSON.login, 'notes:read']);
  assert.equal(interaction.opened, [], 'no browser is opened here');
  assert.match(interaction.lines.join('\n'), /open \S+\/device and enter the code "[B-Z]{4}-[B-Z]{4}"/);
});

test('a client with a secret acts for itself', async () => {
  const client = { clientId: 'demo', clientSecret: 'demo-secret', grant: 'client_credentials' as const };
  const tokens = source({ interaction: personAt(), ...client });
  const token = await tokens.answer(challenge(site.endpoint, 'scope="notes:write"'));
  assert.equal([claimsOf(token).client_id, claimsOf(token).scope], ['demo', 'notes:write']);

  const wrong = source({ interaction: personAt(), ...client, clientSecret: 'wrong' });
  const error = await refusalOf(wrong.answer(challenge(site.endpoint)));
  assert.match(error.message, /^the request for a token at \S+ was refused: "invalid_client"/);
});

test('the refusal of a person is quoted', async () => {
  const tokens = source({ interaction: personAt({ ...PERSON, consent: 'deny' }) });
  const error = await refusalOf(tokens.answer(challenge(site.endpoint)));
  assert.match(error.message, /^signing in at \S+ was refused: "access_denied"/);
  assert.is(error.code, 'access_denied');
});

test('scopes that nobody offers are refused with the words of the server', async () => {
  const tokens = source({ interaction: personAt(), scopes: ['nothing'] });
  const error = await refusalOf(tokens.answer(challenge(site.endpoint)));
  assert.match(error.message, /was refused: "invalid_scope", "nothing is unknown to/);
});

test('with a file, tokens and the registration survive the process, for their owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-tokens-'));
  try {
    const tokenFile = join(folder, 'tokens.json');
    const first = personAt();
    const token = await source({ interaction: first, tokenFile }).answer(challenge(site.endpoint));
    assert.is((await stat(tokenFile)).mode & 0o777, 0o600);

    const later = personAt();
    const tokens = source({ interaction: later, tokenFile });
    assert.is(await tokens.token(), token);
    const renewed = await tokens.answer(challenge(site.endpoint, 'error="invalid_token"', token));
    assert.is.not(renewed, token);
    assert.equal(later.opened, []);
    await tokens.answer(stepUp(site.endpoint, 'notes:write', renewed));
    const id = first.opened[0]?.searchParams.get('client_id');
    assert.is(later.opened[0]?.searchParams.get('client_id'), id, 'it does not register again');
    assert.equal(await readdir(folder), ['tokens.json']);

    const itself = { clientId: 'demo', clientSecret: 'demo-secret', grant: 'client_credentials' as const };
    const own = source({ interaction: later, tokenFile, ...itself });
    assert.is(await own.token(), undefined, 'the token of a person is not for a client that acts for itself');
    const ownToken = await own.answer(challenge(site.endpoint));
    assert.is(claimsOf(ownToken).client_id, 'demo');
    const person = await source({ interaction: later, tokenFile }).token();
    assert.is(claimsOf(person).sub, PERSON.login, 'and the other way round');

    await chmod(tokenFile, 0o644);
    const error = await refusalOf(source({ interaction: later, tokenFile }).answer(challenge(site.endpoint)));
    assert.match(error.message, /tokens\.json holds tokens and others may read it: expected mode 600/);
    await writeFile(tokenFile, '[]', { mode: 0o600 });
    await chmod(tokenFile, 0o600);
    const other = await refusalOf(source({ interaction: later, tokenFile }).answer(challenge(site.endpoint)));
    assert.match(other.message, /tokens\.json is no token file/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('none of this was an error of the authorization server', () => {
  assert.equal(server.errors, []);
});

test.run();
