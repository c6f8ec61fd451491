/**
 * The tools of the lesson: small, harmless, each there to show one thing on the wire. Served with
 * `node dist/server.js --tools spec-fixtures/tools.js`, they are also an example of a tool module: plain objects,
 * nothing imported.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const object = (properties, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Progress on the call's own stream, a log message for clients that asked for it, and a call that lasts. */
export const count = {
  name: 'lesson.count',
  title: 'Count',
  description: 'Counts to a number, resting between steps, and tells how far it is.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({
    to: { type: 'integer', minimum: 1, maximum: 1000 },
    restMs: { type: 'integer', minimum: 0, maximum: 60000 },
  }),
  async handler({ to, restMs }, { signal, progress, log }) {
    for (let step = 1; step <= to; step += 1) {
      await sleep(restMs, undefined, { signal });
      progress(step, to, `${step} of ${to}`);
      log('info', { step });
    }
    return { content: [{ type: 'text', text: `counted to ${to}` }] };
  },
};

/** Two arguments that travel in headers too: `Mcp-Param-Region` and `Mcp-Param-Shard`. */
export const route = {
  name: 'lesson.route',
  title: 'Route',
  description: 'Says where a call was routed; gateways may read the region and shard from headers.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object(
    {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      shard: { type: 'integer', 'x-mcp-header': 'Shard' },
    },
    ['region'],
  ),
  outputSchema: object({ region: { type: 'string' }, shard: { type: ['integer', 'null'] } }),
  handler: ({ region, shard }) => ({ structuredContent: { region, shard: shard ?? null } }),
};

/** Served only to clients that declare elicitation. */
export const ask = {
  name: 'lesson.ask',
  title: 'Ask',
  description: 'Needs a client that can ask its user.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  requires: { elicitation: {} },
  inputSchema: object({}),
  handler: () => ({ content: [{ type: 'text', text: 'this client can ask' }] }),
};

/** Breaks the promise of its output schema: the caller learns that it failed, and the log says why. */
export const liar = {
  name: 'lesson.liar',
  title: 'Liar',
  description: 'Promises a number and returns a text.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({}),
  outputSchema: object({ answer: { type: 'integer' } }),
  handler: () => ({ structuredContent: { answer: 'forty-two' } }),
};

/** Throws what no caller may read. */
export const crash = {
  name: 'lesson.crash',
  title: 'Crash',
  description: 'Throws an error whose message must not reach the wire.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({}),
  handler: () => {
    throw new Error('password=hunter2 at /etc/secret');
  },
};

/** A list: structured content that is no object, which only 2026-07-28 knows. */
export const list = {
  name: 'lesson.list',
  title: 'List',
  description: 'Returns a JSON array.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
  outputSchema: { type: 'array', items: { type: 'integer' } },
  handler: () => ({ structuredContent: [1, 2, 3] }),
};

const form = (message, properties) => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties, required: Object.keys(properties) } },
});
const said = (text) => ({ content: [{ type: 'text', text }] });
const lesson = (name, title, description, handler, inputSchema = object({})) => ({
  name: `lesson.${name}`,
  title,
  description,
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema,
  handler,
});

/** One question to the client's user. */
const greet = lesson(
  'greet',
  'Greet',
  'Asks whom to greet.',
  async ({ politely }, { ask }) => {
    const { action, content } = await ask(
      'name',
      form('Whom shall I greet?', { name: { type: 'string', minLength: 1 } }),
    );
    if (action !== 'accept') return said(`nobody is greeted: ${action}`);
    return said(`${politely ? 'Good day' : 'Hello'}, ${content.name}!`);
  },
  object({ politely: { type: 'boolean' } }, []),
);

/** Two questions at once, and one more that depends on their answers. */
const poem = lesson(
  'poem',
  'Poem',
  'Has a poem written about one of the roots.',
  async (_, { ask, askAll }) => {
    const { mood, roots } = await askAll({
      mood: form('In which mood?', { mood: { type: 'string', enum: ['merry', 'gloomy'] } }),
      roots: { method: 'roots/list', params: {} },
    });
    const text = `A ${mood.content?.mood} line about ${roots.roots[0]?.uri}, please.`;
    const messages = [{ role: 'user', content: { type: 'text', text } }];
    const written = await ask('line', {
      method: 'sampling/createMessage',
      params: { messages, maxTokens: 50 },
    });
    return said(written.content.text);
  },
);

/** A page for the client's user: what is entered there never passes through the client. */
const visit = lesson('visit', 'Visit', 'Sends the user to a page.', async (_, { ask }) => {
  const params = {
    mode: 'url',
    message: 'Please connect your account.',
    url: 'https://example.com/connect?flow=7',
    elicitationId: 'flow-7',
  };
  const { action } = await ask('page', { method: 'elicitation/create', params });
  return said(`the user said: ${action}`);
});

