/**
 * Results that are read after their call with another token of the same principal: from tasks, resumed streams and notifications.
 * Each attack is tried at the server that ran the call and at its replica.
 */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { spaceOf } from '../../src/cluster/replica.js';
import type { Opa } from '../../src/governance/policy/opa/ask.js';
import { createPolicy, type PolicyOptions } from '../../src/governance/policy/policy.js';
import { elicit, type SharedState } from '../../src/index.js';
import type { JsonObject } from '../../src/wire/value.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { type Guarded, guarded, type Json, startIssuer } from './guarded.js';
import { Peer } from './legacy-peer.js';
import { META, ModernPeer } from './modern-peer.js';
import { ledTo } from './replicas.js';

export type ReadingBench = {
  /** One more view of the state that replicas share; undefined where there is one server, and its memory. */
  open(): SharedState | undefined;
};

const PERSON = { name: 'Bob', email: 'bob@example.com' };
const FORM = elicit('Go on?', { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] });
const YES = { action: 'accept', content: { yes: 'yes' } };
const ALL = 'bench:read bench:write pii:read';
const URL_OF_ALL = 'https://bench.example/mcp';
const INTROSPECTION = { clientId: 'rs', clientSecret: 'secret' };

let servers = 0;

/** One server, or two replicas of one; `places` are those where a result is asked for. */
async function standing({ open }: ReadingBench, given: Partial<PolicyOptions> = {}) {
  servers += 1;
  const name = `reading-${servers}`;
  const issuer = await startIssuer();
  const answered = { structuredContent: PERSON };
  const tools = [
    toolOf('person', { handler: (_args, { task }) => task(async () => answered) }),
    toolOf('asks', {
      handler: (_args, { task }) =>
        task(async ({ ask }) => {
          await ask('go', FORM);
          return answered;
        }),
    }),
    toolOf('streams', {
      handler: (_args, { progress, releaseStream }) => {
        progress(1);
        releaseStream();
        return answered;
      },
    }),
    toolOf('write', { scope: 'bench:write' }),
  ];
  const note = {
    uri: 'note://a',
    name: 'a',
    scope: 'bench:read',
    read: () => [{ uri: 'note://a', text: 'a' }],
  };
  const states = [open(), open()];
  const made: Guarded[] = [];
  for (const state of states[0] === undefined ? [undefined] : states) {
    const policy = createPolicy({ name, clock: () => new Date(), ...given });
    const options = { name, tools, policy, resources: [note], tasks: true, url: URL_OF_ALL };
    const sessions = { most: 10, idleMs: 60_000 };
    const shared = state === undefined ? {} : { state };
    const auth = { issuers: [{ issuer: issuer.issuer, introspection: INTROSPECTION }], cacheEntries: 0 };
    made.push(await guarded({ ...options, sessions, ...shared }, auth, issuer));
  }
  const [first] = made;
  if (first === undefined) throw new Error('there is a server');
  const token = (scope: string): string => first.token({ scope });
  const bearer = (scope: string) => ({ authorization: `Bearer ${token(scope)}` });
  return {
    name,
    first,
    places: made,
    states,
    token,
    bearer,
    modern: (scope: string) => new ModernPeer(bearer(scope)),
    opaque(scope: string) {
      const claims = first.claims({ scope });
      issuer.opaque.set('opaque-token', { ...claims, active: true });
      return new ModernPeer({ authorization: 'Bearer opaque-token' });
    },
  };
}

async function finished(peer: ModernPeer, url: string, taskId: string): Promise<JsonObject> {
  let task: JsonObject = {};
  await until(async () => {
    task = await peer.ask(url, 'tasks/get', { taskId });
    return !['working', 'input_required'].includes(String(task.status));
  }, 'the end of the task');
  return task;
}

const structured = (task: JsonObject): unknown => (task.result as Json | undefined)?.structuredContent;
const MASKED = { ...PERSON, email: '[email]' };

