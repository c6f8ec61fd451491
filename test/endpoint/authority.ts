/**
 * Calls that lose their right to run while they wait: the same attacks over any state for approvals and tasks. Each attack is
 * tried in every way in which a call can wait for a person, and on calls that wait for their client's answer.
 */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordSteps } from '../../src/governance/approval/approval-steps.js';
import { createApprovals } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { closedWhile } from '../../src/governance/policy/gate.js';
import type { Opa } from '../../src/governance/policy/opa/ask.js';
import { createPolicy, type PolicyOptions } from '../../src/governance/policy/policy.js';
import { type EndpointOptions, elicit, type SharedState, type Tool } from '../../src/index.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { bench, recordsIn } from '../audit/logs.js';
import { legacy, modernCall } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { type Answer, at, guarded, type Json, startIssuer } from './guarded.js';
import { Peer } from './legacy-peer.js';

export type AuthorityBench = {
  /** One more view of the state. */
  open(): SharedState;
  /** Whether tasks and sessions are kept in it as well. */
  shared: boolean;
};

const WRITE = { scope: 'bench:write', destructive: true };
const META = 'io.modelcontextprotocol/clientCapabilities';
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const PAGES = { elicitation: { url: {} } };
const FORM = elicit('Go on?', { type: 'object', properties: { yes: { type: 'string' } }, required: ['yes'] });
const YES = { action: 'accept', content: { yes: 'yes' } };
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

/** How a call ended: `done`, or the error that its caller read. */
type Ending = 'done' | { code: number; message: string };

/** A call that waits, and how it ended once it no longer does. */
type Waiting = { ended(): Promise<Ending> };

type Door = Awaited<ReturnType<typeof doorOf>>;

let doors = 0;

async function doorOf(
  { open, shared }: AuthorityBench,
  given: Partial<PolicyOptions> = {},
  more: Partial<EndpointOptions> = {},
) {
  doors += 1;
  const name = `authority-${doors}`;
  const ran: string[] = [];
  const state = open();
  const now = () => new Date();
  const audit = await bench();
  const issuer = await startIssuer();
  const noted = (tool: Partial<Tool> & { name: string }): Tool =>
    toolOf(tool.name, { handler: () => text(ran.push(tool.name) > 0 ? 'done' : ''), ...tool });
  const ids = { made: 0 };
  const approvals = createApprovals({
    state,
    server: name,
    keys: [Buffer.alloc(32, 7)],
    clock: now,
    newId: () => `${name}-${++ids.made}`,
    onStep: recordSteps({ log: audit.audit }),
  });
  const service: { is: 'on' | 'off' | 'unknown' } = { is: 'on' };
  const decisions = { made: 0 };
  const policy: Policy = {
    ...createPolicy({ name, clock: now, state, ...given }),
    closed: () => (service.is === 'on' ? undefined : closedWhile(service.is)),
  };
  const inner = policy.call;
  policy.call = (...asked) => {
    decisions.made += 1;
    return inner(...asked);
  };
  const door = await guarded(
    {
      name,
      tools: [
        noted({ name: 'write', ...WRITE }),
        noted({
          name: 'asks',
          handler: async (_args, { ask }) => {
            await ask('go', FORM);
            ran.push('asks');
            return text('done');
          },
        }),
        noted({
          name: 'careless',
          handler: async (_args, { ask, signal }) => {
            await ask('go', FORM).catch(() => undefined);
            if (!signal.aborted) ran.push('careless');
            return text('done');
          },
        }),
        noted({
          name: 'long',
          handler: (_args, { task }) =>
            task(async ({ ask }) => {
              await ask('go', FORM);
              ran.push('long');
              return text('done');
            }),
        }),
      ],
      prompts: [
        {
          name: 'greeting',
          scope: 'bench:read',
          async get(_args, { ask }) {
            await ask('go', FORM);
            ran.push('greeting');
            return { messages: [] };
          },
        },
      ],
      tasks: true,
      sessions: { most: 10, idleMs: 60_000 },
      policy,
      approving: createApproving(
        approvals,
        (id) => `https://pages.example/approvals/${id}`,
        () => {},
      ),
      audit: { log: audit.audit },
      ...(shared ? { state } : {}),
      ...more,
    },
    {
      issuers: [{ issuer: issuer.issuer, introspection: { clientId: 'rs', clientSecret: 'secret' } }],
      ...{ cacheEntries: 0, keysMaxAgeMs: 0, keysCooldownMs: 0 },
    },
    issuer,
  );
  const tenant = 'default';
  return {
    ...door,
    ran,
    service,
    decisions,
    approvals,
    approve: async () => {
      const { issuer } = door.issuer;
      const pending = await approvals.pending({ issuer, tenant });
      for (const { id } of pending) {
        const verdict = { approve: true, comment: '' };
        await approvals.decide(id, { issuer, user: 'bob', tenant, via: 'page' }, verdict);
      }
    },
    records: () =>
      recordsIn(audit.dir, tenant).map(({ kind, outcome }) => [kind, outcome].filter(Boolean).join(' ')),
  };
}

