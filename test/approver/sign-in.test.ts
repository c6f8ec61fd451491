/** Signing in: the request to the authorization server, the check of its answer, and what is stored. */
import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SESSION_HEADER } from '../../src/pages/signin/session.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { type Bench, openBench, signedIn, Visitor, wordsOf } from './bench.js';

const test = suite('approver/sign-in');
let bench: Bench;
test.before.each(async () => {
  bench = await openBench();
});
test.after.each(() => bench.close());

test('a page shows nothing to a person who is not signed in, except a script that can ask for more', async () => {
  const { id } = bench.service.ask();
  for (const path of ['/approvals', `/approvals/${id}`, '/approvals/sign-in', '/approvals/callback?code=x']) {
    const { status, headers, cookies, text } = await new Visitor(bench).get(path);
    assert.equal([status, cookies], [200, []], path);
    assert.match(text, /<noscript>.*These pages need JavaScript/);
    assert.match(text, /<script type="module" src="\/approvals\/page\.js" data-name="approvals"/);
    assert.not.match(text, /Read the wire|<form|csrf/);
    if (/callback|sign-in/.test(path)) continue;
    assert.is(headers[SESSION_HEADER], 'none');
  }
  assert.equal(bench.service.looks, []);
});

test('signing in asks the authorization server with PKCE and for this resource', async () => {
  const visitor = new Visitor(bench);
  const page = await visitor.post('/approvals/sign-in', { to: '/approvals/request-1' });
  assert.equal([page.status, page.cookies], [200, []]);
  assert.is(page.headers['content-type'], 'application/json');
  const { url: address, begun } = JSON.parse(page.text) as { url: string; begun: string };
  assert.match(begun, /^[\w-]{100,}$/);
  const url = new URL(address);
  assert.is(url.origin + url.pathname, `${bench.issuer.origin}/authorize`);
  const { state, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
  assert.equal(rest, {
    response_type: 'code',
    client_id: 'barewire-approvals',
    redirect_uri: `${bench.origin}/approvals/callback`,
    scope: 'approvals:decide',
    resource: bench.resource,
    code_challenge_method: 'S256',
  });
  assert.match(state ?? '', /^[\w-]{40,}$/);
  assert.match(code_challenge ?? '', /^[\w-]{43}$/);
});

test('a sign-in from a filtered list leads back to that list, and from anywhere else to the whole list', async () => {
  for (const [from, to] of [
    ['/approvals?view=decided&tool=jira.create', '/approvals?view=decided&tool=jira.create'],
    ['//elsewhere.example/approvals?view=decided', '/approvals'],
    [`/approvals?tool=${'x'.repeat(2_000)}`, '/approvals'],
  ] as const) {
    const visitor = new Visitor(bench);
    const asked = await visitor.leave(from);
    bench.grant('code');
    assert.is(JSON.parse((await visitor.comeBack(asked)).text).to, to);
  }
});

test('the code is exchanged with the verifier of that challenge, and the person returns to where they were', async () => {
  const visitor = new Visitor(bench);
  const asked = await visitor.leave('/approvals/request-7');
  bench.grant('code');
  const { status, cookies, text } = await visitor.comeBack(asked);
  const { to, session } = JSON.parse(text) as { to: string; session: string };
  assert.equal([status, cookies, to], [200, [], '/approvals/request-7']);
  assert.match(session, /^[\w-]{100,}$/);
  const body = new URLSearchParams(bench.issuer.asked.find(({ path }) => path === '/token')?.body);
  const verifier = body.get('code_verifier') ?? '';
  assert.is(createHash('sha256').update(verifier).digest('base64url'), asked.get('code_challenge'));
  assert.is(body.get('resource'), bench.resource);
  assert.is(body.get('client_id'), 'barewire-approvals');
  assert.match((await visitor.get('/approvals')).text, /Calls to approve/);
});

test('the session holds who it is and until when, but no token', async () => {
  const key = Buffer.alloc(32, 7);
  const other = await openBench({ sealer: createSealer([key], () => new Date(0)) });
  try {
    const visitor = await signedIn(other);
    const about = JSON.stringify(['page', 'session', other.resource]);
    const text = await createSealer([key], () => new Date(0)).open(visitor.session ?? '', about);
    const { csrf, ...session } = JSON.parse(text ?? '{}') as { [name: string]: unknown };
    assert.type(csrf, 'string');
    assert.equal(Object.keys(session).sort(), ['issuer', 'list', 'tenant', 'until', 'user']);
    assert.equal([session.user, session.tenant], ['dara.yilmaz7@example.com', 'demo']);
    assert.is(session.issuer, other.issuer.issuer);
  } finally {
    await other.close();
  }
});

test('the session ends with the token', async () => {
  const visitor = await signedIn(bench);
  bench.pass(599_000);
  assert.is((await visitor.get('/approvals')).status, 200);
  bench.pass(2_000);
  assert.is((await visitor.get('/approvals')).status, 403);
});

test('the session ends after an hour, however long the token lives', async () => {
  const visitor = await signedIn(bench, { exp: 1_785_585_600 + 86_400 });
  bench.pass(59 * 60_000);
  assert.is((await visitor.get('/approvals')).status, 200);
  bench.pass(2 * 60_000);
  assert.is((await visitor.get('/approvals')).status, 403);
});

test('a token that has just ended creates no session', async () => {
  const visitor = new Visitor(bench);
  // Within the tolerance of the verifier for clocks.
  const page = await visitor.signIn({ exp: 1_785_585_600 - 1 });
  assert.is(page.status, 400);
  assert.is(visitor.session, undefined);
});

const answers: [what: string, more: { [name: string]: string | undefined }][] = [
  ['with another state', { state: 'another' }],
  ['without a state', { state: undefined }],
  ['of another issuer', { iss: 'https://elsewhere.example' }],
  ['of an unnamed issuer', { iss: undefined }],
  ['with a code that the authorization server does not know', { code: 'unknown' }],
  ['without a code', { code: undefined }],
];
for (const [what, more] of answers) {
  test(`an answer ${what} signs nobody in`, async () => {
    const visitor = new Visitor(bench);
    const asked = await visitor.leave();
    bench.grant('code');
    const page = await visitor.comeBack(asked, more);
    assert.is(page.status, 400);
    assert.match(wordsOf(page), /This sign-in cannot be finished/);
    assert.is(visitor.session, undefined);
    const tried = bench.issuer.count('/token');
    assert.is(tried, more.code === 'unknown' ? 1 : 0);
  });
}

test('an answer in another window signs nobody in, nor does one that arrives twice or too late', async () => {
  const visitor = new Visitor(bench);
  const asked = await visitor.leave();
  bench.grant('code');
  const other = new Visitor(bench);
  assert.is((await other.comeBack(asked)).status, 400);
  await other.leave();
  assert.is((await other.comeBack(asked)).status, 400, 'nor one with a sign-in of its own under way');
  const { begun } = visitor;
  assert.is((await visitor.comeBack(asked)).status, 200);
  assert.is((await visitor.comeBack(asked)).status, 400);
  // Even with the stored state of the first time, because the code is used up.
  const again = new Visitor(bench);
  again.begun = begun;
  assert.is((await again.comeBack(asked)).status, 400);
  const late = new Visitor(bench);
  const askedLater = await late.leave();
  bench.grant('code');
  bench.pass(10 * 60_000 + 1);
  assert.is((await late.comeBack(askedLater)).status, 400);
  assert.is(late.session, undefined);
});

test('a refusal of the authorization server is shown with its reason', async () => {
  const visitor = new Visitor(bench);
  const asked = await visitor.leave();
  const page = await visitor.comeBack(asked, { code: undefined, error: 'access_denied' });
  assert.is(page.status, 403);
  assert.match(wordsOf(page), /answered "access_denied" when it was asked for the scope approvals:decide/);
});

test('without approvals:decide a person reads which scope is missing and may sign in as somebody else', async () => {
  const visitor = new Visitor(bench);
  const page = await visitor.signIn({ scope: 'jira:write approved:by:human' });
  assert.is(page.status, 403);
  assert.match(wordsOf(page), /dara\.yilmaz7@example\.com of demo .* without the scope approvals:decide/);
  assert.is(visitor.session, undefined);
  const [, to = ''] =
    /href="([^"]*as=somebody-else)">Sign in as somebody else/.exec(page.text.replaceAll('&amp;', '&')) ?? [];
  // The script sends the parameters of the address.
  const again = await visitor.post(
    '/approvals/sign-in',
    Object.fromEntries(new URLSearchParams(to.split('?')[1])),
  );
  const { url } = JSON.parse(again.text) as { url: string };
  assert.is(new URL(url).searchParams.get('prompt'), 'login');
});

