/** Two endpoints that are one server, over any shared state: `open` returns one more view of it. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EndpointOptions, elicit, type SharedState } from '../../src/index.js';
import type { JsonObject } from '../../src/wire/value.js';
import { hasRead, held, type Stand, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { listens } from '../support/listens.js';
import { inHeldTime } from '../support/time.js';
import { turn, until } from '../support/until.js';
import { Peer } from './legacy-peer.js';

export type ReplicasBench = { open(): SharedState };

const FORM = elicit('Go on?', { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] });
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const asking = toolOf('asking', {
  handler: async (_args, { ask }) => text(JSON.stringify((await ask('go', FORM)).content)),
});
const logging = toolOf('logging', {
  handler: (_args, { log }) => {
    log('debug', 'small');
    return text('logged');
  },
});
const note = { uri: 'note://a', name: 'a', read: () => [{ uri: 'note://a', text: 'a' }] };
export const SESSIONS = { most: 10, idleMs: 60_000 };
export const CAN = { elicitation: {} };

let servers = 0;

/** Replicas of a server of their own. */
export async function pair(
  { open }: ReplicasBench,
  given: Partial<EndpointOptions> = {},
): Promise<[Stand, Stand]> {
  servers += 1;
  const options = {
    name: `bench-${servers}`,
    tools: [asking, logging],
    resources: [note],
    sessions: SESSIONS,
    logging: true,
    tasks: true,
    ...given,
  };
  const states = [open(), open()] as const;
  const both: [Stand, Stand] = [
    await stand({ ...options, state: states[0] }),
    await stand({ ...options, state: states[1] }),
  ];
  for (const state of states) await listens(state);
  return both;
}

/** The same client, whose next requests go to another replica. */
export function ledTo({ url }: { url: string }, { session, revision, always }: Peer): Peer {
  return Object.assign(new Peer(url, always), { session, revision });
}

export async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

const ping = { jsonrpc: '2.0', id: 99, method: 'ping' };
const cancelled = (requestId: number) => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