function endingOf({ body, text: sent }: Answer): Ending {
  const { error, result } = body;
  if (error !== undefined) return { code: error.code, message: error.message };
  if (result?.isError !== true && result?.resultType !== 'input_required') return 'done';
  throw new Error(`neither done nor refused: ${sent}`);
}

async function modern(door: Door, token: string, tool: string, can: Json, more: Json = {}): Promise<Answer> {
  const { body, headers } = modernCall(tool, { [META]: can }, 1, {});
  const sent = JSON.parse(body) as { params: Json };
  Object.assign(sent.params, more);
  return door.post(token, JSON.stringify(sent), headers);
}

/** The answer of a task's method. */
async function ofTask(door: Door, token: string, method: string, params: Json): Promise<Json> {
  const { headers } = modernCall('x', {}, 1);
  const meta = JSON.parse(modernCall('x', { [META]: { ...PAGES, ...TASKS } }, 1).body) as { params: Json };
  const sent = legacy(method, { ...params, _meta: meta.params._meta }, 2);
  const about = { ...headers, 'mcp-method': method, 'mcp-name': String(params.taskId) };
  const { body, text: said } = await door.post(token, sent, about);
  if (body.result === undefined) throw new Error(said);
  return body.result;
}

async function asTask(door: Door, token: string, tool: string, can: Json): Promise<Waiting & { id: string }> {
  const { body } = await modern(door, token, tool, { ...can, ...TASKS });
  const id = String(body.result?.taskId);
  const get = () => ofTask(door, READER(door), 'tasks/get', { taskId: id });
  await until(async () => (await get()).status === 'input_required', 'the task asking');
  return {
    id,
    async ended() {
      await until(
        async () => !['working', 'input_required'].includes(String((await get()).status)),
        'its end',
      );
      const { status, error } = await get();
      return status === 'completed' ? 'done' : (error as { code: number; message: string });
    },
  };
}

/** The task once it has ended. */
async function ofTaskOver(door: Door, taskId: string): Promise<Json> {
  const get = () => ofTask(door, READER(door), 'tasks/get', { taskId });
  await until(async () => /completed|failed|cancelled/.test(String((await get()).status)), 'its end');
  return get();
}

/** Requests that need no scope. */
const OPEN: Partial<EndpointOptions> = {
  prompts: [
    {
      name: 'hello',
      arguments: [{ name: 'who', complete: () => ['ada'] }],
      get: () => ({ messages: [] }),
    },
  ],
  resources: [{ uri: 'open://page', name: 'page', read: () => [{ uri: 'open://page', text: 'words' }] }],
};

/** A valid token of the same caller, to look at its tasks. */
const READER = (door: Door): string => door.token({ scope: 'bench:read bench:write' });

async function inRounds(door: Door, token: string): Promise<Waiting> {
  const { body } = await modern(door, token, 'write', PAGES);
  const { requestState } = body.result ?? {};
  const before = door.decisions.made;
  const held = modern(door, token, 'write', PAGES, {
    requestState,
    inputResponses: { approval: { action: 'accept' } },
  });
  await until(() => door.decisions.made > before, 'the retry being held');
  return { ended: async () => endingOf(await held) };
}

async function onStream(door: Door, token: string, tool: string, answer: Json, can: Json): Promise<Waiting> {
  const peer = await Peer.open(door.url, can, '2025-11-25', { authorization: `Bearer ${token}` });
  const reader = await peer.call(2, tool);
  const asked = await reader.message('elicitation/create');
  const reply = async () =>
    void (await peer.post({ jsonrpc: '2.0', id: asked.id, result: answer })).until(({ ended }) => ended);
  if (tool === 'write') await reply();
  return {
    async ended() {
      // With another token, because the call's own token may be invalid by now.
      peer.always.authorization = `Bearer ${READER(door)}`;
      if (tool !== 'write') await reply();
      const { error } = await reader.message(2);
      return error === undefined ? 'done' : (error as { code: number; message: string });
    },
  };
}