test('a token for another server signs nobody in, and the log says why', async () => {
  const visitor = new Visitor(bench);
  const page = await visitor.signIn({ aud: 'http://localhost:3000/mcp' });
  assert.is(page.status, 502);
  assert.is(visitor.session, undefined);
  assert.match(bench.errors.join('\n'), /expected "aud" http:\/\/localhost:\d+\/mcp/);
  assert.not.match(page.text, /localhost:3000/);
});

test('an authorization server that is away, in trouble, or has another name does not look like a refusal', async () => {
  const visitor = new Visitor(bench);
  const asked = await visitor.leave();
  bench.answerToken(() => ({ status: 500, body: 'oops' }));
  assert.is((await visitor.comeBack(asked)).status, 502);
  const other = await openBench();
  try {
    other.issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
      body: { ...other.issuer.metadata, issuer: 'https://elsewhere.example' },
    }));
    const page = await new Visitor(other).post('/approvals/sign-in', { to: '/approvals' });
    assert.is(page.status, 503);
    assert.match(wordsOf(page), /Signing in is not possible right now/);
  } finally {
    await other.close();
  }
});

test('metadata that sends people to a plain HTTP address elsewhere is not followed', async () => {
  bench.issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
    body: {
      ...bench.issuer.metadata,
      authorization_endpoint: 'http://elsewhere.example/authorize',
      token_endpoint: `${bench.issuer.origin}/token`,
    },
  }));
  assert.is((await new Visitor(bench).post('/approvals/sign-in', {})).status, 503);
  assert.match(bench.errors.join('\n'), /"authorization_endpoint" of .* must be a safe URL/);
});

