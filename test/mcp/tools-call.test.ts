import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/wire/fault.js';
import { Catalog } from '../../src/wire/mcp/catalog.js';
import { type Tool, ToolError } from '../../src/wire/mcp/definitions.js';
import { dispatch, openCall } from '../../src/wire/mcp/dispatch.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { CLIENT_CAPABILITIES, PROTOCOL_VERSION } from '../../src/wire/mcp/meta.js';
import { Stopped } from '../../src/wire/mcp/request-context.js';
import { REVISIONS, type Revision, SUPPORTED } from '../../src/wire/revisions.js';
import { turn } from '../support/until.js';
import { ask, type Bench, errorOf, exchangeOf, principalOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/tools-call');
const SECRET = 'hunter2 at /etc/secret';
const strict: Tool['inputSchema'] = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
};

const call = (
  server: Bench,
  params: object,
  revision: Revision = '2026-07-28',
  given = exchangeOf(revision),
) => ask(server, revision, 'tools/call', { ...params }, given.exchange);
async function textOf(reply: ReturnType<typeof call>): Promise<{ text: unknown; isError: unknown }> {
  const { content, isError } = resultOf(await reply);
  return { text: (content as { text?: string }[])[0]?.text, isError };
}

test('an unknown tool is refused in every revision, in band', async () => {
  for (const revision of SUPPORTED) {
    const reply = await call(serverOf([toolOf('t')]), { name: 'no' }, revision);
    assert.equal(
      [reply.status, errorOf(reply).code, errorOf(reply).message],
      [200, -32602, 'Invalid params: no such tool: no'],
    );
  }
});
test('the names of the prototype are not tools, and a long name is not repeated in full', async () => {
  for (const name of ['constructor', '__proto__', 'toString', '', 'T', 't '])
    assert.is(errorOf(await call(serverOf([toolOf('t')]), { name })).code, -32602);
  assert.ok(errorOf(await call(serverOf([]), { name: 'x'.repeat(100_000) })).message.length < 200);
});
test('name is a text and arguments an object', async () => {
  const server = serverOf([toolOf('t')]);
  for (const name of [undefined, null, 1, ['t'], {}])
    assert.match(errorOf(await call(server, { name })).message, 'params.name must be a string');
  for (const args of [[], 'x', 1])
    assert.match(
      errorOf(await call(server, { name: 't', arguments: args })).message,
      'params.arguments must be an object',
    );
});
test('null for a missing argument is read as left out, before the policy decides and the tool runs', async () => {
  const seen: unknown[] = [];
  const tool = toolOf('t', {
    inputSchema: {
      type: 'object',
      properties: { n: { type: 'integer' }, o: { type: 'object', properties: { t: { type: 'string' } } } },
      additionalProperties: false,
    },
    handler: (args) => {
      seen.push(args);
      return {};
    },
  });
  const policy: Policy = {
    needs: () => [],
    access: () => ({ scopes: [] }),
    use: () => ({ allow: true, reason: 'ok' }),
    call: (_, args) => {
      seen.push(args);
      return { allow: true, reason: 'ok' };
    },
  };
  for (const args of [null, { n: null }, { o: null, n: null }, {}]) {
    const reply = await call({ ...serverOf([tool]), policy }, { name: 't', arguments: args });
    assert.not.ok(resultOf(reply).isError);
    assert.equal(seen.splice(0), [{}, {}]);
  }
  await call({ ...serverOf([tool]), policy }, { name: 't', arguments: { n: 1, o: { t: null } } });
  assert.equal(seen.splice(0), [
    { n: 1, o: {} },
    { n: 1, o: {} },
  ]);
});
test('with strict arguments null is null: it is refused, and the refusal says so', async () => {
  const server = serverOf([toolOf('t', { inputSchema: { ...strict, required: [] } })], {
    strictArguments: true,
  });
  assert.match(
    errorOf(await call(server, { name: 't', arguments: null })).message,
    'params.arguments must be an object, received null',
  );
  const { text, isError } = await textOf(call(server, { name: 't', arguments: { n: null } }));
  assert.is(isError, true);
  assert.match(String(text), '/n: expected integer, received null');
});
test('the refusal of a required argument says that null was received', async () => {
  const { text } = await textOf(
    call(serverOf([toolOf('t', { inputSchema: strict })]), { name: 't', arguments: { n: null } }),
  );
  assert.match(String(text), '/n: expected integer, received null');
});
test('without arguments a handler gets none', async () => {
  let given: unknown;
  const tool = toolOf('t', {
    handler: (args) => {
      given = args;
      return {};
    },
  });
  await call(serverOf([tool]), { name: 't' });
  assert.equal(given, {});
});
test('bad arguments are a result to read since 2025-11-25 and an error before; no handler runs', async () => {
  let ran = 0;
  const tool = toolOf('t', {
    inputSchema: strict,
    handler: () => {
      ran += 1;
      return {};
    },
  });
  const said = 'arguments do not match the schema of t: /n: expected integer, received string "x"';
  for (const revision of SUPPORTED) {
    const reply = await call(serverOf([tool]), { name: 't', arguments: { n: 'x' } }, revision);
    assert.is(reply.status, 200);
    if (REVISIONS[revision].badArguments === 'error') {
      assert.equal(errorOf(reply), {
        code: -32602,
        message: `Invalid params: ${said}`,
        data: { pointer: '/n', expected: 'integer', received: 'string "x"' },
      });
    } else {
      assert.is(resultOf(reply).isError, true);
      assert.equal(resultOf(reply).content, [{ type: 'text', text: said }]);
    }
  }
  assert.is(ran, 0);
});
test('a ToolError reaches the caller in its own words, thrown at once or later', async () => {
  const now = toolOf('now', {
    handler: () => {
      throw new ToolError('no such file');
    },
  });
  const later = toolOf('later', {
    handler: async () => {
      throw new ToolError('no such file');
    },
  });
  const server = serverOf([now, later]);
  for (const name of ['now', 'later'])
    assert.equal(await textOf(call(server, { name })), { text: 'no such file', isError: true });
  assert.equal(server.errors, []);
});
test('anything else that is thrown is reported to the server alone', async () => {
  for (const thrown of [
    new Error(SECRET),
    SECRET,
    { message: SECRET },
    undefined,
    null,
    new TypeError(SECRET),
  ]) {
    for (const handler of [
      () => {
        throw thrown;
      },
      async () => {
        throw thrown;
      },
    ]) {
      const server = serverOf([toolOf('t', { handler })]);
      const reply = await call(server, { name: 't' });
      assert.not.match(JSON.stringify(reply), 'hunter2');
      assert.equal(await textOf(Promise.resolve(reply)), {
        text: "t failed; the reason is in the server's log",
        isError: true,
      });
      assert.is(server.errors.length, 1);
      // A thrown value that is not an Error has no stack to log, so an error that names the tool stands for it.
      if (thrown instanceof Error) assert.is(server.errors[0], thrown);
      else assert.match(String(server.errors[0]), /^InvalidResult: t threw /);
    }
  }
});
test('a result that breaks the outputSchema never leaves, and the reason is reported to the server', async () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
  for (const result of [
    { structuredContent: { n: SECRET } },
    { structuredContent: {} },
    {},
    { content: [] },
  ]) {
    const server = serverOf([toolOf('t', { outputSchema, handler: () => result })]);
    const reply = await call(server, { name: 't' });
    assert.is(resultOf(reply).isError, true);
    assert.not.match(JSON.stringify(reply), 'hunter2');
    assert.match(String(server.errors[0]), 't returned a value that breaks its outputSchema; ');
  }
  const good = serverOf([toolOf('t', { outputSchema, handler: () => ({ structuredContent: { n: 1 } }) })]);
  assert.equal(resultOf(await call(good, { name: 't' })).structuredContent, { n: 1 });
});
test('a result that says it failed need not fit the outputSchema', async () => {
  const handler = () => ({ content: [{ type: 'text' as const, text: 'no' }], isError: true });
  const server = serverOf([toolOf('t', { outputSchema: { type: 'object', required: ['n'] }, handler })]);
  assert.equal(await textOf(call(server, { name: 't' })), { text: 'no', isError: true });
  assert.equal(server.errors, []);
});
test('a handler that ignores its signal is abandoned at the deadline', async () => {
  let signal: AbortSignal | undefined;
  const handler: Tool['handler'] = (_args, context) => {
    signal = context.signal;
    return new Promise(() => {});
  };
  const given = exchangeOf('2026-07-28');
  const server = serverOf([toolOf('t', { handler })], { toolDeadlineMs: 700 });
  const reply = call(server, { name: 't' }, '2026-07-28', given);
  await turn();
  given.clock.strike();
  assert.equal(await textOf(reply), { text: 't was stopped: not finished within 700 ms', isError: true });
  assert.ok(signal?.aborted);
  assert.is(given.clock.timers.size, 0);
  assert.match(String(server.errors), 'not finished within 700 ms');
});
test('a handler gets one string for the tenant and its issuer, because another issuer may use the same name', async () => {
  const keyOf = async (issuer: string): Promise<string> => {
    const handler: Tool['handler'] = async (_args, { tenant, tenantKey }) => ({
      content: [{ type: 'text', text: `${tenant} ${tenantKey}` }],
    });
    const given = exchangeOf('2026-07-28', { principal: principalOf({ issuer, tenant: 'acme' }) });
    const { text } = await textOf(
      call(serverOf([toolOf('t', { handler })]), { name: 't' }, '2026-07-28', given),
    );
    return String(text);
  };
  assert.is(await keyOf('https://a.example'), 'acme ["https://a.example","acme"]');
  assert.is(await keyOf('https://b.example'), 'acme ["https://b.example","acme"]');
});
test('a call that first waits for something the server needs keeps its own deadline for later', async () => {
  const given = exchangeOf('2026-07-28');
  const server = serverOf(
    [
      toolOf('t', {
        handler: async (_args, { waitFor, tenant }) => {
          const needed = new Promise<string>((resolve) => {
            ready = resolve;
          });
          return { content: [{ type: 'text', text: `${await waitFor(needed)} for ${tenant}` }] };
        },
      }),
    ],
    { toolDeadlineMs: 700 },
  );
  let ready: (needed: string) => void = () => {};
  const reply = call(server, { name: 't' }, '2026-07-28', given);
  const waits = () => [...given.clock.timers].map(({ ms }) => ms);
  for (let turn = 0; turn < 20 && !waits().includes(300_000); turn++) await Promise.resolve();
  // The second one tells a long wait from a short one.
  assert.equal(waits(), [300_000, 1_000]);
  ready('prepared');
  assert.equal(await textOf(reply), { text: 'prepared for default', isError: undefined });
  assert.is(given.clock.timers.size, 0);
});
test('a call that waited long for something the server needs, and was switched off meanwhile, does not go on', async () => {
  for (const long of [false, true]) {
    const given = exchangeOf('2026-07-28');
    let ready = (): void => {};
    const ran: string[] = [];
    const server = serverOf(
      [
        toolOf('t', {
          handler: async (_args, { waitFor }) => {
            await waitFor(
              new Promise<void>((resolve) => {
                ready = resolve;
              }),
            );
            ran.push('t');
            return { content: [] };
          },
        }),
      ],
      { toolDeadlineMs: 700 },
    );
    const reply = call(server, { name: 't' }, '2026-07-28', given);
    const timer = () => [...given.clock.timers].find(({ ms }) => ms === 1_000);
    for (let turn = 0; turn < 20 && timer() === undefined; turn++) await Promise.resolve();
    if (long) timer()?.run();
    server.catalog.disable(new Set(['t']));
    ready();
    const answered = await reply;
    if (long) assert.is(errorOf(answered).message, 'Invalid params: no such tool: t');
    else assert.equal(resultOf(answered).content, []);
    assert.equal(ran, long ? [] : ['t']);
  }
});
test('a call whose tool was replaced while it waited is refused, and says so', async () => {
  const given = exchangeOf('2026-07-28');
  const server = serverOf([toolOf('t', { destructive: true })]);
  const other = new Catalog([toolOf('t')]);
  server.audit = {
    ...{ outcome: (_call, reply) => reply, taskEnded: async () => undefined },
    ...{ rejected: async () => {}, close: async () => {} },
    intent: async () => {
      server.catalog.entries = other.entries;
      return undefined;
    },
  };
  const message = 'Invalid params: t was replaced while the call waited; send it again';
  assert.is(errorOf(await call(server, { name: 't' }, '2026-07-28', given)).message, message);
});
test('a cancelled call has an error for an answer, even when its handler ends well', async () => {
  for (const [why, code] of [
    ['cancelled', 499],
    ['stopping', 503],
  ] as const) {
    const given = exchangeOf('2025-11-25');
    const handler: Tool['handler'] = async (_args, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { content: [] };
    };
    const reply = call(serverOf([toolOf('t', { handler })]), { name: 't' }, '2025-11-25', given);
    await turn();
    given.exchange.stop(new Stopped(why, 'enough'));
    assert.equal([errorOf(await reply).code, given.clock.timers.size], [code, 0]);
  }
});
test('a handler that fails after its stop causes no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const given = exchangeOf('2026-07-28');
  const handler: Tool['handler'] = (_args, { signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => turn().then(() => reject(new Error(SECRET)))),
    );
  const reply = call(serverOf([toolOf('t', { handler })]), { name: 't' }, '2026-07-28', given);
  given.exchange.stop(new Stopped('cancelled', 'enough'));
  assert.is(errorOf(await reply).code, 499);
  for (let turns = 0; turns < 3; turns += 1) await turn();
  process.off('unhandledRejection', note);
  assert.equal(unhandled, []);
});
test('a handler may answer at once, and then no timer is made', async () => {
  const given = exchangeOf('2026-07-28');
  const server = serverOf([toolOf('t', { handler: () => ({ structuredContent: 7 }) })]);
  assert.is(resultOf(await call(server, { name: 't' }, '2026-07-28', given)).structuredContent, 7);
  assert.is(given.clock.timers.size, 0);
});
test('a handler cannot report progress once its call is answered', async () => {
  const given = exchangeOf('2026-07-28', { token: 'p' });
  let late = (): void => {};
  const handler: Tool['handler'] = async (_args, { progress }) => {
    progress(1);
    late = () => progress(2);
    return {};
  };
  await call(serverOf([toolOf('t', { handler })]), { name: 't' }, '2026-07-28', given);
  late();
  assert.equal(
    given.sent.map(({ params }) => params.progress),
    [1],
  );
});
test('mirrored arguments are checked in the modern era over HTTP alone', async () => {
  const tool = toolOf('t', {
    inputSchema: { type: 'object', properties: { r: { type: 'string', 'x-mcp-header': 'R' } } },
  });
  const params = {
    name: 't',
    arguments: { r: 'a' },
    _meta: { [PROTOCOL_VERSION]: '2026-07-28', [CLIENT_CAPABILITIES]: {} },
  };
  const request = { kind: 'request', id: 1, method: 'tools/call', params } as const;
  const named = { 'mcp-method': 'tools/call', 'mcp-name': 't' };
  const open = (revision: Revision, headers?: { [name: string]: string }) => {
    const { transport } = exchangeOf(revision, headers && { headers }).exchange;
    return openCall(serverOf([tool]), request, revision, principalOf(), transport);
  };
  const refused = open('2026-07-28', named);
  assert.is(refused instanceof Fault && refused.code, -32020);
  for (const opened of [
    open('2026-07-28', { ...named, 'mcp-param-r': 'a' }),
    open('2026-07-28'),
    open('2025-11-25', {}),
  ]) {
    if (opened instanceof Fault) throw opened;
    assert.ok(resultOf(await dispatch(opened)));
  }
});
test('a tool that needs a capability is refused to a modern client without it', async () => {
  const tool = toolOf('t', { requires: { elicitation: { form: {} } } });
  const wanting = await call(
    serverOf([tool]),
    { name: 't' },
    '2026-07-28',
    exchangeOf('2026-07-28', { capabilities: {} }),
  );
  assert.equal([wanting.status, errorOf(wanting).code], [400, -32021]);
  assert.equal(errorOf(wanting).data, { requiredCapabilities: { elicitation: { form: {} } } });
  const having = exchangeOf('2026-07-28', { capabilities: { elicitation: { form: {} }, other: {} } });
  assert.ok(resultOf(await call(serverOf([tool]), { name: 't' }, '2026-07-28', having)));
  assert.ok(resultOf(await call(serverOf([tool]), { name: 't' }, '2025-11-25')));
});

test.run();