const WAYS: { [way: string]: (door: Door, token: string) => Promise<Waiting> } = {
  'as a task': (door, token) => asTask(door, token, 'write', PAGES),
  'in rounds': inRounds,
  'on its stream': (door, token) => onStream(door, token, 'write', { action: 'accept' }, PAGES),
};

/** A new token for the client's retry, because a refused token stays refused for a moment. */
const RENEWED = 'renewed-opaque-token';
const opaque = (door: Door, scope = 'bench:read bench:write'): void => {
  const { iat, exp, ...claims } = door.claims({ scope });
  for (const token of ['opaque-token', RENEWED])
    door.issuer.opaque.set(token, { ...claims, iat, exp, active: true });
};

type Loss = {
  title: string;
  /** Takes away the right of the call to run. */
  lose(door: Door): void;
  restore(door: Door): void;
  expected: { code: number; message: RegExp };
  opaque?: true;
};

const LOSSES: Loss[] = [
  {
    title: 'was switched off',
    lose: (door) => door.disable(['write', 'asks', 'careless', 'long']),
    restore: (door) => door.disable([]),
    expected: { code: -32602, message: /no such tool: (write|asks|careless|long)/ },
  },
  {
    title: 'belongs to a server that was switched off',
    lose({ service }) {
      service.is = 'off';
    },
    restore({ service }) {
      service.is = 'on';
    },
    expected: { code: 403, message: /this server is switched off/ },
  },
  {
    title: 'came with a token whose key was withdrawn',
    lose: ({ issuer }) => issuer.rotate('second'),
    restore: () => {},
    expected: { code: 401, message: /token/ },
  },
  {
    title: 'came with an opaque token that was revoked',
    lose: ({ issuer }) => void issuer.opaque.clear(),
    restore: (door) => opaque(door),
    expected: { code: 401, message: /token/ },
    opaque: true,
  },
  {
    title: 'came with an opaque token that lost its scope',
    lose: (door) => opaque(door, 'other'),
    restore: (door) => opaque(door),
    expected: { code: 403, message: /missing scope: bench:(write|read)/ },
    opaque: true,
  },
];

async function doorFor(bench: AuthorityBench, loss: Pick<Loss, 'opaque'>) {
  const door = await doorOf(bench);
  if (loss.opaque !== true) return { door, token: READER(door) };
  opaque(door);
  return { door, token: 'opaque-token' };
}

/** A state that calls `run` each time an approval was reserved, before the one who reserved it goes on. */
function afterReservation(bench: AuthorityBench, run: () => Promise<void>): AuthorityBench {
  return {
    ...bench,
    open() {
      const state = bench.open();
      return {
        ...state,
        async update(space, key, step) {
          const result = await state.update(space, key, step);
          const row = space === 'approval' ? await state.get(space, key) : undefined;
          if (row?.reservation !== undefined) await run();
          return result;
        },
      };
    },
  };
}

