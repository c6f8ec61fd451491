/** Legacy sessions over HTTP: whose they are, how they end, and what a client that lost a stream still gets. */
import type { ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Sessions } from '../../src/cluster/sessions/sessions.js';
import { Changes, type EndpointOptions, elicit, type Tool } from '../../src/index.js';
import { Fault } from '../../src/wire/fault.js';
import { createConnection } from '../../src/wire/mcp/meta.js';
import { ANONYMOUS, principalKey } from '../../src/wire/principal.js';
import { createHttpEndpoint } from '../../src/wire/server/endpoint.js';
import type { Session } from '../../src/wire/server/ports.js';
import type { JsonObject } from '../../src/wire/value.js';
import { closeAll, hasRead, held, modernCall, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { heapUsed } from '../support/heap.js';
import { inHeldTime } from '../support/time.js';
import { turn, until } from '../support/until.js';
import { Peer } from './legacy-peer.js';

const test = suite('endpoint/sessions');

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));
test.after(closeAll);

const FORM = elicit('Go on?', { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] });
const CAN = { elicitation: {} };
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const asking = toolOf('asking', {
  handler: async (_args, { ask }) => text(JSON.stringify((await ask('go', FORM)).content)),
});
const counting = toolOf('counting', {
  handler: async (_args, { progress }) => {
    progress(1);
    await turn();
    progress(2);
    return text('counted');
  },
});
const sessions = { most: 100, idleMs: 60_000 };
const open = (tools: readonly Tool[] = [asking, counting], given: Partial<EndpointOptions> = {}) =>
  stand({ tools, sessions, logging: true, ...given });
const statusOf = async (response: Promise<Response>): Promise<number> => {
  const { status, body } = await response;
  await body?.cancel();
  return status;
};

function refusal(run: () => unknown): string {
  const refused = run();
  if (refused instanceof Fault) return refused.name;
  throw new Error('not refused');
}
const connection = () => createConnection('2025-11-25', {});

/** In one process both exist at the same time. */
const opened = (made: Sessions, principal: string): Session => here(made.open(principal, connection()));
const used = (made: Sessions, id: string): Session => here(made.of(id, 'ann'));
function here(session: Session | Fault | Promise<Session | Fault>): Session {
  if (session instanceof Fault) throw session;
  if (session instanceof Promise) throw new Error('not there at once');
  return session;
}

test('a session belongs to its principal; to anybody else it is as unknown as one that never existed', () => {
  const made = new Sessions(sessions, new Changes());
  const { id } = opened(made, 'ann');
  assert.is(used(made, id).id, id);
  const words = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return String(error);
    }
    return '';
  };
  assert.is(
    refusal(() => made.of(id, 'bob')),
    'sessionNotFound',
  );
  assert.is(
    words(() => made.of(id, 'bob')),
    words(() => made.of('never', 'bob')),
  );
  assert.is(
    refusal(() => made.of(undefined, 'ann')),
    'sessionRequired',
  );
  for (const odd of ['', 'constructor', '__proto__', id.toUpperCase(), ` ${id}`])
    assert.is(
      refusal(() => made.of(odd, 'ann')),
      'sessionNotFound',
    );
  made.endAll();
});
test('sessions are capped, and one that ends makes room', () => {
  const made = new Sessions({ most: 2, idleMs: 60_000 }, new Changes());
  const first = opened(made, 'ann');
  opened(made, 'ann');
  assert.is(
    refusal(() => made.open('bob', connection())),
    'busy',
  );
  made.end(first.id);
  made.end(first.id);
  assert.ok(opened(made, 'bob'));
  assert.is(
    refusal(() => made.open('bob', connection())),
    'busy',
  );
  made.endAll();
});
test('a session ends when it is idle, and each use starts its time again', () =>
  inHeldTime(async (time) => {
    const made = new Sessions({ most: 1, idleMs: 120 }, new Changes());
    const { id } = opened(made, 'ann');
    for (let count = 0; count < 4; count += 1) {
      await time.pass(119);
      assert.is(used(made, id).id, id);
    }
    await time.pass(120);
    assert.is(
      refusal(() => made.of(id, 'ann')),
      'sessionNotFound',
    );
    made.endAll();
  }));