test('the return address can only be one of these pages', async () => {
  const odd = [
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/approvals/../mcp',
    '/approvals/x/../../y',
    '/approvals@elsewhere.example',
    '/approvals?to=\\x',
    '/approvals#x',
    '',
  ];
  for (const to of odd) {
    const visitor = new Visitor(bench);
    const asked = await visitor.leave(to);
    bench.grant('code');
    assert.is(JSON.parse((await visitor.comeBack(asked)).text).to, '/approvals', to);
  }
  const visitor = new Visitor(bench);
  const asked = await visitor.leave('/approvals/request-1');
  bench.grant('code');
  assert.is(JSON.parse((await visitor.comeBack(asked)).text).to, '/approvals/request-1');
});

test('a session that was changed, invented, or created for another purpose is refused', async () => {
  const visitor = await signedIn(bench);
  const good = visitor.session ?? '';
  const flipped = `${good.slice(0, -2)}${good.at(-2) === 'A' ? 'B' : 'A'}${good.at(-1)}`;
  const begun = new Visitor(bench);
  await begun.leave();
  for (const value of [flipped, 'e30', '-', begun.begun]) {
    visitor.session = value;
    const page = await visitor.get('/approvals');
    assert.equal([page.status, page.headers[SESSION_HEADER]], [403, 'none'], value);
  }
  visitor.session = good;
  assert.is((await visitor.get('/approvals')).status, 200);
});

test('a session in a cookie, an address or a form is not accepted', async () => {
  const { id } = bench.service.ask();
  const { session = '' } = await signedIn(bench);
  const stranger = new Visitor(bench);
  const cookie = `${SESSION_HEADER}=${session}; approvals-session=${session}`;
  const page = await stranger.get(`/approvals/${id}?${SESSION_HEADER}=${session}`, { cookie });
  assert.not.match(page.text, /Read the wire|<form/);
  const fields = { verdict: 'approve', [SESSION_HEADER]: session };
  assert.is((await stranger.post(`/approvals/${id}`, fields, { cookie })).status, 403);
  assert.is(bench.service.approvals.get(id)?.state, 'pending');
  assert.equal(bench.service.looks, []);
});