export function sessionTests(test: Test, bench: () => ReplicasBench): void {
  test('a session that was begun at one replica goes on at the other, in the revision of its handshake', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url, {}, '2024-11-05');
    const there = ledTo(b, peer);
    there.revision = '2025-11-25';
    const { tools } = (await (await there.request(1, 'tools/list')).message(1)).result as {
      tools: JsonObject[];
    };
    assert.is(tools[0]?.title, undefined);
    assert.equal([a.errors, b.errors], [[], []]);
  });
  test('a session is unknown to any other principal, even at the replica that takes it over', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const [x] = await pair(bench());
    assert.is(await statusOf(ledTo(x, peer).fetch('POST', ping)), 404, 'another server of the same state');
    assert.is(await statusOf(ledTo(b, peer).fetch('POST', ping)), 200);
    for (const odd of ['never', '../x', '00000000-0000-4000-8000-000000000000']) {
      const stranger = Object.assign(new Peer(b.url), { session: odd });
      assert.is(await statusOf(stranger.fetch('POST', ping)), 404);
    }
  });
  test('DELETE at one replica ends the session at all of them, and the stream at the other', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const stream = await peer.listen();
    assert.is(await statusOf(ledTo(b, peer).fetch('DELETE')), 204);
    await stream.until(({ ended }) => ended);
    assert.is(await statusOf(peer.fetch('POST', ping)), 404);
    assert.is(await statusOf(ledTo(b, peer).fetch('POST', ping)), 404);
  });
  test('an answer that reaches the other replica lets the call go on', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url, CAN);
    const call = await peer.call(1, 'asking');
    const { id } = await call.message('elicitation/create');
    const there = ledTo(b, peer);
    const answer = { jsonrpc: '2.0', id, result: { action: 'accept', content: { yes: 'from afar' } } };
    for (const forged of ['server-1', 'server-0123456789ab-1', `${id}0000000000`]) {
      const status = await statusOf(there.fetch('POST', { ...answer, id: forged }));
      // A new replica does not yet report that another is gone.
      assert.ok([400, 202].includes(status), String(status));
    }
    const stranger = await Peer.open(b.url, CAN);
    const strange = { ...answer, result: { action: 'accept', content: { yes: 'from a stranger' } } };
    await statusOf(stranger.fetch('POST', strange));
    assert.is(await statusOf(there.fetch('POST', answer)), 202);
    // What replicas forward arrives in its order: an answer of another session, which came before, settled nothing.
    assert.ok(JSON.stringify(await call.message(1)).includes('from afar'));
  });
  test('a call that waits for its client when its replica stops has time to get an answer through the other', async () => {
    const [a, b] = await pair(bench(), { bounds: { drainMs: 60_000 } });
    const peer = await Peer.open(a.url, CAN);
    const listening = await peer.listen();
    const call = await peer.call(1, 'asking');
    const { id } = await call.message('elicitation/create');
    const closed = a.close();
    await listening.until(({ ended }) => ended);
    const result = { action: 'accept', content: { yes: 'in time' } };
    assert.is(await statusOf(ledTo(b, peer).fetch('POST', { jsonrpc: '2.0', id, result })), 202);
    assert.ok(JSON.stringify(await call.message(1)).includes('in time'));
    await closed;
  });
  test('questions of one session that are asked at both replicas have different ids', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url, CAN);
    const there = ledTo(b, peer);
    const calls = [await peer.call(1, 'asking'), await there.call(2, 'asking')] as const;
    const ids = [
      (await calls[0].message('elicitation/create')).id,
      (await calls[1].message('elicitation/create')).id,
    ];
    assert.is.not(ids[0], ids[1]);
    // Each answered at the other one.
    for (const [at, [id, by]] of [[ids[0], there] as const, [ids[1], peer] as const].entries()) {
      const result = { action: 'accept', content: { yes: `answer ${at}` } };
      assert.is(await statusOf(by.fetch('POST', { jsonrpc: '2.0', id, result })), 202);
    }
    assert.ok(JSON.stringify(await calls[0].message(1)).includes('answer 0'));
    assert.ok(JSON.stringify(await calls[1].message(2)).includes('answer 1'));
  });
  test('a cancellation that reaches the other replica stops the call, of its own session alone', async () => {
    const { tool, started } = held();
    const [a, b] = await pair(bench(), { tools: [tool], bounds: { keepAliveMs: 50 } });
    const peer = await Peer.open(a.url);
    const call = await peer.call(7, 'held');
    const signal = await started;
    const stranger = await Peer.open(b.url);
    const theirs = { ...cancelled(7), params: { requestId: 7, reason: 'a stranger' } };
    await statusOf(stranger.fetch('POST', theirs));
    const own = { ...cancelled(7), params: { requestId: 7, reason: 'its own session' } };
    assert.is(await statusOf(ledTo(b, peer).fetch('POST', own)), 202);
    await until(() => signal.aborted, 'the call being stopped');
    // What replicas forward arrives in its order: the stranger's, which came before, stopped nothing.
    assert.match(String(signal.reason), 'its own session');
    await call.until(({ ended }) => ended);
  });
  test('the log level that was set at one replica holds at the other', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const there = ledTo(b, peer);
    const said = async (by: Peer, id: number): Promise<number> => {
      const call = await by.call(id, 'logging');
      await call.message(id);
      return call.messages.length;
    };
    assert.equal([await said(peer, 1), await said(there, 2)], [1, 1]);
    await (await there.request(3, 'logging/setLevel', { level: 'debug' })).message(3);
    assert.equal([await said(there, 4), await said(peer, 5)], [2, 2], 'at once');
  });
  test('a resource that was subscribed to at one replica is reported over the stream at the other', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const there = ledTo(b, peer);
    const stream = await peer.listen();
    await (await there.request(1, 'resources/subscribe', { uri: 'note://a' })).message(1);
    // At once, and at either replica, in the order of the settings.
    a.changed({ kind: 'resource', uri: 'note://a' });
    await stream.message('notifications/resources/updated');
    b.changed({ kind: 'resource', uri: 'note://b' });
    b.changed({ kind: 'tools' });
    await stream.message('notifications/tools/list_changed');
    assert.is(stream.messages.length, 2);
    await (await there.request(2, 'resources/unsubscribe', { uri: 'note://a' })).message(2);
    b.changed({ kind: 'resource', uri: 'note://a' });
    b.changed({ kind: 'prompts' });
    await stream.message('notifications/prompts/list_changed');
    assert.is(stream.messages.length, 3);
  });
  test('a GET stream that is opened at one replica ends the one at the other: no message goes over both', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const first = await peer.listen();
    const second = await ledTo(b, peer).listen();
    await first.until(({ ended }) => ended);
    a.changed({ kind: 'tools' });
    await second.message('notifications/tools/list_changed');
    assert.equal([first.messages.length, second.messages.length], [0, 1]);
  });
  test('a call that lost its stream is resumed at the other replica, while it runs and afterwards', async () => {
    let goOn = (): void => {};
    const goesOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const counting = toolOf('counting', {
      handler: async (_args, { progress, releaseStream }) => {
        releaseStream();
        for (let count = 1; count <= 20; count += 1) {
          if (count === 11) await goesOn;
          progress(count);
          await turn();
        }
        return text('counted');
      },
    });
    const [a, b] = await pair(bench(), { tools: [counting] });
    const peer = await Peer.open(a.url);
    const call = await peer.call(1, 'counting', {}, { progressToken: 1 });
    await call.until(({ ended }) => ended);
    const there = ledTo(b, peer);
    const back = await there.listen(call.lastId);
    await back.until(({ messages }) => messages.length >= 3);
    // Lost once more, and resumed where it runs.
    const { lastId } = back;
    back.leave();
    const last = await peer.listen(lastId);
    goOn();
    await last.message(1);
    await last.until(({ ended }) => ended);
    const again = await there.listen(call.lastId);
    assert.equal((await again.message(1)).result, text('counted'));
    await again.until(({ ended }) => ended);
    const counts = (messages: JsonObject[]) =>
      messages.flatMap(({ params }) => (params as { progress?: number } | undefined)?.progress ?? []);
    assert.equal(
      counts(again.messages),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    const before = counts(back.messages.slice(0, back.events.findIndex(({ id }) => id === lastId) + 1));
    assert.equal([...before, ...counts(last.messages)], counts(again.messages));
    const stranger = await Peer.open(b.url);
    assert.is(await statusOf(stranger.fetch('GET', undefined, { 'last-event-id': call.lastId })), 400);
    assert.is(await statusOf(there.fetch('GET', undefined, { 'last-event-id': `${call.lastId}9999` })), 400);
  });
  test('a lost GET stream is resumed at the other replica, with the missed messages', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const other = await (await Peer.open(a.url)).listen();
    const first = await peer.listen();
    a.changed({ kind: 'tools' });
    await first.message('notifications/tools/list_changed');
    first.leave();
    await hasRead(a.port);
    b.changed({ kind: 'prompts' });
    // When another session at the first replica is notified, this one has missed it.
    await other.message('notifications/prompts/list_changed');
    const back = await ledTo(b, peer).listen(first.lastId);
    b.changed({ kind: 'resources' });
    await back.message('notifications/resources/list_changed');
    assert.equal(
      back.messages.map(({ method }) => method),
      ['notifications/prompts/list_changed', 'notifications/resources/list_changed'],
    );
    assert.is(await statusOf(ledTo(b, peer).fetch('DELETE')), 204);
    await back.until(({ ended }) => ended);
  });
  test('a GET stream whose replica is gone starts again: everything may have changed meanwhile', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    await (await peer.request(1, 'resources/subscribe', { uri: 'note://a' })).message(1);
    const first = await peer.listen();
    a.changed({ kind: 'tools' });
    await first.message('notifications/tools/list_changed');
    await a.close();
    const back = await ledTo(b, peer).listen(first.lastId);
    await back.message('notifications/resources/updated');
    assert.equal(
      back.messages.map(({ method }) => method),
      [
        'notifications/tools/list_changed',
        'notifications/resources/list_changed',
        'notifications/resources/updated',
      ],
    );
  });
  test('a session whose replica has stopped goes on at the other', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    await (await peer.request(1, 'resources/subscribe', { uri: 'note://a' })).message(1);
    await a.close();
    const there = ledTo(b, peer);
    const stream = await there.listen();
    b.changed({ kind: 'resource', uri: 'note://a' });
    await stream.message('notifications/resources/updated');
  });
  test('a session that replicas share gives its place to another, and is taken up again', async () => {
    const [a] = await pair(bench(), { sessions: { most: 1, idleMs: 60_000 } });
    const first = await Peer.open(a.url);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const open = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    assert.match(await (await new Peer(a.url).fetch('POST', open)).text(), /"error":\{"code":503,/);
    assert.is(await statusOf(first.fetch('POST', ping)), 200);
  });
  test('an idle session ends at all replicas, and one that is used at one stays alive at both', () =>
    inHeldTime(async (time) => {
      const [a, b] = await pair(bench(), { sessions: { most: 10, idleMs: 400 } });
      const peer = await Peer.open(a.url);
      const there = ledTo(b, peer);
      for (let turn = 0; turn < 6; turn += 1) {
        await time.pass(150);
        assert.is(await statusOf(there.fetch('POST', ping)), 200);
      }
      assert.is(await statusOf(peer.fetch('POST', ping)), 200);
      await time.pass(1_000);
      assert.is(await statusOf(peer.fetch('POST', ping)), 404);
      assert.is(await statusOf(there.fetch('POST', ping)), 404);
    }));
  test('an open stream keeps its session alive at every replica', () =>
    inHeldTime(async (time) => {
      let updates = 0;
      const open = (): SharedState => {
        const state = bench().open();
        const update: SharedState['update'] = async (...asked) => {
          const result = await state.update(...asked);
          updates += 1;
          return result;
        };
        return { ...state, update };
      };
      const [a, b] = await pair({ open }, { sessions: { most: 10, idleMs: 400 } });
      const peer = await Peer.open(a.url);
      const stream = await peer.listen();
      for (let turns = 0; turns < 12; turns += 1) {
        const before = updates;
        await time.pass(100);
        await until(() => updates > before, 'the session is renewed');
      }
      assert.is(await statusOf(ledTo(b, peer).fetch('POST', ping)), 200);
      stream.leave();
    }));
  test('a batch is refused at the replica that takes the session over, as its revision requires', async () => {
    const [a, b] = await pair(bench());
    const peer = await Peer.open(a.url);
    const bare = { 'mcp-protocol-version': '' };
    assert.is(await statusOf(ledTo(b, peer).fetch('POST', [ping], bare)), 400);
    const older = await Peer.open(a.url, {}, '2025-03-26');
    assert.is(await statusOf(ledTo(b, older).fetch('POST', [ping])), 200);
  });
  test('a client that sets too much is told so', async () => {
    const [a] = await pair(bench());
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: { experimental: { large: { text: 'x'.repeat(70_000) } } },
      clientInfo: { name: 'c', version: '1' },
    };
    const refused = await new Peer(a.url).post({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    assert.ok(
      JSON.stringify(refused.messages[0] ?? (await refused.until((one) => one.messages[0]))).includes(
        '-32602',
      ),
    );
  });
}
