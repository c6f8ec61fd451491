/** What a handler sends while it runs, to a caller who may not read personal columns, and what it passes by mistake. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskColumns, PERSONAL_COLUMNS } from '../../src/governance/policy/columns.js';
import type { InputRequest, Tool } from '../../src/wire/mcp/definitions.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import { ask, type Bench, exchangeOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/plain-message');
const ADA = '{"email":"ada@example.com"}';
const MASKED = '{"email":"[email]"}';
const mask = (text: string) => maskColumns(text, PERSONAL_COLUMNS);
const policy: Policy = {
  needs: () => [],
  access: () => ({ scopes: [] }),
  call: () => ({ allow: true, reason: 'ok', mask }),
  use: () => ({ allow: true, reason: 'ok', mask }),
};

function masking(handler: Tool['handler']): Bench {
  return { ...serverOf([toolOf('t', { handler })]), policy, logging: true };
}
async function call(server: Bench, given = exchangeOf('2026-07-28', { token: 1 })) {
  Object.assign(given.exchange.caller, { logLevel: 'debug' });
  const reply = await ask(server, '2026-07-28', 'tools/call', { name: 't' }, given.exchange);
  return { ...given, result: resultOf(reply) };
}

test('progress and log messages are masked', async () => {
  const { sent } = await call(
    masking((_args, { progress, log }) => {
      progress(1, 2, ADA);
      log('info', JSON.parse(ADA), ADA);
      log('info', ADA);
      log('info', [{ toJSON: () => JSON.parse(ADA) }]);
      return {};
    }),
  );
  assert.equal(
    sent.map(({ params }) => params.message ?? params.data),
    [MASKED, JSON.parse(MASKED), MASKED, [JSON.parse(MASKED)]],
  );
  assert.is(sent[1]?.params.logger, MASKED);
});
test('a message that cannot be sent fails the call, and the log says which tool sent it', async () => {
  for (const [send, said] of [
    [({ progress }) => progress(1, 2, Object(42)), 't sent a message with an object; give a string'],
    [({ log }) => log('info', { n: 1n }), 't logged a bigint at /n'],
    [({ log }) => log('info', undefined), 't logged nothing'],
    [({ log }) => log('info', 'x', Object(42)), 't sent a message with an object'],
  ] as [(context: Parameters<Tool['handler']>[1]) => void, string][]) {
    const server = masking((_args, context) => {
      send(context);
      return {};
    });
    const { sent, result } = await call(server);
    assert.equal([sent, result.isError], [[], true]);
    assert.match(String(server.errors[0]), said);
  }
});
test('the text of a question is masked and its schema is not', async () => {
  const requestedSchema = { type: 'object', properties: { email: { type: 'string' } } };
  const question: InputRequest = { method: 'elicitation/create', params: { message: ADA, requestedSchema } };
  const content = { type: 'text', text: ADA };
  const sampling: InputRequest = {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content }], systemPrompt: ADA, maxTokens: 1 },
  };
  const server = masking(async (_args, context) => {
    await context.askAll({ question, sampling });
    return {};
  });
  const given = exchangeOf('2026-07-28', { capabilities: { elicitation: {}, sampling: {} } });
  const { result } = await call(server, given);
  assert.equal(result.inputRequests, {
    question: { ...question, params: { message: MASKED, requestedSchema } },
    sampling: {
      ...sampling,
      params: {
        messages: [{ role: 'user', content: { ...content, text: MASKED } }],
        systemPrompt: MASKED,
        maxTokens: 1,
      },
    },
  });
  assert.is(question.params.message, ADA, 'the question itself is unchanged');
});
test('an invalid question fails the call, and the log says which tool asked it', async () => {
  const cyclic: InputRequest = { method: 'roots/list', params: {} };
  cyclic.params.self = cyclic;
  for (const [question, said] of [
    [cyclic, 't asked a value that contains itself at /params/self'],
    [{ method: 'tools/call', params: {} }, 't asked {"method":"tools/call","params":{}}'],
    [undefined, 't asked nothing'],
  ] as [InputRequest, string][]) {
    const server = masking(async (_args, context) => {
      await context.ask('q', question);
      return {};
    });
    const { result } = await call(server);
    assert.is(result.isError, true);
    assert.match(String(server.errors[0]), said);
  }
});
test('a question that no client may be asked never leaves, in either era', async () => {
  const elicitation = (params: object) => ({
    method: 'elicitation/create',
    params: { message: 'm', ...params },
  });
  const sampling = (params: object) => ({ method: 'sampling/createMessage', params });
  const schema = (properties: object) => ({ requestedSchema: { type: 'object', properties } });
  const message = { role: 'user', content: { type: 'text', text: 'Hi' } };
  const cases: [question: unknown, advice: RegExp][] = [
    [elicitation({ message: 7, ...schema({}) }), /message must be a string/],
    [elicitation({}), /requestedSchema: expected type "object"/],
    [elicitation({ requestedSchema: [] }), /requestedSchema: expected type "object"/],
    [elicitation(schema({ a: { type: 'object' } })), /\/properties\/a must be a primitive/],
    [elicitation({ mode: 'page', ...schema({}) }), /mode must be "form" or "url"/],
    [elicitation({ mode: 'url', url: 'nowhere' }), /url must be a valid URL/],
    [elicitation({ mode: 'url' }), /url must be a valid URL/],
    [sampling({}), /messages must be an array/],
    [sampling({ messages: [{ ...message, role: 'system' }], maxTokens: 1 }), /messages must be an array/],
    [sampling({ messages: [{ role: 'user', content: 'Hi' }], maxTokens: 1 }), /messages must be an array/],
    [sampling({ messages: [message] }), /maxTokens must be a whole number/],
  ];
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} };
  for (const [question, advice] of cases)
    for (const revision of ['2026-07-28', '2025-11-25'] as const) {
      const server = serverOf([
        toolOf('t', {
          handler: async (_args, context) => ({
            structuredContent: await context.ask('q', question as InputRequest),
          }),
        }),
      ]);
      const asked: string[] = [];
      const { exchange } = exchangeOf(revision, {
        capabilities,
        request: async (method) => {
          asked.push(method);
          return {};
        },
      });
      const result = resultOf(await ask(server, revision, 'tools/call', { name: 't' }, exchange));
      assert.is(result.isError, true);
      assert.not.ok('inputRequests' in result);
      assert.equal(asked, []);
      assert.match(String(server.errors[0]), advice);
    }
});
test('prompts, resources and completions are masked like results', async () => {
  const server: Bench = {
    ...serverOf([]),
    policy,
    prompts: createPrompts([
      {
        name: 'p',
        scope: 's',
        arguments: [{ name: 'a', complete: () => [ADA] }],
        get: () => ({ description: ADA, messages: [{ role: 'user', content: { type: 'text', text: ADA } }] }),
      },
    ]),
    resources: createResources(
      [
        {
          uri: 'a:b',
          name: 'r',
          scope: 's',
          read: (uri) => [{ uri, text: ADA, _meta: { x: JSON.parse(ADA) } }],
        },
      ],
      [],
    ),
  };
  const prompt = resultOf(await ask(server, '2025-11-25', 'prompts/get', { name: 'p' }));
  assert.equal(prompt, {
    description: MASKED,
    messages: [{ role: 'user', content: { type: 'text', text: MASKED } }],
  });
  const { contents } = resultOf(await ask(server, '2025-11-25', 'resources/read', { uri: 'a:b' }));
  assert.equal(contents, [{ uri: 'a:b', text: MASKED, _meta: { x: JSON.parse(MASKED) } }]);
  const ref = { type: 'ref/prompt', name: 'p' };
  const params = { ref, argument: { name: 'a', value: '' } };
  const { completion } = resultOf(await ask(server, '2025-11-25', 'completion/complete', params));
  assert.equal(completion, { values: [MASKED], total: 1, hasMore: false });
});

test.run();
