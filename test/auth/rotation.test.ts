/** Keys that rotate while clients call, and an issuer that goes away and comes back: over the wire, under load. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, closeGuarded, counted, guarded, ping, startIssuer } from '../endpoint/guarded.js';
import { makeKey, type SigningKey, signToken } from '../support/issuer.js';
import { inHeldTime } from '../support/time.js';
import { until } from '../support/until.js';

const test = suite('auth/rotation');
test.after(closeGuarded);

const CLIENTS = 20;
const ROTATIONS = 5;

test('keys rotate five times under twenty clients, and no valid token is refused', () =>
  inHeldTime(async (time) => {
    const issuer = await startIssuer();
    const { tool, runs } = counted('t');
    // No token is cached, so each call looks up its key.
    const { post, claims, refusals } = await guarded(
      { tools: [tool] },
      { cacheMs: 0, keysCooldownMs: 50 },
      issuer,
    );
    const made = Array.from({ length: ROTATIONS + 1 }, (_, index) => makeKey('ES256', `key-${index}`));
    const [first] = made as [SigningKey];
    /** The newest signs; the one before it still counts. */
    issuer.keys = [first];
    const outcomes = new Map<string, number>();
    let going = true;
    let serial = 0;

    async function client(): Promise<void> {
      while (going) {
        const key = issuer.keys[serial % issuer.keys.length] ?? first;
        serial += 1;
        const token = signToken(key, claims({ jti: `t${serial}` }));
        const { status } = await post(
          token,
          JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't' } }),
        );
        // By the time of the answer it may be two keys old, and may then be refused.
        if (!issuer.keys.includes(key)) continue;
        outcomes.set(`${key.kid} ${status}`, (outcomes.get(`${key.kid} ${status}`) ?? 0) + 1);
      }
    }
    const clients = Array.from({ length: CLIENTS }, client);
    const used = async ({ kid }: SigningKey): Promise<void> => {
      await until(
        () => [...outcomes.keys()].some((outcome) => outcome.startsWith(`${kid} `)),
        `a use of ${kid}`,
      );
      // Longer than the cooldown: within it nobody asks for keys twice.
      await time.pass(150);
    };
    await used(first);
    for (const key of made.slice(1)) {
      issuer.keys = [...issuer.keys.slice(-1), key];
      await used(key);
    }
    going = false;
    await Promise.all(clients);

    const seen = [...outcomes.keys()].sort();
    assert.equal(
      seen,
      made.map(({ kid }) => `${kid} 200`),
      `${seen} ${refusals[0]?.detail}`,
    );
    const accepted = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(runs() >= accepted && accepted > CLIENTS * ROTATIONS, `only ${accepted} calls`);
    // Each rotation costs about one request, however many clients there are.
    const asked = issuer.count('/jwks');
    assert.ok(asked >= ROTATIONS + 1 && asked <= 4 * (ROTATIONS + 1), `${asked} questions`);

    issuer.keys = issuer.keys.slice(-1);
    assert.is((await post(signToken(first, claims()), ping)).status, 401, 'the first key still counts');
  }));
test('a flood of tokens with unknown keys does not become a flood of requests', async () => {
  const { post, claims, token, issuer } = await guarded({}, { cacheMs: 0 });
  assert.is((await post(token(), ping)).status, 200);
  const before = issuer.asked.length;
  const began = performance.now();
  const stray = Array.from({ length: 5 }, (_, index) => makeKey('ES256', `stray-${index}`));
  const answers: Answer[] = [];
  for (let round = 0; round < 10; round += 1) {
    answers.push(...(await Promise.all(stray.map((key) => post(signToken(key, claims()), ping)))));
    assert.is((await post(token(), ping)).status, 200);
  }
  assert.equal(new Set(answers.map(({ status }) => status)), new Set([401]));
  // One request every two seconds.
  const most = 1 + Math.ceil((performance.now() - began) / 2_000);
  assert.ok(issuer.asked.length - before <= most, `${issuer.asked.length - before} questions`);
});
test('an issuer that goes away stops everything that needs it, fails closed, and is trusted again when it is back', () =>
  inHeldTime(async (time) => {
    const keysMaxAgeMs = 400;
    const { tool, runs } = counted('t');
    const { post, token, issuer, refusals } = await guarded({ tools: [tool] }, { cacheMs: 0, keysMaxAgeMs });
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't' } });
    const good = token();
    assert.is((await post(good, call)).status, 200);

    await issuer.goAway();
    const still = await post(good, call);
    assert.is(still.status, 200, 'its keys are still trusted');
    await time.pass(keysMaxAgeMs + 10);
    const before = runs();
    const asked = issuer.asked.length;
    for (let times = 0; times < 20; times += 1) {
      const refused = await post(good, call);
      assert.equal([refused.body.error?.code, refused.headers.get('retry-after')], [503, '5']);
    }
    assert.is(runs(), before);
    assert.is(issuer.asked.length, asked);
    assert.equal(new Set(refusals.map(({ reason }) => reason)), new Set(['unreachable']));
    // A token that is bad whatever its key is refused for that reason.
    assert.is((await post('rubbish', call)).status, 401);

    await issuer.comeBack();
    await until(async () => {
      await time.pass(1_000);
      return (await post(good, call)).body.error === undefined;
    }, 'a server that believes the issuer again');
    assert.ok(runs() > before);
  }));
test('a server may start before its issuer', async () => {
  const early = await startIssuer();
  await early.goAway();
  const { post, token } = await guarded({}, {}, early);
  assert.is((await post('', ping)).status, 401);
  assert.is((await post(token(), ping)).body.error?.code, 503);
  await early.comeBack();
  await until(
    async () => (await post(token(), ping)).body.error === undefined,
    'a server that has found its issuer',
  );
});
test('an issuer that is away does not stop the tokens of another', async () => {
  const [away, there] = [await startIssuer(), await startIssuer()];
  const issuers = [{ issuer: away.issuer }, { issuer: there.issuer }];
  const { post, token, claims } = await guarded({}, { issuers }, away);
  await away.goAway();
  // With several issuers every token has to name its tenant.
  const tenant = 'acme';
  assert.is((await post(token({ tenant }), ping)).body.error?.code, 503);
  assert.is((await post(there.sign(claims({ iss: there.issuer, tenant })), ping)).status, 200);
  await away.comeBack();
});

test.run();