export function authorityTests(test: Test, made: () => AuthorityBench): void {
  for (const [way, wait] of Object.entries(WAYS)) {
    for (const loss of LOSSES) {
      test(`a call that waited ${way} and ${loss.title} meanwhile does not run, and its approval is left`, async () => {
        const { door, token } = await doorFor(made(), loss);
        const waiting = await wait(door, token);
        loss.lose(door);
        await door.approve();
        const ending = await waiting.ended();
        assert.is(typeof ending, 'object', `it ran: ${door.ran}`);
        const { code, message } = ending as { code: number; message: string };
        assert.is(code, loss.expected.code, message);
        assert.match(message, loss.expected.message);
        assert.equal(door.ran, []);
        assert.equal(
          door.records().filter((one) => /consumed|intent|voided/.test(one)),
          [],
        );
        loss.restore(door);
        // The approval was not spent: the same call runs now, without asking anybody.
        const good = loss.opaque === true ? RENEWED : door.token({ scope: 'bench:write' });
        assert.is(endingOf(await modern(door, good, 'write', {})), 'done');
        assert.equal(door.ran, ['write']);
      });
    }
  }
  for (const loss of LOSSES) {
    test(`a handler that asked its client, and whose call ${loss.title} meanwhile, does not go on`, async () => {
      const { door, token } = await doorFor(made(), loss);
      for (const tool of ['asks', 'careless']) {
        const bearer = tool === 'careless' && loss.opaque === true ? RENEWED : token;
        const waiting = await onStream(door, bearer, tool, YES, { elicitation: {} });
        loss.lose(door);
        const ending = (await waiting.ended()) as { code: number; message: string };
        assert.is(ending.code, loss.expected.code, ending.message);
        loss.restore(door);
        if (/key/.test(loss.title)) break;
      }
      assert.equal(door.ran, []);
    });
    test(`a task that asked its client, and whose call ${loss.title} meanwhile, fails and does not go on`, async () => {
      const { door, token } = await doorFor(made(), loss);
      const waiting = await asTask(door, token, 'long', { elicitation: {} });
      loss.lose(door);
      const update = { taskId: waiting.id, inputResponses: { go: YES } };
      await ofTask(door, READER(door), 'tasks/update', update);
      const ending = (await waiting.ended()) as { code: number; message: string };
      assert.is(ending.code, loss.expected.code, ending.message);
      assert.equal(door.ran, []);
    });
  }
  test('a prompt that asked its client does not go on when its token lost the scope meanwhile', async () => {
    const door = await doorOf(made());
    opaque(door);
    const always = { authorization: 'Bearer opaque-token' };
    const peer = await Peer.open(door.url, { elicitation: {} }, '2025-11-25', always);
    const reader = await peer.request(2, 'prompts/get', { name: 'greeting' });
    const asked = await reader.message('elicitation/create');
    opaque(door, 'other');
    await peer.post({ jsonrpc: '2.0', id: asked.id, result: YES });
    const { error } = await reader.message(2);
    assert.is((error as { message: string }).message, 'Forbidden: missing scope: bench:read');
    assert.equal(door.ran, []);
  });
  test('a call whose tool is switched off while its policy engine decides does not run', async () => {
    let decide = (): void => {};
    const asked = { times: 0 };
    const opa: Opa = {
      decide: () =>
        new Promise((resolve) => {
          asked.times += 1;
          decide = () => resolve({ allow: true, reason: 'ok' });
        }),
    };
    const door = await doorOf(made(), { opa });
    const answer = modern(door, READER(door), 'write', {});
    await until(() => asked.times === 1, 'the engine being asked');
    door.disable(['write']);
    decide();
    assert.match((await answer).body.error?.message ?? '', /no such tool: write/);
    assert.equal(door.ran, []);
  });
  test('a call in rounds that was switched off between two of them does not go on', async () => {
    const door = await doorOf(made());
    const token = READER(door);
    const { body } = await modern(door, token, 'asks', { elicitation: {} });
    door.disable(['asks']);
    const { requestState } = body.result ?? {};
    const again = await modern(
      door,
      token,
      'asks',
      { elicitation: {} },
      {
        requestState,
        inputResponses: { go: YES },
      },
    );
    assert.match(again.body.error?.message ?? '', /no such tool: asks/);
    assert.equal(door.ran, []);
  });
  test('a call that lost nothing goes on after its approval, and after its answer', async () => {
    for (const wait of Object.values(WAYS)) {
      const door = await doorOf(made());
      const waiting = await wait(door, READER(door));
      await door.approve();
      assert.is(await waiting.ended(), 'done');
      assert.equal(door.ran, ['write']);
    }
    const door = await doorOf(made());
    assert.is(await (await onStream(door, READER(door), 'asks', YES, { elicitation: {} })).ended(), 'done');
    const task = await asTask(door, READER(door), 'long', { elicitation: {} });
    await ofTask(door, READER(door), 'tasks/update', { taskId: task.id, inputResponses: { go: YES } });
    assert.is(await task.ended(), 'done');
    assert.equal(door.ran, ['asks', 'long']);
  });
  test('a call takes one from its quota, however often it is checked', async () => {
    const limits = { callsPerMinute: { all: 1 } };
    for (const wait of Object.values(WAYS)) {
      const door = await doorOf(made(), { limits });
      const waiting = await wait(door, READER(door));
      await door.approve();
      assert.is(await waiting.ended(), 'done');
      assert.is((await modern(door, READER(door), 'write', {})).body.error?.code, 403);
    }
    const door = await doorOf(made(), { limits });
    assert.is(await (await onStream(door, READER(door), 'asks', YES, { elicitation: {} })).ended(), 'done');
    const task = await asTask(door, READER(door), 'long', { elicitation: {} });
    await ofTask(door, READER(door), 'tasks/update', { taskId: task.id, inputResponses: { go: YES } });
    assert.is(await task.ended(), 'done');
    assert.is((await modern(door, READER(door), 'long', {})).body.error?.code, 429);
  });
  test('a call that waited while others spent its quota does not run, and its approval is left', async () => {
    const door = await doorOf(made(), { limits: { callsPerMinute: { all: 1 } } });
    const waiting = await asTask(door, READER(door), 'write', PAGES);
    const approved = { scope: 'bench:write approved:by:human', approved_at: at(0) };
    assert.is((await modern(door, door.token(approved), 'write', {})).body.error, undefined);
    await door.approve();
    const ending = (await waiting.ended()) as { code: number };
    assert.is(ending.code, 429);
    assert.equal(door.ran, ['write']);
    assert.not.ok(door.records().includes('approval consumed'));
  });
  test('a call that waited while its policy engine changed its decision does not run, and its approval is left', async () => {
    const engine = { allows: true };
    const opa: Opa = {
      async decide({ token }) {
        if (!engine.allows) return { allow: false, reason: 'not on Fridays' };
        if (token.scopes.includes('approved:by:human')) return { allow: true, reason: 'ok' };
        return { allow: false, reason: 'a person must approve', rule: 'approval-fresh' };
      },
    };
    for (const wait of Object.values(WAYS)) {
      engine.allows = true;
      const door = await doorOf(made(), { opa });
      const waiting = await wait(door, READER(door));
      engine.allows = false;
      await door.approve();
      const ending = (await waiting.ended()) as { code: number; message: string };
      assert.equal([ending.code, ending.message], [403, 'Forbidden: not on Fridays']);
      assert.equal(door.ran, []);
      engine.allows = true;
      assert.is(endingOf(await modern(door, READER(door), 'write', {})), 'done');
    }
  });
  test('a task that its client cancels while its approval is being used does not run', async () => {
    let reserved = async (): Promise<void> => {};
    const door: Door = await doorOf(afterReservation(made(), () => reserved()));
    const waiting = await asTask(door, READER(door), 'write', PAGES);
    const { issuer } = door.issuer;
    reserved = async () => {
      // The decision is reserved as well, and its request waits.
      if ((await door.approvals.pending({ issuer, tenant: 'default' })).length > 0) return;
      reserved = async () => {};
      await ofTask(door, READER(door), 'tasks/cancel', { taskId: waiting.id });
    };
    await door.approve();
    const { status } = await ofTaskOver(door, waiting.id);
    assert.is(status, 'cancelled');
    await until(() => door.records().some((one) => /^(refused|outcome)/.test(one)), 'the record of its end');
    assert.equal(door.ran, []);
    assert.not.ok(door.records().includes('intent'));
    assert.is(endingOf(await modern(door, READER(door), 'write', {})), 'done', 'its approval was left');
  });
  test('a server that is switched off answers no prompt and no resource, even those that need no scope', async () => {
    const door = await doorOf(made(), {}, OPEN);
    const ask = (method: string, name: string, params: Json): Promise<Answer> => {
      const { headers } = modernCall('x', {}, 1);
      const { _meta } = (JSON.parse(modernCall('x', {}, 1).body) as { params: Json }).params;
      const named = { ...headers, 'mcp-method': method, 'mcp-name': name };
      return door.post(READER(door), legacy(method, { ...params, _meta }, 2), named);
    };
    const all = (): Promise<Answer[]> =>
      Promise.all([
        ask('prompts/get', 'hello', { name: 'hello' }),
        ask('resources/read', 'open://page', { uri: 'open://page' }),
        ask('completion/complete', '', {
          ref: { type: 'ref/prompt', name: 'hello' },
          argument: { name: 'who', value: 'a' },
        }),
      ]);
    for (const { body, text: said } of await all()) assert.ok(body.result, said);
    door.service.is = 'off';
    for (const { body, text: said } of await all())
      assert.match(body.error?.message ?? said, /this server is switched off/);
  });
  test('a call that is switched off while its approval is being used does not run', async () => {
    // The switch falls between the reservation of the approval and its use.
    const door: Door = await doorOf(afterReservation(made(), async () => void door.disable(['write'])));
    const waiting = await asTask(door, READER(door), 'write', PAGES);
    await door.approve();
    door.disable([]);
    const ending = (await waiting.ended()) as { message: string };
    assert.match(ending.message, /no such tool: write/);
    assert.equal(door.ran, []);
    assert.not.ok(door.records().includes('intent'));
  });
}