test("another caller's attempt does not keep a session alive", () =>
  inHeldTime(async (time) => {
    const made = new Sessions({ most: 1, idleMs: 120 }, new Changes());
    const { id } = opened(made, 'ann');
    for (let count = 0; count < 3; count += 1) {
      await time.pass(40);
      assert.is(
        refusal(() => made.of(id, 'bob')),
        'sessionNotFound',
      );
    }
    assert.is(
      refusal(() => made.of(id, 'ann')),
      'sessionNotFound',
    );
  }));
test('ten thousand sessions that came and went leave no listener behind', () => {
  const changes = new Changes();
  let listeners = 0;
  const { listen } = changes;
  changes.listen = (listener) => {
    listeners += 1;
    const end = listen.call(changes, listener);
    return () => {
      listeners -= 1;
      end();
    };
  };
  const made = new Sessions({ most: 10, idleMs: 60_000 }, changes);
  for (let count = 0; count < 10_000; count += 1) made.end(opened(made, 'ann').id);
  assert.is(listeners, 0);
});

test('without a session, or with one that never existed, a request is told what to do', async () => {
  const { url } = await open();
  const stranger = new Peer(url);
  assert.is(await statusOf(stranger.fetch('POST', { jsonrpc: '2.0', id: 1, method: 'ping' })), 400);
  assert.is(await statusOf(stranger.fetch('GET')), 400);
  assert.is(await statusOf(stranger.fetch('DELETE')), 400);
  stranger.session = 'never';
  assert.is(await statusOf(stranger.fetch('POST', { jsonrpc: '2.0', id: 1, method: 'ping' })), 404);
  assert.is(await statusOf(stranger.fetch('GET')), 404);
  assert.is(await statusOf(stranger.fetch('DELETE')), 404);
});
test('DELETE ends a session and its stream; afterwards it is unknown', async () => {
  const { url } = await open();
  const peer = await Peer.open(url);
  const stream = await peer.listen();
  assert.is(await statusOf(peer.fetch('DELETE')), 204);
  await stream.until(({ ended }) => ended);
  assert.is(await statusOf(peer.fetch('POST', { jsonrpc: '2.0', id: 1, method: 'ping' })), 404);
  assert.is(await statusOf(peer.fetch('DELETE')), 404);
});
test('a handshake that failed opens no session', async () => {
  const { url } = await open(undefined, { sessions: { most: 1, idleMs: 60_000 } });
  const bad = await new Peer(url).fetch('POST', { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  assert.is(bad.headers.get('mcp-session-id'), null);
  assert.ok((await bad.text()).includes('-32602'));
  const peer = await Peer.open(url);
  const second = await new Peer(url).fetch('POST', {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
  });
  assert.is(second.headers.get('mcp-session-id'), null);
  assert.match(await second.text(), '"error":{"code":503,');
  assert.is(await statusOf(peer.fetch('DELETE')), 204);
  assert.ok(await Peer.open(url));
});
test('a modern request is served beside sessions, and needs none', async () => {
  const { url } = await open();
  const { headers, body } = modernCall('counting');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      accept: 'application/json',
      'content-type': 'application/json',
      'mcp-session-id': 'never',
    },
    body,
  });
  assert.is(response.status, 200);
  assert.ok((await response.text()).includes('counted'));
});

