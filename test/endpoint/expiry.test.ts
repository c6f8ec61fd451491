/** Tokens end while their clients go on: streams that last, sessions, and what is cached for a token. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Changes } from '../../src/index.js';
import { legacy, MODERN } from '../http/wire.js';
import { type HeldTime, inHeldTime } from '../support/time.js';
import { turn } from '../support/until.js';
import { at, bearing, call, closeGuarded, counted, type Guarded, guarded, ping } from './guarded.js';
import { EventReader, Peer } from './legacy-peer.js';

const test = suite('endpoint/expiry');
test.after(closeGuarded);

const sessions = { most: 10, idleMs: 30_000 };

/** A legacy client whose token can be exchanged. */
class Bearer extends Peer {
  token = '';
  static async begin(url: string, token: string): Promise<Bearer> {
    const peer = new Bearer(url);
    peer.token = token;
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const response = await peer.fetch('POST', { jsonrpc: '2.0', id: 0, method: 'initialize', params });
    await response.text();
    peer.session = response.headers.get('mcp-session-id') ?? undefined;
    return peer;
  }
  override fetch(method: string, body?: unknown, headers = {}): Promise<Response> {
    return super.fetch(method, body, { ...headers, ...bearing(this.token) });
  }
}

/** Moves the time to the start of that second: the stream ends then, and not before. */
async function endsAt(second: number, stream: EventReader, time: HeldTime): Promise<void> {
  await time.pass(second * 1_000 - Date.now() - 1);
  await turn();
  assert.not.ok(stream.ended);
  await time.pass(1);
  await stream.until(({ ended }) => ended);
}

async function listen({ url }: Guarded, token: string): Promise<EventReader> {
  const params = { notifications: { toolsListChanged: true }, _meta: MODERN };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...bearing(token),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: legacy('subscriptions/listen', params),
  });
  return new EventReader(response.status, response.headers.get('content-type') ?? '', response.body);
}

test('the stream of a listening client ends when its token ends, and others go on', () =>
  inHeldTime(async (time) => {
    const bench = await guarded({ operatorSecret: 'secret' });
    const [short, long] = [at(3), at(60)];
    const [ending, lasting] = [
      await listen(bench, bench.token({ exp: short })),
      await listen(bench, bench.token({ exp: long })),
    ];
    await ending.message('notifications/subscriptions/acknowledged');
    await endsAt(short, ending, time);
    const last = ending.messages.at(-1);
    assert.equal([last?.id, 'result' in (last ?? {})], [1, true]);
    assert.not.ok(lasting.ended);
    const metrics = await (await fetch(new URL('/metrics/secret', bench.url))).text();
    assert.match(metrics, 'mcp_listeners 1\n');
    lasting.leave();
  }));
test('a GET stream ends with its token, and the session tells the rest to a client that comes back', () =>
  inHeldTime(async (time) => {
    const changes = new Changes();
    const bench = await guarded({ sessions, changes });
    const exp = at(3);
    const peer = await Bearer.begin(bench.url, bench.token({ exp }));
    const stream = await peer.listen();
    changes.emit({ kind: 'tools' });
    await stream.message('notifications/tools/list_changed');
    const other = await Bearer.begin(bench.url, bench.token());
    const lasting = await other.listen();
    await endsAt(exp, stream, time);
    assert.not.ok(lasting.ended);
    changes.emit({ kind: 'prompts' });
    peer.token = bench.token();
    const again = await peer.listen(stream.lastId);
    await again.message('notifications/prompts/list_changed');
    assert.is(again.messages.length, 1);
    again.leave();
    lasting.leave();
  }));
test('a resumed stream ends with the token of the caller who resumed it', () =>
  inHeldTime(async (time) => {
    const changes = new Changes();
    const bench = await guarded({ sessions, changes });
    const peer = await Bearer.begin(bench.url, bench.token());
    const first = await peer.listen();
    changes.emit({ kind: 'tools' });
    await first.message('notifications/tools/list_changed');
    const exp = at(2);
    peer.token = bench.token({ exp });
    const again = await peer.listen(first.lastId);
    assert.is(again.status, 200);
    await endsAt(exp, again, time);
  }));
test('a call that began with a good token is finished', () =>
  inHeldTime(async (time) => {
    const slow = counted('slow');
    const tool = {
      ...slow.tool,
      handler: async () => {
        await time.pass(2_100);
        return { content: [{ type: 'text' as const, text: 'done' }] };
      },
    };
    const { post, token } = await guarded({ tools: [tool] }, { clockToleranceS: 0 });
    const answer = await post(token({ exp: at(2) }), call('slow'));
    assert.equal([answer.status, answer.body.result?.content?.[0]?.text], [200, 'done']);
  }));
test('a token that ends between two requests of a session is refused, whether it was cached or not', () =>
  inHeldTime(async (time) => {
    for (const cacheMs of [0, 60_000]) {
      const bench = await guarded({ sessions }, { clockToleranceS: 0, cacheMs });
      const exp = at(3);
      const peer = await Bearer.begin(bench.url, bench.token({ exp }));
      assert.is((await peer.request(1, 'ping')).status, 200);
      await time.pass(exp * 1_000 - Date.now());
      assert.is((await peer.request(2, 'ping')).status, 401);
      assert.is(bench.refusals.at(-1)?.reason, 'expired');
      peer.token = bench.token();
      assert.is((await peer.request(3, 'ping')).status, 200);
    }
  }));
test('a small clock difference is accepted, up to the configured tolerance', async () => {
  const { post, token } = await guarded({}, { clockToleranceS: 3 });
  assert.is((await post(token({ exp: at(-1) }), ping)).status, 200);
  assert.is((await post(token({ exp: at(-3) }), ping)).status, 401);
});
test('a revoked token is refused once it is no longer cached', () =>
  inHeldTime(async (time) => {
    const { issuer: believed } = await guarded();
    const introspection = { clientId: 'barewire', clientSecret: 'a secret' };
    const bench = await guarded(
      {},
      { issuers: [{ issuer: believed.issuer, introspection }], cacheMs: 300 },
      believed,
    );
    const { post, claims, issuer, refusals } = bench;
    issuer.opaque.set('opaque', { active: true, ...claims() });
    for (let times = 0; times < 3; times += 1) assert.is((await post('opaque', ping)).status, 200);
    assert.is(issuer.count('/introspect'), 1);
    issuer.opaque.set('opaque', { active: false });
    await time.pass(310);
    assert.is((await post('opaque', ping)).status, 401);
    assert.equal([refusals[0]?.reason, refusals.length], ['inactive', 1]);
    issuer.opaque.set('opaque', { active: true, ...claims() });
    await time.pass(310);
    assert.is((await post('opaque', ping)).status, 200, 'a refusal was cached for longer than a token');
  }));
test('a withdrawn key no longer counts once neither it nor the token is cached', () =>
  inHeldTime(async (time) => {
    const { post, token, issuer, refusals } = await guarded(
      {},
      { cacheMs: 200, keysMaxAgeMs: 200, keysCooldownMs: 0 },
    );
    const old = token();
    assert.is((await post(old, ping)).status, 200);
    issuer.rotate('next');
    await time.pass(210);
    assert.is((await post(old, ping)).status, 401);
    assert.is(refusals[0]?.reason, 'key');
    assert.is((await post(token(), ping)).status, 200);
  }));

test.run();
