/** Servers that lie, stall or flood: each is refused with the expected and the received value. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AuthorizationError } from '../../src/oauth/client/errors.js';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import { freePort } from '../support/free-port.js';
import { within } from '../support/until.js';
import {
  browser,
  challenge,
  openSite,
  RESOURCE_METADATA,
  type Recorded,
  refusalOf,
  SERVER_METADATA,
  type Site,
  stepUp,
  type Visit,
} from './site.js';

const test = suite('oauth-client/hostile');
let site: Site;
test.before.each(async () => {
  site = await openSite();
  standard(site);
});
test.after.each(() => site.close());

/** A server whose authorization server is at the same origin, and lets everybody in. */
function standard({ origin, endpoint, answers }: Site): void {
  answers.set(RESOURCE_METADATA, { body: { resource: endpoint.href, authorization_servers: [origin] } });
  answers.set(SERVER_METADATA, { body: metadata() });
  answers.set('POST /register', { status: 201, body: { client_id: 'client-1' } });
  answers.set('GET /authorize', (visit) => comeBack(visit, { code: 'code-1', iss: origin }));
  answers.set('POST /token', { body: { access_token: 'token-1', token_type: 'Bearer', expires_in: 60 } });
}

function metadata(): { [name: string]: unknown } {
  return {
    issuer: site.origin,
    authorization_endpoint: `${site.origin}/authorize`,
    token_endpoint: `${site.origin}/token`,
    registration_endpoint: `${site.origin}/register`,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** The redirect to the client, with its state by default. */
function comeBack({ query }: Visit, parameters: { [name: string]: string }) {
  const url = new URL(query.get('redirect_uri') ?? '');
  const state = query.get('state') ?? '';
  for (const [name, value] of Object.entries({ state, ...parameters })) url.searchParams.set(name, value);
  return { status: 302, headers: { location: url.href } };
}

async function refusal(
  options: Partial<TokenSourceOptions> = {},
  parameters = '',
  interaction: Recorded = browser(),
): Promise<string> {
  const tokens = createTokenSource(site.endpoint, { interaction, signInMs: 15_000, ...options });
  const answered = tokens.answer(challenge(site.endpoint, parameters));
  return (await within(refusalOf(answered), 'an answer')).message;
}

const secretsLeft = (): number =>
  site.count('POST /register') + site.count('POST /token') + site.count('GET /authorize');

test('the standard server gives a token', async () => {
  const tokens = createTokenSource(site.endpoint, { interaction: browser() });
  assert.is(await tokens.answer(challenge(site.endpoint)), 'token-1');
});

for (const resource of [
  'https://evil.example.com/mcp',
  'http://localhost:1/mcp',
  '/mcp/other',
  '/mc',
  '/mcp?tenant=2',
  '/mcp#a',
  undefined,
  7,
]) {
  test(`metadata of the resource ${resource} is for another server`, async () => {
    const named =
      typeof resource === 'string' && resource.startsWith('/') ? `${site.origin}${resource}` : resource;
    site.answers.set(RESOURCE_METADATA, { body: { resource: named, authorization_servers: [site.origin] } });
    assert.match(
      await refusal(),
      /describes another server: expected "resource" http:\/\/localhost:\d+\/mcp, received/,
    );
    assert.is(secretsLeft(), 0);
  });
}

for (const issuer of ['https://honest.example.com', '/', '/tenant', undefined]) {
  test(`metadata with the issuer ${issuer} is not used`, async () => {
    const named = issuer?.startsWith('/') ? `${site.origin}${issuer}` : issuer;
    site.answers.set(SERVER_METADATA, { body: { ...metadata(), issuer: named } });
    assert.match(
      await refusal(),
      /no metadata of http:\/\/localhost:\d+: \S+ expected "issuer" http:\/\/localhost:\d+, received/,
    );
    assert.is(secretsLeft(), 0);
  });
}

test('plain http to another machine is never used', async () => {
  const bad = 'http://auth.example.com/';
  site.answers.set(RESOURCE_METADATA, {
    body: { resource: site.endpoint.href, authorization_servers: [bad] },
  });
  assert.match(
    await refusal(),
    /an authorization server: expected an https URL, or http on this machine, received "http:\/\/auth/,
  );
  standard(site);
  assert.match(
    await refusal({}, `resource_metadata="${bad}"`),
    /"resource_metadata" of the challenge: expected an https URL/,
  );
  for (const name of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint']) {
    for (const value of [
      bad,
      'javascript:alert(1)',
      'file:///etc/passwd',
      'https://user:pass@a.example/',
      7,
    ]) {
      site.answers.set(SERVER_METADATA, { body: { ...metadata(), [name]: value } });
      assert.match(await refusal(), new RegExp(`"${name}" of http://localhost:\\d+: expected an https URL`));
    }
  }
  assert.is(secretsLeft(), 0);
});

test('a remote server cannot send the client to a service on this machine', async () => {
  let asked = 0;
  const tokens = createTokenSource(new URL('https://mcp.example.com/mcp'), {
    interaction: browser(),
    fetch: async () => {
      asked += 1;
      throw new Error('nothing is asked');
    },
  });
  const named = challenge(site.endpoint, `resource_metadata="${site.origin}/secret"`);
  const error = await tokens.answer(named).catch((reason: Error) => reason.message);
  assert.match(String(error), /"resource_metadata" of the challenge: expected an https URL, received/);
  assert.is(asked, 0);
});

test('redirects are not followed', async () => {
  const away = { status: 302, headers: { location: `${site.origin}/elsewhere` } };
  const names = [SERVER_METADATA, 'POST /register', 'POST /token'];
  for (const name of names) {
    standard(site);
    site.answers.set(name, away);
    assert.match(await refusal(), /302/, name);
  }
  standard(site);
  site.answers.set('GET /named', away);
  assert.match(
    await refusal({}, `resource_metadata="${site.origin}/named"`),
    /cannot be used: \S+ answered with status 302/,
  );
  assert.is(site.count('GET /elsewhere'), 0);
});

test('no document is read endlessly', async () => {
  const flood = { body: `{"a":"${'x'.repeat(1_100_000)}"}` };
  for (const name of [RESOURCE_METADATA, SERVER_METADATA, 'POST /token']) {
    standard(site);
    site.answers.set(name, flood);
    if (name === RESOURCE_METADATA) site.answers.set('GET /named', flood);
    const parameters = name === RESOURCE_METADATA ? `resource_metadata="${site.origin}/named"` : '';
    assert.match(await refusal({}, parameters), /answered with more than 1048576 bytes/, name);
  }
});

test('an issuer with control characters reaches the person without them', async () => {
  const issuer = `${site.origin}/\u001b[2J\u202e`;
  site.answers.set(RESOURCE_METADATA, {
    body: { resource: site.endpoint.href, authorization_servers: [issuer] },
  });
  const path = `${SERVER_METADATA}${new URL(issuer).pathname}`;
  site.answers.set(path, { body: { ...metadata(), issuer, code_challenge_methods_supported: [] } });
  const person = browser();
  const message = await refusal({}, '', person);
  assert.match(message, /does not announce PKCE/);
  assert.ok(person.lines.length > 0);
  for (const line of [...person.lines, message]) assert.not.match(line, /[\p{C}\n]/u);
});

test('a server that does not answer is abandoned', async () => {
  const stalled: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  assert.match(await refusal({ fetch: stalled, requestMs: 20 }), /could not be asked within 20 ms/);
});

test('a server that does not run is named with the reason', async () => {
  const endpoint = new URL(`http://localhost:${await freePort()}/mcp`);
  const tokens = createTokenSource(endpoint, { interaction: browser() });
  const error = await tokens.answer(challenge(endpoint)).catch((reason: Error) => reason.message);
  assert.match(String(error), /the metadata of http:\/\/localhost:\d+\/mcp failed: .*ECONNREFUSED/);
});

for (const body of ['<!doctype html>', '[]', '"text"', '{"a":', 'null']) {
  test(`${body} is no metadata`, async () => {
    site.answers.set(SERVER_METADATA, { body });
    assert.match(await refusal(), /answered with no JSON/);
  });
}

test('a server that does not announce PKCE is not used', async () => {
  for (const methods of [undefined, ['plain'], 'S256', []]) {
    site.answers.set(SERVER_METADATA, { body: { ...metadata(), code_challenge_methods_supported: methods } });
    assert.match(await refusal(), /does not announce PKCE: expected S256/);
  }
  assert.is(secretsLeft(), 0);
});

for (const [what, iss] of [
  ['of another server', 'https://evil.example.com'],
  ['with another spelling', undefined],
  ['that is missing', ''],
] as const) {
  test(`an answer with an "iss" ${what} is neither redeemed nor shown`, async () => {
    const name = iss ?? `${site.origin}/`;
    for (const parameters of [
      { code: 'stolen' },
      { error: 'access_denied', error_description: 'Call 555' },
    ]) {
      site.answers.set('GET /authorize', (visit) => comeBack(visit, { ...parameters, iss: name }));
      const message = await refusal();
      assert.match(message, /may come from another authorization server, because its "iss" is not exactly/);
      assert.not.match(message, /Call 555|access_denied/);
    }
    assert.is(site.count('POST /token'), 0);
  });
}

test('an answer with another state is ignored, and the right one still counts', async () => {
  const others: number[] = [];
  const interaction = browser();
  const open = interaction.open;
  interaction.open = async (url) => {
    const callback = url.searchParams.get('redirect_uri') ?? '';
    const state = url.searchParams.get('state') ?? '';
    for (const query of ['', '?code=a', '?code=a&state=b', `?code=a&state=${state}&state=${state}`])
      others.push((await fetch(`${callback}${query}`)).status);
    others.push((await fetch(`${callback}/other?code=a&state=${state}`)).status);
    others.push((await fetch(`${callback}?code=a&state=${state}`, { method: 'POST' })).status);
    await open(url);
  };
  const tokens = createTokenSource(site.endpoint, { interaction });
  assert.is(await tokens.answer(challenge(site.endpoint)), 'token-1');
  assert.equal(others, Array(6).fill(404));
  const [token] = site.visits.filter(({ path }) => path === '/token');
  assert.is(new URLSearchParams(token?.body).get('code'), 'code-1');
});

test('a person who never comes back is not waited for endlessly', async () => {
  site.answers.set('GET /authorize', { body: 'a page' });
  assert.match(await refusal({ signInMs: 30 }), /nobody signed in within/);
});

test('an interrupted sign-in ends at once', async () => {
  const interrupted = new AbortController();
  const interaction = browser();
  interaction.open = async () => interrupted.abort(new AuthorizationError('interrupted'));
  assert.is(await refusal({ signal: interrupted.signal }, '', interaction), 'interrupted');
});

test('what a server writes cannot move the cursor, reverse the line or run on', async () => {
  const error_description = `\u001b[2J\u202eevil\n"quoted"${'x'.repeat(10_000)}`;
  site.answers.set('POST /token', { status: 400, body: { error: 'invalid_grant\u0007', error_description } });
  const message = await refusal();
  assert.match(message, /was refused: "invalid_grant\?", "\?\[2J\?evil\?'quoted'x+\.\.\."$/);
  assert.ok(message.length < 500);
  assert.match(message, /^[\x20-\x7e]+$/);
});

test('tokens of another type are not used', async () => {
  site.answers.set('POST /token', { body: { access_token: 'a', token_type: 'DPoP' } });
  assert.match(await refusal(), /expected a Bearer token, received one of another type/);
  site.answers.set('POST /token', { body: { access_token: 'a', token_type: 'mac' } });
  assert.match(await refusal(), /signing in at \S+ failed: unsupported `token_type` value/);
});

test('a server that wants other scopes each time ends the sign-ins, and a minute later they may begin again', async () => {
  let now = Date.now();
  const interaction = browser();
  const tokens = createTokenSource(site.endpoint, { interaction, clock: () => new Date(now) });
  const outcomes: (string | undefined)[] = [];
  for (let scope = 0; scope < 9; scope += 1)
    outcomes.push(await tokens.answer(stepUp(site.endpoint, `scope-${scope}`)));
  assert.equal(outcomes, [...Array(6).fill('token-1'), undefined, undefined, undefined]);
  now += 61_000;
  assert.is(await tokens.answer(stepUp(site.endpoint, 'scope-9')), 'token-1');
  assert.is(interaction.opened.length, 7);
});

test('a server that wants another kind of token, such as a key that somebody hands out, is explained', async () => {
  site.answers.clear();
  assert.match(
    await refusal(),
    /mcp wants a token, and does not say where to get one: it has no protected-resource metadata, and at http:\/\/localhost:\d+ registration .* expected status 201, received 404$/,
  );
  const tokens = createTokenSource(site.endpoint, { interaction: browser() });
  const basic = { url: site.endpoint, status: 401 as const, challenges: ['Basic realm="a"'] };
  assert.is(await tokens.answer(basic), undefined);
});

test('a registration that is refused, or gives no client, is explained', async () => {
  const callback = 'redirect_uris must be https';
  site.answers.set('POST /register', {
    status: 400,
    body: { error: 'invalid_redirect_uri', error_description: callback },
  });
  assert.match(
    await refusal(),
    /registration at \S+ was refused: "invalid_redirect_uri", "redirect_uris must be https"/,
  );
  site.answers.set('POST /register', { status: 201, body: {} });
  assert.match(await refusal(), /it gave no "client_id"/);
  site.answers.set('POST /register', { status: 500, body: '<h1>Oops</h1>' });
  assert.match(await refusal(), /expected status 201, received 500/);
  site.answers.set(SERVER_METADATA, { body: { ...metadata(), registration_endpoint: undefined } });
  assert.match(
    await refusal(),
    /lets no client register itself: register one there with the redirect URI http:\/\/127/,
  );
});

test.run();