test('changes are sent on the newest GET stream only; the one before it ends', async () => {
  const changes = new Changes();
  const { url } = await open(undefined, { changes });
  const peer = await Peer.open(url);
  const first = await peer.listen();
  await first.until(({ events }) => events.length > 0);
  const second = await peer.listen();
  await first.until(({ ended }) => ended);
  changes.emit({ kind: 'tools' });
  await second.message('notifications/tools/list_changed');
  assert.equal([first.messages.length, second.messages.length], [0, 1]);
});
test('a client that lost its GET stream gets what it missed, once', async () => {
  const changes = new Changes();
  const { url, port } = await open(undefined, { changes });
  const peer = await Peer.open(url);
  const first = await peer.listen();
  changes.emit({ kind: 'tools' });
  await first.message('notifications/tools/list_changed');
  const { lastId } = first;
  first.leave();
  await hasRead(port);
  changes.emit({ kind: 'prompts' });
  const back = await peer.listen(lastId);
  changes.emit({ kind: 'resources' });
  await back.message('notifications/resources/list_changed');
  assert.equal(
    back.messages.map(({ method }) => method),
    ['notifications/prompts/list_changed', 'notifications/resources/list_changed'],
  );
});
test('a GET stream that was lost is found again after hundreds of calls', async () => {
  const changes = new Changes();
  const { url, port } = await open(undefined, { changes });
  const peer = await Peer.open(url);
  const first = await peer.listen();
  const { lastId } = await first.until((reader) => reader.events.length > 0 && reader);
  for (let id = 1; id <= 200; id += 1) {
    const reader = await peer.call(id, 'counting', {}, { progressToken: id });
    await reader.message(id);
  }
  first.leave();
  await hasRead(port);
  changes.emit({ kind: 'tools' });
  const back = await peer.listen(lastId);
  assert.is(back.status, 200);
  await back.message('notifications/tools/list_changed');
});
test('a call continues when its client is gone, and its result is fetched by Last-Event-ID', async () => {
  const { tool, started, letGo } = held();
  const { url, port } = await open([tool], { bounds: { keepAliveMs: 20 } });
  const peer = await Peer.open(url);
  const reader = await peer.call(1, 'held');
  const signal = await started;
  const { lastId } = await reader.until((one) => one.lastId !== '' && one);
  reader.leave();
  await hasRead(port);
  assert.not.ok(signal.aborted);
  letGo();
  await hasRead(port);
  const back = await peer.listen(lastId);
  const { result } = await back.message(1);
  assert.equal((result as JsonObject).content, [{ type: 'text', text: 'let go' }]);
  await back.until(({ ended }) => ended);
  const again = await peer.listen(lastId);
  assert.equal((await again.message(1)).result, result);
});
test('an empty Last-Event-ID names no event, and opens a stream of its own', async () => {
  const { url } = await open();
  const peer = await Peer.open(url);
  assert.is(await statusOf(peer.fetch('GET', undefined, { 'last-event-id': '' })), 200);
  assert.is(await statusOf(peer.fetch('GET', undefined, { 'last-event-id': 'none' })), 400);
});
test('a stream of one session is not replayed in another, even if their event ids are equal', async () => {
  const { url } = await open();
  const [ann, bob] = [await Peer.open(url, CAN), await Peer.open(url, CAN)];
  const call = await ann.call(1, 'asking');
  await call.message('elicitation/create');
  assert.is(await statusOf(bob.fetch('GET', undefined, { 'last-event-id': call.lastId })), 400);
  const bobs = await bob.call(1, 'asking');
  await bobs.message('elicitation/create');
  assert.is(bobs.lastId, call.lastId);
  const [first] = bobs.events;
  bobs.leave();
  const back = await bob.listen(first?.id);
  await back.message('elicitation/create');
  assert.is(back.messages.length, 1);
});