export function readingTests(test: Test, made: () => ReadingBench): void {
  test('the result of a task is refused to a token that could not have made the call, or would have seen it masked', async () => {
    const { first, places, modern, bearer } = await standing(made());
    const taskId = await modern(ALL).task(first.url, 'person');
    for (const { url } of places) {
      assert.equal(structured(await finished(modern(ALL), url, taskId)), PERSON);
      for (const scope of ['bench:read', 'bench:write', 'pii:read', 'bench:read bench:write', '']) {
        const refused = await modern(scope).ask(url, 'tasks/get', { taskId });
        assert.equal([refused.code, (refused.data as Json).scope], [403, 'bench:read pii:read'], scope);
        assert.not.match(JSON.stringify(refused), /bob@/);
      }
      assert.equal(structured(await modern('pii:read bench:read').ask(url, 'tasks/get', { taskId })), PERSON);
    }
    const sent = await fetch(first.url, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' },
        ...{ 'mcp-method': 'tasks/get', 'mcp-name': taskId, ...bearer('bench:read') },
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId, _meta: META } }),
    });
    assert.is(sent.status, 403);
    const challenge = sent.headers.get('www-authenticate') ?? '';
    assert.match(challenge, /error="insufficient_scope"/);
    assert.match(challenge, /scope="bench:read pii:read"/);
  });
  test('a result that was masked stays masked for anyone who reads it, and needs no more than its call did', async () => {
    const { first, places, modern } = await standing(made());
    const taskId = await modern('bench:read').task(first.url, 'person');
    for (const { url } of places) {
      for (const scope of ['bench:read', ALL])
        assert.equal(structured(await finished(modern(scope), url, taskId)), MASKED);
      assert.is((await modern('bench:write').ask(url, 'tasks/get', { taskId })).code, 403);
    }
  });
  test('a token that could not have made the call answers no question of its task, and may cancel it', async () => {
    const { first, places, modern } = await standing(made());
    for (const { url } of places) {
      const taskId = await modern('bench:read').task(first.url, 'asks');
      await until(
        async () =>
          (await modern('bench:read').ask(url, 'tasks/get', { taskId })).status === 'input_required',
        'the task asking',
      );
      const inputResponses = { go: YES };
      const refused = await modern('bench:write').ask(url, 'tasks/update', { taskId, inputResponses });
      assert.equal([refused.code, (refused.data as Json).scope], [403, 'bench:read']);
      assert.is((await modern('bench:read').ask(url, 'tasks/get', { taskId })).status, 'input_required');
      await modern('bench:write').ask(url, 'tasks/cancel', { taskId });
      assert.is((await finished(modern('bench:read'), url, taskId)).status, 'cancelled');
    }
  });
  test('a task is reported only to a token that may read it', async () => {
    const { first, places, modern } = await standing(made());
    for (const { url } of places) {
      const taskId = await modern(ALL).task(first.url, 'asks');
      const refused = await modern('bench:read').refusedToListen(url, { taskIds: [taskId] });
      assert.equal([refused.code, (refused.data as Json).scope], [403, 'bench:read pii:read']);
      const listening = await modern(ALL).listen(url, { taskIds: [taskId] });
      await modern(ALL).ask(url, 'tasks/update', { taskId, inputResponses: { go: YES } });
      await listening.until(({ messages }) => messages.some((one) => JSON.stringify(one).includes('bob@')));
      listening.leave();
    }
  });
  test('a task is bound to what its token held when it ended, not when it began', async () => {
    const { first, modern, opaque } = await standing(made());
    const peer = opaque(ALL);
    const taskId = await peer.task(first.url, 'asks');
    await until(
      async () => (await peer.ask(first.url, 'tasks/get', { taskId })).status === 'input_required',
      'the task asking',
    );
    assert.is((await modern('bench:read').ask(first.url, 'tasks/get', { taskId })).code, 403);
    const less = opaque('bench:read');
    await modern(ALL).ask(first.url, 'tasks/update', { taskId, inputResponses: { go: YES } });
    assert.equal(structured(await finished(modern(ALL), first.url, taskId)), MASKED);
    assert.equal(structured(await less.ask(first.url, 'tasks/get', { taskId })), MASKED);
  });
  test('the stream of a call is resumed only by a token that could have made the call', async () => {
    const { first, places, bearer } = await standing(made());
    const peer = await Peer.open(first.url, {}, '2025-11-25', bearer(ALL));
    const call = await peer.call(1, 'streams', {}, { progressToken: 1 });
    await call.until(({ ended }) => ended);
    for (const place of places) {
      for (const scope of ['bench:read', 'bench:write', '']) {
        const lesser = Object.assign(ledTo(place, peer), { always: bearer(scope) });
        const refused = await lesser.fetch('GET', undefined, { 'last-event-id': call.lastId });
        assert.is(refused.status, 403, scope);
        assert.match(refused.headers.get('www-authenticate') ?? '', /scope="bench:read pii:read"/);
        assert.not.match(await refused.text(), /bob@/);
      }
      const back = await ledTo(place, peer).listen(call.lastId);
      const { result } = await back.message(1);
      assert.equal((result as Json).structuredContent, PERSON);
      await back.until(({ ended }) => ended);
    }
  });
  test('an updated resource is reported on a GET stream only to a token that may read it', async () => {
    const { first, places, bearer } = await standing(made());
    for (const place of places) {
      const peer = await Peer.open(first.url, {}, '2025-11-25', bearer('bench:read'));
      await (await peer.request(1, 'resources/subscribe', { uri: 'note://a' })).message(1);
      const lesser = await Object.assign(ledTo(place, peer), { always: bearer('bench:write') }).listen();
      await lesser.until(({ lastId }) => lastId !== '');
      place.changed({ kind: 'resource', uri: 'note://a' });
      place.changed({ kind: 'tools' });
      await lesser.message('notifications/tools/list_changed');
      // The omitted messages are kept for a token that may read them.
      const again = Object.assign(ledTo(place, peer), { always: bearer('bench:write') });
      const replayed = await again.listen(lesser.lastId.replace(/\d+$/, '1'));
      await replayed.message('notifications/tools/list_changed');
      const better = await ledTo(place, peer).listen(lesser.lastId.replace(/\d+$/, '1'));
      await better.message('notifications/tools/list_changed');
      await better.message('notifications/resources/updated');
      for (const { messages } of [lesser, replayed])
        assert.equal(
          messages.map(({ method }) => method),
          ['notifications/tools/list_changed'],
        );
    }
  });
  test('where an engine decides, a result is read with all scopes that the token of its call held', async () => {
    const opa: Opa = { decide: async () => ({ allow: true, reason: 'ok', mask: [] }) };
    const { first, modern } = await standing(made(), { opa });
    const taskId = await modern('bench:read other').task(first.url, 'person');
    assert.equal(structured(await finished(modern('bench:read other'), first.url, taskId)), PERSON);
    const refused = await modern('bench:read pii:read').ask(first.url, 'tasks/get', { taskId });
    assert.equal([refused.code, (refused.data as Json).scope], [403, 'bench:read other']);
  });
  test('a dry run refuses no reader', async () => {
    const { first, modern } = await standing(made(), { dryRun: true });
    const taskId = await modern('other').task(first.url, 'person');
    assert.equal(structured(await finished(modern(''), first.url, taskId)), PERSON);
  });
}

/** What only replicas have: records that an earlier version wrote. */
export function upgradeTests(test: Test, made: () => ReadingBench): void {
  test('a task that the previous version recorded is kept, for tokens that satisfy every tool', async () => {
    const { name, first, places, states, modern } = await standing(made());
    const taskId = await modern('bench:read').task(first.url, 'person');
    await finished(modern('bench:read'), first.url, taskId);
    const [state] = states;
    if (state === undefined) throw new Error('the replicas share a state');
    const aged = await state.update(spaceOf('task', name), taskId, (value) => {
      const { bound, ...before } = value ?? {};
      const put = { value: before, expiresAt: Date.now() + 60_000, tell: true };
      return { result: bound !== undefined, put };
    });
    assert.ok(aged, 'the record named its binding');
    for (const { url } of places) {
      for (const scope of ['bench:read', 'bench:read bench:write', 'bench:read pii:read']) {
        const refused = await modern(scope).ask(url, 'tasks/get', { taskId });
        assert.equal([refused.code, (refused.data as Json).scope], [403, ALL], scope);
      }
      assert.equal(structured(await modern(ALL).ask(url, 'tasks/get', { taskId })), MASKED);
    }
  });
}