/** A sampling request with a tool in it, which only some clients take; the tool's use and its result stand in order. */
const think = lesson(
  'think',
  'Think',
  'Has the model go on after a use of a tool.',
  async (_, { ask }) => {
    const messages = [
      { role: 'user', content: { type: 'text', text: 'What is 6 times 7?' } },
      {
        role: 'assistant',
        content: { type: 'tool_use', id: 'u-1', name: 'multiply', input: { a: 6, b: 7 } },
      },
      {
        role: 'user',
        content: { type: 'tool_result', toolUseId: 'u-1', content: [{ type: 'text', text: '42' }] },
      },
    ];
    const tools = [
      { name: 'multiply', inputSchema: object({ a: { type: 'integer' }, b: { type: 'integer' } }) },
    ];
    const params = { messages, maxTokens: 50, tools };
    const { content } = await ask('answer', { method: 'sampling/createMessage', params });
    return said(content.text);
  },
);

/** Goes on in the background for clients that know tasks, and ends well, badly, or not at all. */
const bake = lesson(
  'bake',
  'Bake',
  'Bakes a cake, which takes its time.',
  ({ restMs, ends }, { task }) =>
    task(async ({ signal }) => {
      await sleep(restMs, undefined, { signal });
      if (ends === 'dropped') throw new Error('the tray at /kitchen/shelf-3 was wet');
      return { ...said(`the cake is ${ends}`), isError: ends === 'burnt' };
    }),
  object({
    restMs: { type: 'integer', minimum: 0, maximum: 60000 },
    ends: { type: 'string', enum: ['done', 'burnt', 'dropped'] },
  }),
);

/** A task that needs two answers before it can go on. */
const order = lesson('order', 'Order', 'Takes an order for a cake.', (_, { task }) =>
  task(async ({ askAll }) => {
    const { size, name } = await askAll({
      size: form('Which size?', { size: { type: 'string', enum: ['small', 'large'] } }),
      name: form('Which name?', { name: { type: 'string' } }),
    });
    if (size.action !== 'accept' || name.action !== 'accept') return said('nothing is ordered');
    return said(`a ${size.content.size} cake for ${name.content.name}`);
  }),
);

/** Lets its stream go before it is done: the client comes back for the rest. */
const pause = lesson(
  'pause',
  'Pause',
  'Works on without its stream for a while.',
  async ({ restMs }, { signal, progress, releaseStream }) => {
    progress(1, 2);
    releaseStream();
    await sleep(restMs, undefined, { signal });
    progress(2, 2);
    return said('back again');
  },
  object({ restMs: { type: 'integer', minimum: 0, maximum: 60000 } }),
);

/** Needs a scope that the scope of the others includes, once the server is set up so: `--scope-implies`. */
const peek = {
  ...lesson('peek', 'Peek', 'Looks on without taking part.', () => said('seen'), {
    // A word of 2020-12, which is what a schema is written in that does not name its dialect.
    type: 'object',
    unevaluatedProperties: false,
  }),
  scope: 'lesson:read',
};

/** Returns what is no result. Each way out is one that real tools have taken. */
const odd = lesson(
  'odd',
  'Odd',
  'Returns a value that is not JSON, or not a result.',
  ({ returns }) => {
    const cycle = { rows: [] };
    cycle.self = cycle;
    const values = {
      cycle: { structuredContent: cycle },
      infinity: { structuredContent: { rows: [{ average: 1 / 0 }] } },
      bigint: { content: [], structuredContent: { id: 1n } },
      promise: { structuredContent: { rows: Promise.resolve([]) } },
      number: { content: [{ type: 'text', text: 42 }] },
      json: { content: [{ type: 'json', json: {} }] },
      string: 'done',
      nothing: undefined,
    };
    return values[returns];
  },
  object({
    returns: {
      type: 'string',
      enum: ['cycle', 'infinity', 'bigint', 'promise', 'number', 'json', 'string', 'nothing'],
    },
  }),
);

/** One contact, in the forms in which an address could slip past a mask. */
const contact = lesson(
  'contact',
  'Contact',
  'Looks up a contact, in one of several forms.',
  ({ form }) => {
    const email = 'ada@example.com';
    const text = `{"email":"${email}","id":1915883588174806058,"rate":1.0}`;
    const forms = {
      instance: { structuredContent: { toJSON: () => ({ email, created: new Date(0) }) } },
      text: said(text),
      marked: said(`\ufeff${text}`),
      lines: said(`${text}\n{"email":null}\n${text}`),
      meta: { ...said('see _meta'), _meta: { 'com.example/source': { email } } },
    };
    return forms[form];
  },
  object({ form: { type: 'string', enum: ['instance', 'text', 'marked', 'lines', 'meta'] } }),
);

/** A module may export tools one by one, and several in an array. */
export const withTheClient = [greet, poem, visit, think, bake, order, pause, peek, odd, contact];