test('an answer settles a question of its own session only, even if their ids are equal', async () => {
  const { url } = await open();
  const [ann, bob] = [await Peer.open(url, CAN), await Peer.open(url, CAN)];
  const [anns, bobs] = [await ann.call(1, 'asking'), await bob.call(1, 'asking')];
  const [annId, bobId] = [
    (await anns.message('elicitation/create')).id,
    (await bobs.message('elicitation/create')).id,
  ];
  assert.is(annId, bobId);
  const answer = (yes: string) => ({
    jsonrpc: '2.0',
    id: annId,
    result: { action: 'accept', content: { yes } },
  });
  assert.is(await statusOf(ann.fetch('POST', answer('ann'))), 202);
  assert.ok(JSON.stringify(await anns.message(1)).includes('ann'));
  const stranger = new Peer(url);
  assert.is(await statusOf(stranger.fetch('POST', answer('stranger'))), 400);
  assert.is(await statusOf(ann.fetch('POST', answer('ann again'))), 400);
  assert.is(await statusOf(bob.fetch('POST', answer('bob'))), 202);
  assert.ok(JSON.stringify(await bobs.message(1)).includes('bob'));
  assert.is(bobs.messages.length, 2, 'the question and its one answer');
});
test('forged ids settle nothing', async () => {
  const { url } = await open();
  const peer = await Peer.open(url, CAN);
  const call = await peer.call(1, 'asking');
  await call.message('elicitation/create');
  const result = { action: 'accept', content: { yes: 'forged' } };
  for (const id of ['server-0', 'server-2', 'server-01', 'Server-1', 1, 'constructor', ''])
    assert.is(await statusOf(peer.fetch('POST', { jsonrpc: '2.0', id, result })), 400, String(id));
  assert.is(call.messages.length, 1);
});
test('a client that declines with a message that is not text still gets its call answered', async () => {
  const { url, errors } = await open();
  const peer = await Peer.open(url, CAN);
  const call = await peer.call(1, 'asking');
  const { id } = await call.message('elicitation/create');
  const error = { code: -1, message: { toString: 1, valueOf: 1 } };
  assert.is(await statusOf(peer.fetch('POST', { jsonrpc: '2.0', id, error })), 202);
  assert.is(((await call.message(1)).result as JsonObject).isError, true);
  assert.equal(errors, []);
});
test('a malformed answer fails its question at once, and its refusal has no id', async () => {
  const { url } = await open();
  const good = { action: 'accept', content: { yes: 'y' } };
  for (const [answer, answersNothing] of [
    [{ result: null }],
    [{ result: good, error: null }],
    [{ result: good, error: { code: 1, message: 'x' } }],
    [{ result: 'yes' }],
    [{ error: null }],
    [{ error: [] }],
    [{ result: good, jsonrpc: '1.0' }],
    [{ result: JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`) }],
    [{}],
    [{ method: 'ping', result: good }],
    // Under an id without a question it stays what it was: a request without its method.
    [{ id: 'own' }, 'own'],
  ] as const) {
    const peer = await Peer.open(url, CAN);
    const call = await peer.call(1, 'asking');
    const { id } = await call.message('elicitation/create');
    const response = await peer.fetch('POST', { jsonrpc: '2.0', id, ...answer });
    const refusal = (await response.json()) as { id?: unknown; error: { code: number } };
    assert.equal([response.status, refusal.id, refusal.error.code], [400, answersNothing, -32600]);
    if (answersNothing !== undefined) continue;
    const { isError, content } = (await call.message(1)).result as JsonObject;
    assert.ok(isError);
    assert.match(JSON.stringify(content), "the client's answer is malformed: ");
  }
});
test('a session that ends takes its questions with it', async () => {
  const { url } = await open();
  const peer = await Peer.open(url, CAN);
  const call = await peer.call(1, 'asking');
  await call.message('elicitation/create');
  assert.is(await statusOf(peer.fetch('DELETE')), 204);
  await call.until(({ ended }) => ended);
  assert.ok(JSON.stringify(await call.message(1)).includes('the client has left'));
});
test('a call is cancelled by its own session alone, and then a stream that was let go ends too', async () => {
  const seen: AbortSignal[] = [];
  const released = toolOf('released', {
    handler: async (_args, { signal, releaseStream }) => {
      seen.push(signal);
      releaseStream();
      return new Promise(() => {});
    },
  });
  const { url } = await open([released]);
  const [ann, bob] = [await Peer.open(url), await Peer.open(url)];
  const call = await ann.call(1, 'released');
  await call.until(({ ended }) => ended);
  const back = await ann.listen(call.lastId);
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  assert.is(await statusOf(bob.fetch('POST', cancelled)), 202);
  assert.is(seen[0]?.aborted, false);
  assert.is(await statusOf(ann.fetch('POST', cancelled)), 202);
  assert.is(seen[0]?.aborted, true);
  await back.until(({ ended }) => ended);
  assert.equal(back.messages, []);
});
test('a batch whose calls report progress is answered in full', async () => {
  const { url } = await open();
  const peer = await Peer.open(url, {}, '2025-03-26');
  const one = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'counting', _meta: { progressToken: id } },
  });
  const reader = await peer.post([one(1), one(2), { jsonrpc: '2.0', id: 3, method: 'ping' }]);
  await reader.until(({ ended }) => ended);
  const answered = reader.messages.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
  assert.equal(answered.sort(), [1, 2, 3]);
  const told = reader.messages.flatMap(({ method, params }) =>
    method === 'notifications/progress' ? [(params as JsonObject).progressToken] : [],
  );
  assert.equal(told.sort(), [1, 1, 2, 2]);
});
test('the revision of the handshake holds, whatever later requests say', async () => {
  const { url } = await open();
  const peer = await Peer.open(url, {}, '2024-11-05');
  peer.revision = '2025-11-25';
  const reader = await peer.request(1, 'tools/list');
  const { tools } = (await reader.message(1)).result as { tools: JsonObject[] };
  assert.is(tools[0]?.title, undefined);
  const newest = await Peer.open(url);
  const second = await newest.request(1, 'tools/list');
  assert.is(((await second.message(1)).result as { tools: JsonObject[] }).tools[0]?.title, 'asking');
});
test('a GET that cannot read a stream is refused, and so is any other method', async () => {
  const { url } = await open();
  const peer = await Peer.open(url);
  assert.is(await statusOf(peer.fetch('GET', undefined, { accept: 'application/json' })), 406);
  assert.is(await statusOf(peer.fetch('PUT', {})), 405);
  const alone = await stand({ tools: [counting] });
  for (const method of ['GET', 'DELETE']) assert.is(await statusOf(new Peer(alone.url).fetch(method)), 405);
});
test('what is remembered of a session with thousands of calls is bounded', async () => {
  const { url } = await open([toolOf('quick'), counting]);
  const peer = await Peer.open(url);
  const round = async (from: number, count: number): Promise<void> => {
    for (let id = from; id < from + count; id += 1) {
      const reader = await peer.call(id, id % 4 === 0 ? 'counting' : 'quick', {}, { progressToken: id });
      await reader.message(id);
    }
  };
  await round(1, 300);
  const before = await heapUsed();
  await round(301, 900);
  let each = 0;
  // What is still reachable at the first collection is collected by a later one.
  await until(
    async () => {
      each = ((await heapUsed()) - before) / 900;
      return each < 1_000;
    },
    () => `${Math.round(each)} bytes stay of each call`,
  );
});
test('an answer of many megabytes arrives on the stream of a session too', async () => {
  const big = 'x'.repeat(6 * 1024 * 1024);
  const tool = toolOf('big', {
    handler: async (_args, { progress }) => {
      progress(1);
      return text(big);
    },
  });
  const { url } = await open([tool]);
  const peer = await Peer.open(url);
  const call = await peer.call(1, 'big', {}, { progressToken: 1 });
  assert.equal((await call.message(1)).result, text(big));
});
test('a session is not idle while one of its calls runs', () =>
  inHeldTime(async (time) => {
    const { tool, started, letGo } = held();
    const { url } = await stand({ tools: [tool], sessions: { most: 3, idleMs: 80 } });
    const peer = await Peer.open(url);
    const call = peer.call(1, 'held');
    await started;
    await time.pass(300);
    letGo();
    await (await call).message(1);
    const ping = (id: number) => statusOf(peer.fetch('POST', { jsonrpc: '2.0', id, method: 'ping' }));
    assert.is(await ping(2), 200);
    await time.pass(80);
    assert.is(await ping(3), 404);
  }));
test('nothing was rejected that nobody looked at', async () => {
  await turn();
  assert.equal(unhandled, []);
});

test('a client that leaves while its stream is registered elsewhere leaves no stream behind', async () => {
  const kept = new Sessions(sessions, new Changes());
  const client = new AbortController();
  let response: ServerResponse | undefined;
  const registered = new Promise<void>((resolve) => {
    // As with a shared state, which answers over the network.
    kept.listens = async () => {
      client.abort();
      await until(() => response?.destroyed);
      resolve();
      return true;
    };
  });
  const endpoint = createHttpEndpoint({
    ...{ name: 'bench', version: '1.2.3', tools: [counting], sessions: () => kept },
    watch: (route, _request, given) => {
      response = given;
      return route;
    },
  });
  const url = await endpoint.listen(0);
  const session = opened(kept, principalKey(ANONYMOUS));
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session.id };
  await fetch(url, { headers, signal: client.signal }).catch(() => undefined);
  await registered;
  await turn();
  await endpoint.close();
  assert.is(response?.headersSent, false, 'no head, and no timer that only closing it would end');
});

test.run();