test('a session of another server with the same keys is refused', async () => {
  const sealer = createSealer([Buffer.alloc(32, 3)], () => new Date(0));
  const [one, two] = [await openBench({ sealer }), await openBench({ sealer })];
  try {
    const visitor = await signedIn(one);
    const stranger = new Visitor(two);
    stranger.session = visitor.session;
    assert.is((await visitor.get('/approvals')).status, 200);
    assert.is((await stranger.get('/approvals')).status, 403);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});

test('a bearer token opens nothing, not even one that holds approvals:decide', async () => {
  const now = 1_785_585_600;
  const token = bench.issuer.sign({
    iss: bench.issuer.issuer,
    sub: 'dara.yilmaz7@example.com',
    aud: bench.resource,
    client_id: 'x',
    scope: 'approvals:decide',
    tenant: 'demo',
    iat: now,
    exp: now + 600,
  });
  const { id } = bench.service.ask();
  const visitor = new Visitor(bench);
  const authorization = `Bearer ${token}`;
  assert.not.match((await visitor.get(`/approvals/${id}`, { authorization })).text, /Read the wire/);
  const page = await visitor.post(`/approvals/${id}`, { verdict: 'approve', csrf: '' }, { authorization });
  assert.is(page.status, 403);
  assert.is(bench.service.approvals.get(id)?.state, 'pending');
  assert.equal(bench.service.looks, []);
});

test('a client secret is sent in the way that the authorization server accepts', async () => {
  for (const [methods, basic] of [
    [undefined, true],
    [['client_secret_post'], false],
  ] as const) {
    const other = await openBench({ client: { id: 'pages', secret: 'hush' } });
    try {
      if (methods !== undefined) {
        const { issuer } = other;
        issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
          body: {
            ...issuer.metadata,
            authorization_endpoint: `${issuer.origin}/authorize`,
            token_endpoint: `${issuer.origin}/token`,
            token_endpoint_auth_methods_supported: methods,
          },
        }));
      }
      await signedIn(other);
      const asked = other.issuer.asked.find(({ path }) => path === '/token');
      assert.is(asked?.headers.authorization, basic ? `Basic ${btoa('pages:hush')}` : undefined);
      assert.is(new URLSearchParams(asked?.body).get('client_secret'), basic ? null : 'hush');
    } finally {
      await other.close();
    }
  }
});

test('signing out needs the form of the page, which says that the script forgets the session', async () => {
  const visitor = await signedIn(bench);
  assert.is((await visitor.post('/approvals/sign-out', { csrf: 'guessed' })).status, 403);
  const list = await visitor.get('/approvals');
  assert.match(list.text, /<form method="post" action="\/approvals\/sign-out" data-leaves>/);
  const csrf = /name="csrf" value="([^"]+)"/.exec(list.text)?.[1] ?? '';
  assert.match(wordsOf(await visitor.post('/approvals/sign-out', { csrf })), /Signed out/);
  assert.is(
    (await new Visitor(bench).post('/approvals/sign-out', {})).status,
    200,
    'a second time does no harm',
  );
});

test('a loopback address is left for the name that the session is kept for', async () => {
  const { port } = new URL(bench.origin);
  const visitor = new Visitor(bench);
  const { status, headers } = await visitor.get('/approvals?x=1', { host: `127.0.0.1:${port}` });
  assert.equal([status, headers.location], [303, `${bench.origin}/approvals?x=1`]);
  // A proxy on this machine, on a port of its own, may well ask by that name.
  assert.is((await visitor.get('/approvals', { host: '127.0.0.1:1' })).status, 200);
});

test('a sign-in can be begun and finished only from these pages', async () => {
  const visitor = new Visitor(bench);
  const asked = await visitor.leave();
  bench.grant('code');
  for (const headers of [{ origin: 'http://localhost:1' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.is((await visitor.post('/approvals/sign-in', {}, headers)).status, 403);
    const fields = { answer: `code=code&state=${asked.get('state')}`, begun: visitor.begun };
    assert.is((await visitor.post('/approvals/callback', fields, headers)).status, 403);
  }
  assert.is((await visitor.post('/approvals/callback', { answer: 'x'.repeat(17_000) })).status, 413);
  assert.is((await visitor.comeBack(asked)).status, 200);
});

test.run();
