import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint } from '../../src/index.js';
import {
  dial,
  hasRead,
  headerOf,
  legacy,
  modernCall,
  raw,
  requestText,
  type Sent,
  statusOf,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { until } from '../support/until.js';
import { at, bearing, call, closeGuarded, counted, guarded, ping, startIssuer } from './guarded.js';

const test = suite('endpoint/protection');
test.after(closeGuarded);

const send = (port: number, { headers, ...sent }: Sent, target?: string): Promise<string> =>
  raw(port, requestText({ ...sent, headers: { ...headers, connection: 'close' } }, target));

test('a foreign host or origin is refused before any token is looked at', async () => {
  const { port, token, refusals } = await guarded();
  for (const foreign of [{ host: 'evil.test' }, { origin: 'https://evil.test' }]) {
    for (const authorization of [
      'Bearer rubbish',
      `Bearer ${token()}`,
      'Basic a\r\nauthorization: Basic b',
    ]) {
      const answer = await send(port, { body: ping, headers: { ...foreign, authorization } });
      assert.is(statusOf(answer), 403);
      assert.is(headerOf(answer, 'www-authenticate'), undefined);
    }
  }
  assert.equal(refusals, []);
});
test('probes and preflights need no token', async () => {
  const { port, url, refusals } = await guarded();
  for (const path of ['/healthz', '/readyz']) {
    assert.is((await fetch(new URL(path, url))).status, 200, path);
  }
  const preflight = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' };
  const answer = await send(port, { method: 'OPTIONS', headers: preflight });
  assert.is(statusOf(answer), 204);
  assert.match(headerOf(answer, 'access-control-allow-headers') ?? '', /\bAuthorization\b/);
  assert.equal(refusals, []);
});
test('without a token nothing else is checked: not method, types, length, session or body', async () => {
  const { port, url, refusals } = await guarded({ sessions: { most: 5, idleMs: 1_000 } });
  const requests: readonly Sent[] = [
    { method: 'PUT' },
    { method: 'OPTIONS' },
    { method: 'GET', headers: { accept: 'text/plain' } },
    { method: 'DELETE', headers: { 'mcp-session-id': 'none' } },
    { headers: { accept: 'text/html' }, body: ping },
    { headers: { 'content-type': 'text/plain' }, body: ping },
    { headers: { 'content-length': '99999999' } },
    { headers: { expect: 'the-impossible' }, body: ping },
    { headers: { 'mcp-session-id': 'none' }, body: ping },
    { body: 'no json' },
    { body: '[]' },
    { headers: { 'mcp-protocol-version': '1999-01-01' }, body: ping },
  ];
  for (const sent of requests) {
    const answer = await send(port, sent);
    assert.is(statusOf(answer), 401, JSON.stringify(sent));
    assert.match(
      headerOf(answer, 'www-authenticate') ?? '',
      /^Bearer scope="bench:read", resource_metadata="http:/,
    );
  }
  assert.equal(new Set(refusals.map(({ reason }) => reason)), new Set(['missing']));
  assert.is(refusals.length, requests.length);
  assert.is((await fetch(new URL('/elsewhere', url), { method: 'POST' })).status, 404);
});
test('with a token each of them is reported', async () => {
  const { port, token } = await guarded({ sessions: { most: 5, idleMs: 1_000 } });
  const authorization = `Bearer ${token()}`;
  for (const [sent, status] of [
    [{ method: 'PUT' }, 405],
    [{ method: 'OPTIONS' }, 204],
    [{ method: 'GET', headers: { accept: 'text/plain' } }, 406],
    [{ method: 'DELETE', headers: { 'mcp-session-id': 'none' } }, 404],
    [{ headers: { accept: 'text/html' }, body: ping }, 406],
    [{ headers: { 'content-type': 'text/plain' }, body: ping }, 415],
    [{ headers: { 'content-length': '99999999' } }, 413],
    [{ headers: { expect: 'the-impossible' }, body: ping }, 417],
    [{ headers: { 'mcp-session-id': 'none' }, body: ping }, 404],
    [{ body: 'no json' }, 400],
  ] as [Sent, number][]) {
    const answer = await send(port, { ...sent, headers: { authorization, ...sent.headers } });
    assert.is(statusOf(answer), status, JSON.stringify(sent));
  }
});
test('a body is not requested while the token is missing', async () => {
  const { port } = await guarded();
  const head = requestText({ headers: { expect: '100-continue', 'content-length': '1000' } });
  assert.match(await raw(port, head), /^HTTP\/1.1 401 /);
});
test('a page may read why it was refused, and when to come back', async () => {
  const { port } = await guarded();
  const answer = await send(port, { body: ping, headers: { origin: 'http://localhost:5173' } });
  assert.is(statusOf(answer), 401);
  assert.is(headerOf(answer, 'access-control-allow-origin'), 'http://localhost:5173');
  assert.match(headerOf(answer, 'access-control-expose-headers') ?? '', /Retry-After, WWW-Authenticate/);
});
test('each request on a connection is checked, whatever the previous one carried', async () => {
  const { tool, runs } = counted('t');
  const { port, token } = await guarded({ tools: [tool] });
  const wire = dial(port).send(requestText({ body: call('t'), headers: bearing(token()) }));
  await wire.until((text) => text.includes('"result"'));
  wire.send(requestText({ body: call('t') }));
  await wire.until((text) => text.includes('HTTP/1.1 401'));
  assert.is(runs(), 1);
  wire.socket.destroy();
});
test('a client that is still sending a short body is told why it was refused, and continues on the same connection', async () => {
  const { tool, runs } = counted('t');
  const { port, token } = await guarded({ tools: [tool] });
  const request = requestText({ body: call('t') });
  const at = request.indexOf('\r\n\r\n') + 4;
  const wire = dial(port).send(request.slice(0, at));
  await wire.until((text) => text.includes('HTTP/1.1 401'));
  assert.not.match(wire.text, /^connection: close/im);
  wire.send(request.slice(at) + requestText({ body: call('t'), headers: bearing(token()) }));
  await wire.until((text) => text.includes('"result"'));
  assert.is(runs(), 1);
  wire.socket.destroy();
});
test('a long body is not waited for', async () => {
  const { port } = await guarded();
  const answer = await raw(port, requestText({ headers: { 'content-length': String(64 * 1024 + 1) } }));
  assert.equal([statusOf(answer), headerOf(answer, 'connection')], [401, 'close']);
});
test('nothing runs without a token, in either era', async () => {
  const { tool, runs } = counted('t');
  const { url, post, token } = await guarded({ tools: [tool] });
  const modern = modernCall('t');
  for (const bad of ['', 'rubbish', token({ aud: 'https://other.example' })]) {
    assert.is((await post(bad, call('t'))).status, 401);
    assert.is((await post(bad, modern.body, modern.headers)).status, 401);
  }
  assert.is(runs(), 0);
  assert.is((await post(token(), call('t'))).status, 200);
  assert.is((await post(token(), modern.body, modern.headers)).status, 200);
  assert.is(runs(), 2, url);
});
test('a token for one server is refused by the other of the same issuer', async () => {
  const one = await guarded();
  const other = await guarded({}, {}, one.issuer);
  assert.is((await one.post(one.token(), ping)).status, 200);
  assert.is((await other.post(one.token(), ping)).status, 401);
  assert.is(other.refusals[0]?.reason, 'audience');
  assert.ok(other.refusals[0]?.detail.includes(one.url) && other.refusals[0].detail.includes(other.url));
});

test('while the issuer is away the server is not ready and accepts nothing, and recovers by itself', () =>
  inHeldTime(async (time) => {
    const { url, post, token, issuer, errors } = await guarded({}, { keysMaxAgeMs: 50, cacheMs: 0 });
    const ready = async (): Promise<[number, string]> => {
      const response = await fetch(new URL('/readyz', url));
      return [response.status, await response.text()];
    };
    const good = token();
    assert.equal(await ready(), [200, '{"status":"ready"}']);
    assert.is((await post(good, ping)).status, 200);
    await issuer.goAway();
    await time.pass(60);
    assert.equal(await ready(), [503, '{"status":"not ready"}']);
    const refused = await post(good, ping);
    assert.equal(
      [refused.status, refused.headers.get('retry-after'), refused.body.error?.code],
      [200, '5', 503],
    );
    assert.is(refused.headers.get('www-authenticate'), null);
    assert.not.match(refused.text, issuer.origin);
    // Only a legacy request is refused in band, under its id; a message without an answer keeps the status.
    assert.match(refused.text, '"id":1,');
    const { body, headers } = modernCall('t');
    const notified = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const large = legacy('tools/call', { name: 't', arguments: { text: 'a'.repeat(70_000) } });
    for (const [text, given] of [
      [body, headers],
      [notified, {}],
      [large, {}],
      ['{', {}],
      [ping, { accept: 'text/event-stream' }],
      [ping, { 'content-type': 'text/plain' }],
    ] as const) {
      const answer = await post(good, text, given);
      assert.equal([answer.status, answer.body.error?.code], [503, 503]);
      assert.not.match(answer.text, '"id"');
    }
    assert.match(errors.join(), 'http.not-ready');
    await issuer.comeBack();
    await until(async () => {
      await time.pass(1_000);
      return (await ready())[0] === 200;
    }, 'a server that is ready again');
    assert.is((await post(good, ping)).status, 200);
  }));
test('refusals are counted by their reason', async () => {
  const { url, post, token } = await guarded({ operatorSecret: 'secret' });
  await post('', ping);
  await post('', ping);
  await post('rubbish', ping);
  await post(token({ exp: at(-60) }), ping);
  await post(token({ scope: 'none' }), call('t'));
  await post(token(), ping);
  const text = await (await fetch(new URL('/metrics/secret', url))).text();
  const counts = text.split('\n').filter((line) => line.startsWith('mcp_authorization_refused_total'));
  assert.equal(counts.sort(), [
    'mcp_authorization_refused_total{reason="expired"} 1',
    'mcp_authorization_refused_total{reason="insufficient_scope"} 1',
    'mcp_authorization_refused_total{reason="malformed"} 1',
    'mcp_authorization_refused_total{reason="missing"} 2',
  ]);
});
test('a log that fails affects no refusal', async () => {
  const onRefused = (): never => {
    throw new Error('the disk is full');
  };
  const { post, token, errors } = await guarded({}, { onRefused });
  assert.is((await post('', ping)).status, 401);
  assert.is((await post('rubbish', ping)).status, 401);
  const refused = await post(token({ scope: '' }), call('t'));
  assert.equal([refused.status, refused.body.error?.data?.scope], [403, 'bench:read']);
  assert.equal(errors, Array(3).fill('auth.hook-failed: Error: the disk is full'));
});
test('clients are told which scopes to ask for first: the configured ones, else those of the tools', async () => {
  const tools = [
    toolOf('a', { scope: 'a' }),
    toolOf('b', { scope: 'b', destructive: true }),
    toolOf('c', { scope: 'a' }),
  ];
  const asked = async (auth: object): Promise<unknown> => {
    const { post, url } = await guarded({ tools }, auth);
    const document = (await (await fetch(new URL('/.well-known/oauth-protected-resource', url))).json()) as {
      scopes_supported: string[];
    };
    return [(await post('', ping)).body.error?.data?.scope, document.scopes_supported];
  };
  assert.equal(await asked({}), ['a b', ['a', 'b']]);
  assert.equal(await asked({ scopes: ['b'] }), ['b', ['b']]);
});
test('an endpoint that cannot verify any token is not created', async () => {
  const issuer = (await startIssuer()).issuer;
  const problem = (url: string, issuers: { issuer: string }[]): string => {
    try {
      createEndpoint({ name: 'b', version: '1', tools: [], url, auth: { issuers } });
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
    return '';
  };
  assert.match(problem('https://mcp.example.com/mcp', []), /at least one issuer/);
  assert.match(
    problem('https://mcp.example.com/mcp', [{ issuer: 'http://issuer.example' }]),
    /must be an https URL/,
  );
  assert.match(
    problem('http://mcp.example.com/mcp', [{ issuer }]),
    /^http:\/\/mcp.example.com\/mcp cannot be .*in the clear/,
  );
  assert.is(problem('https://mcp.example.com/mcp', [{ issuer }]), '');
});
test('a client that leaves while its token is checked leaves nothing behind', async () => {
  const { url, port, issuer, token, errors } = await guarded({ operatorSecret: 'secret' });
  let answer = (): void => {};
  const asked = new Promise<void>((started) => {
    issuer.routes.set('/jwks', () => {
      started();
      return new Promise((resolve) => {
        answer = () => resolve({ body: { keys: issuer.keys.map(({ jwk }) => jwk) } });
      });
    });
  });
  const wire = dial(port).send(requestText({ body: legacy('ping'), headers: bearing(token()) }));
  await asked;
  wire.socket.destroy();
  await hasRead(port);
  answer();
  const metrics = await until(async () => {
    const text = await (await fetch(new URL('/metrics/secret', url))).text();
    return text.includes('mcp_requests_in_flight 0') && text;
  }, 'nothing is in flight');
  assert.not.match(metrics, 'method="ping"');
  assert.equal(errors, []);
});

test.run();
