import { createServer } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFetchJson } from '../../src/oauth/fetch-json.js';
import { metadataUrls } from '../../src/oauth/issuer-metadata.js';
import { IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { TestIssuer } from '../support/issuer.js';
import { claimsOf, timed, who } from '../support/tokens.js';
import { within } from '../support/until.js';

const test = suite('auth/issuer');

const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

/** The result for a good token after a change of the issuer, and the message when the issuer cannot be asked. */
async function outcomeOf(change: (as: TestIssuer) => void, path = '', options = {}) {
  const as = await TestIssuer.start(path);
  try {
    change(as);
    const verifier = timed({ issuers: [{ issuer: as.issuer }], ...options });
    const token = as.sign(claimsOf(as.issuer));
    const outcome = who(await verifier.outcome(token));
    const message = outcome === 'is alice' ? '' : (await verifier.refusal(token)).message;
    return { outcome, message, asked: as.asked.map((one) => `${one.method} ${one.path}`), as };
  } finally {
    await as.goAway();
  }
}

test('metadata is looked for in the order of the specification', () => {
  const paths = (issuer: string) => metadataUrls(issuer).map(({ href }) => href);
  assert.equal(paths('https://as.example/tenant/1'), [
    'https://as.example/.well-known/oauth-authorization-server/tenant/1',
    'https://as.example/.well-known/openid-configuration/tenant/1',
    'https://as.example/tenant/1/.well-known/openid-configuration',
  ]);
  assert.equal(paths('https://as.example/tenant/'), [
    'https://as.example/.well-known/oauth-authorization-server/tenant',
    'https://as.example/.well-known/openid-configuration/tenant',
    'https://as.example/tenant/.well-known/openid-configuration',
  ]);
  for (const root of ['https://as.example', 'https://as.example/']) {
    assert.equal(paths(root), [
      'https://as.example/.well-known/oauth-authorization-server',
      'https://as.example/.well-known/openid-configuration',
    ]);
  }
});

test('an issuer that switches to another protocol counts as unreachable, at once', async () => {
  const server = createServer(({ socket }) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  const port = await listen(server, 0, '127.0.0.1');
  const fetchJson = createFetchJson(undefined, 60_000);
  const asking = fetchJson(new URL(`http://127.0.0.1:${port}/`)).catch((error: unknown) => error);
  assert.instance(await within(asking, 'a refusal'), IssuerUnreachable);
  await close(server, 0);
});

const forms: [path: string, at: string, tried: string[]][] = [
  ['', OAUTH, [OAUTH]],
  ['', OPENID, [OAUTH, OPENID]],
  ['/', OAUTH, [OAUTH]],
  ['/t', `${OAUTH}/t`, [`${OAUTH}/t`]],
  ['/t', `${OPENID}/t`, [`${OAUTH}/t`, `${OPENID}/t`]],
  ['/t', `/t${OPENID}`, [`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]],
  ['/t/', `/t${OPENID}`, [`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]],
];
for (const [path, at, tried] of forms) {
  test(`an issuer with the path "${path}" is found by its metadata at ${at}`, async () => {
    const { outcome, asked } = await outcomeOf((as) => {
      as.routes.delete(`${OAUTH}${path.replace(/\/$/, '')}`);
      as.routes.set(at, () => ({ body: as.metadata }));
    }, path);
    assert.is(outcome, 'is alice');
    assert.equal(
      asked,
      [...tried, '/jwks'].map((one) => `GET ${one}`),
    );
  });
}
test('the metadata of the origin does not vouch for a path of it', async () => {
  const { outcome, asked } = await outcomeOf((as) => {
    as.routes.delete(`${OAUTH}/t`);
    as.routes.set(OAUTH, () => ({ body: as.metadata }));
  }, '/t');
  assert.is(outcome, 'IssuerUnreachable');
  assert.not.ok(asked.includes('GET /jwks'));
});

const misnamed: [string, (as: TestIssuer) => unknown][] = [
  ['another issuer', () => 'https://evil.example'],
  ['the issuer with a slash at the end', (as) => `${as.issuer}/`],
  ['the issuer in upper case', (as) => as.issuer.toUpperCase()],
  ['a list', (as) => [as.issuer]],
  ['none', () => undefined],
];
for (const [title, issuer] of misnamed) {
  test(`metadata that names ${title} is not believed`, async () => {
    const { outcome, message, asked, as } = await outcomeOf((server) => {
      server.routes.set(OAUTH, () => ({ body: { ...server.metadata, issuer: issuer(server) } }));
    });
    assert.is(outcome, 'IssuerUnreachable');
    assert.ok(message.includes(`expected "issuer" ${as.issuer}, received`), message);
    assert.not.ok(asked.includes('GET /jwks'));
  });
}
test('metadata that names another issuer is skipped in favour of a later form that is right', async () => {
  const { outcome } = await outcomeOf((as) => {
    as.routes.set(OAUTH, () => ({ body: { ...as.metadata, issuer: 'https://evil.example' } }));
    as.routes.set(OPENID, () => ({ body: as.metadata }));
  });
  assert.is(outcome, 'is alice');
});
test('a page that answers every address is skipped in favour of a later form that is right', async () => {
  const { outcome } = await outcomeOf((as) => {
    as.routes.set(OAUTH, () => ({ headers: { 'content-type': 'text/html' }, body: '<!doctype html>' }));
    as.routes.set(OPENID, () => ({ body: as.metadata }));
  });
  assert.is(outcome, 'is alice');
});
test('an issuer in trouble is not asked for further forms', async () => {
  for (const status of [500, 503, 429]) {
    const { outcome, asked } = await outcomeOf((as) => as.routes.set(OAUTH, () => ({ status })));
    assert.is(outcome, 'IssuerUnreachable');
    assert.equal(asked, [`GET ${OAUTH}`]);
  }
});

const elsewhere = [
  'http://as.example/jwks',
  'ftp://127.0.0.1/jwks',
  'file:///etc/jwks',
  '/jwks',
  1,
  undefined,
];
for (const uri of [
  ...elsewhere,
  'https://user:secret@127.0.0.1/jwks',
  'http://127.0.0.1.evil.example/jwks',
]) {
  test(`keys are not fetched from ${uri}`, async () => {
    const sent: string[] = [];
    const send: typeof fetch = (input, init) => {
      sent.push(String(input));
      return fetch(input, init);
    };
    const { outcome, message } = await outcomeOf(
      (as) => as.routes.set(OAUTH, () => ({ body: { ...as.metadata, jwks_uri: uri } })),
      '',
      { fetch: send },
    );
    assert.is(outcome, 'IssuerUnreachable');
    assert.match(message, /the "jwks_uri" of http.* must be a safe URL, received/);
    assert.equal(
      sent.filter((url) => !url.includes('/.well-known/')),
      [],
    );
  });
}
test('an issuer of the network cannot send the verifier to a plain port of this machine', async () => {
  const sent: string[] = [];
  const issuer = 'https://as.example';
  const verifier = timed({
    issuers: [{ issuer }],
    fetch: async (input) => {
      sent.push(String(input));
      return Response.json({ issuer, jwks_uri: 'http://127.0.0.1:6379/' });
    },
  });
  await verifier.ready().then(
    () => assert.unreachable(),
    (error) => assert.instance(error, IssuerUnreachable),
  );
  assert.equal(sent, [`${issuer}${OAUTH}`]);
});

test('a redirect is not followed, neither for metadata nor for keys', async () => {
  for (const path of [OAUTH, '/jwks']) {
    for (const status of [301, 302, 307, 308]) {
      const { outcome, message, asked } = await outcomeOf((as) => {
        const answer = as.routes.get(path);
        assert.ok(answer !== undefined);
        as.routes.set('/moved', answer);
        as.routes.set(path, () => ({ status, headers: { location: `${as.origin}/moved` } }));
      });
      assert.is(outcome, 'IssuerUnreachable');
      assert.ok(message.includes(`answered with status ${status}`), message);
      assert.not.ok(asked.includes('GET /moved'));
    }
  }
});
test('a document of up to 1 MiB is read, and a longer one is not', async () => {
  const padded = (as: TestIssuer, size: number) => {
    const room = JSON.stringify({ ...as.metadata, pad: '' }).length;
    as.routes.set(OAUTH, () => ({ body: { ...as.metadata, pad: 'x'.repeat(size - room) } }));
  };
  assert.is((await outcomeOf((as) => padded(as, 1_048_576))).outcome, 'is alice');
  const { outcome, message } = await outcomeOf((as) => padded(as, 1_048_577));
  assert.is(outcome, 'IssuerUnreachable');
  assert.match(message, /answered with more than 1048576 bytes/);
});
test('a document that is not a key set has no keys', async () => {
  for (const body of ['', 'no JSON', '[]', 'null', '{}', '{"keys":{}}', '{"keys":"first"}']) {
    assert.is(
      (await outcomeOf((as) => as.routes.set('/jwks', () => ({ body })))).outcome,
      'IssuerUnreachable',
      body,
    );
  }
});
test('members of the set that are not keys are skipped', async () => {
  const { outcome } = await outcomeOf((as) => {
    const odd = [null, 1, 'key', [], {}, { kty: 1 }, { kty: 'new', kid: 'first' }];
    as.routes.set('/jwks', () => ({ body: { keys: [...odd, ...as.keys.map(({ jwk }) => jwk)] } }));
  });
  assert.is(outcome, 'is alice');
});
test('an issuer that does not answer is given up at the deadline', async () => {
  for (const path of [OAUTH, '/jwks']) {
    const never = new Promise<never>(() => {});
    const { outcome, message } = await outcomeOf((as) => as.routes.set(path, () => never), '', {
      fetchMs: 50,
    });
    assert.is(outcome, 'IssuerUnreachable');
    assert.match(message, /could not be asked within 50 ms/);
  }
});

test.run();
