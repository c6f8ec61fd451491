/**
 * The official examples, where they lie beside this checkout: every client request is accepted by a server that has what it
 * asks for and refused by one that has not, as the revision says; and every kind of message that a server sends has its
 * counterpart among those that the transcripts see this server send.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlayed } from '../src/lesson/chapters.js';
import { readTranscript } from '../src/lesson/transcripts/transcript.js';
import { elicit, sample } from '../src/wire/mcp/input.js';
import { isRecord, type JsonObject } from '../src/wire/value.js';
import { closeAll, stand } from './http/wire.js';
import { toolOf } from './mcp/ask.js';
import { checkEmitted } from './support/emitted.js';
import { reportSkip } from './support/programs.js';

const test = suite('examples');
const SPEC = fileURLToPath(new URL('../../shared/spec/', import.meta.url));
const REVISION = '2026-07-28';
const EXAMPLES = join(SPEC, 'examples', REVISION);
const here = existsSync(EXAMPLES);
if (!here) reportSkip('examples', 'the official examples are not beside this checkout');
const check = here ? test : test.skip;
test.after(closeAll);

/** All of one kind, by the name of their file. */
function examplesOf(type: string): [file: string, value: JsonObject][] {
  return readdirSync(join(EXAMPLES, type)).map((file) => {
    const value: unknown = JSON.parse(readFileSync(join(EXAMPLES, type, file), 'utf8'));
    if (!isRecord(value)) throw new Error(`${type}/${file} is no object`);
    return [`${type}/${file}`, value];
  });
}

type Definitions = { [type: string]: JsonObject };
const definitions = (): Definitions =>
  (JSON.parse(readFileSync(join(SPEC, 'schema', `${REVISION}.json`), 'utf8')) as { $defs: Definitions })
    .$defs;
const namesIn = (choice: unknown): string[] =>
  [...JSON.stringify(choice).matchAll(/\$defs\/(\w+)/g)].map(([, name = '']) => name);

async function send(url: string, request: JsonObject): Promise<{ status: number; message: JsonObject }> {
  const response = await post(url, request);
  const [message = {}] = await read(response, 1);
  return { status: response.status, message };
}

/** All that comes: of a stream that does not end, the acknowledgement and a notice of each of three lists. */
async function messagesOf(url: string, request: JsonObject, begun: () => void): Promise<JsonObject[]> {
  const response = await post(url, request);
  begun();
  return read(response, request.method === 'subscriptions/listen' ? 4 : Number.POSITIVE_INFINITY);
}

function post(url: string, request: JsonObject): Promise<Response> {
  const { method, params } = request;
  const name = isRecord(params) ? (params.name ?? params.uri) : undefined;
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': REVISION,
      'mcp-method': String(method),
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify(request),
  });
}

/** So many messages, or as many as there are. */
async function read(response: Response, most: number): Promise<JsonObject[]> {
  const stream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  let text = '';
  const events = (): string[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
  for await (const part of response.body ?? []) {
    text += Buffer.from(part).toString('utf8');
    if (stream && text.endsWith('\n\n') && events().length >= most) break;
  }
  return (stream ? events() : [text]).map((one) => JSON.parse(one) as JsonObject);
}

const ANSWER = { content: [{ type: 'text' as const, text: 'sunny' }] };
const FULL = {
  tools: [
    toolOf('get_weather', {
      inputSchema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
      handler: async () => ANSWER,
    }),
  ],
  resources: ['file:///project/src/main.rs', 'file:///project/config.json'].map((uri) => ({
    uri,
    name: uri,
    read: async () => [{ uri, text: 'fn main() {}' }],
  })),
  prompts: [
    {
      name: 'code_review',
      arguments: [{ name: 'code' }, { name: 'language', complete: async () => ['python', 'pytorch'] }],
      get: async () => ({
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Review it' } }],
      }),
    },
  ],
};
/** Requests that are refused if there is nothing of that name. */
const NEEDS: readonly string[] = ['tools/call', 'resources/read', 'prompts/get', 'completion/complete'];

check('every client request is accepted by a server that has what it asks for', async () => {
  const { url } = await stand(FULL as never);
  const types = namesIn(definitions().ClientRequest);
  assert.is(types.length, 10);
  for (const type of types) {
    for (const [file, request] of examplesOf(type)) {
      const { status, message } = await send(url, request);
      assert.is(status, 200, file);
      assert.not.ok('error' in message, `${file}: ${JSON.stringify(message)}`);
      if (type !== 'SubscriptionsListenRequest') assert.equal(message.id, request.id, file);
      const verdict = checkEmitted({ revision: REVISION, method: String(request.method), message });
      assert.equal(verdict, 'valid', file);
    }
  }
});

check('and refused by a server that does not have it, or answered with what there is', async () => {
  const { url } = await stand({ tools: [] });
  for (const type of namesIn(definitions().ClientRequest)) {
    for (const [file, request] of examplesOf(type)) {
      const { status, message } = await send(url, request);
      const code = isRecord(message.error) ? message.error.code : undefined;
      if (NEEDS.includes(String(request.method))) {
        assert.ok(code === -32602 || code === -32601, `${file}: ${status} ${JSON.stringify(message)}`);
      } else if (code !== undefined) assert.is(code, -32601, `${file}: ${JSON.stringify(message)}`);
      assert.equal(
        checkEmitted({ revision: REVISION, method: String(request.method), message }),
        'valid',
        file,
      );
    }
  }
});

/** Every JSON value that the transcripts see the server send, and every value within. */
function* inTranscripts(): Generator<JsonObject> {
  const fixtures = fileURLToPath(new URL('../spec-fixtures/', import.meta.url));
  for (const chapter of readdirSync(fixtures).filter((name) => /^\d\d-/.test(name))) {
    for (const file of readdirSync(join(fixtures, chapter)).filter(isPlayed)) {
      const reading = readTranscript(readFileSync(join(fixtures, chapter, file), 'utf8'));
      if (reading.kind !== 'transcript') throw new Error(`${chapter}/${file} cannot be read`);
      for (const step of reading.transcript.steps) {
        if (step.kind !== 'expect') continue;
        const { expected } = step;
        const body = expected.kind === 'frames' ? expected : expected.body;
        if (body.kind === 'json') yield* within(body.value);
        if (body.kind === 'text') yield* within(parsed(body.text));
        if (body.kind !== 'frames') continue;
        for (const { data } of body.frames) if (data !== undefined) yield* within(parsed(data));
      }
    }
  }
}

function* within(value: unknown): Generator<JsonObject> {
  if (Array.isArray(value)) for (const one of value) yield* within(one);
  if (!isRecord(value)) return;
  yield value;
  for (const one of Object.values(value)) yield* within(one);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const BLOB = { uri: 'file:///dot.png', mimeType: 'image/png', blob: 'iVBORw0KGgo=' };
const CHOICES = [
  { const: 'a', title: 'A' },
  { const: 'b', title: 'B' },
];
/** A form with every kind of field that there is. */
const FORM = elicit('Fill it in', {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Your full name' },
    age: { type: 'number', minimum: 18, description: 'Your age', title: 'Age', maximum: 150, default: 30 },
    agreed: { type: 'boolean', title: 'Agreed', description: 'Whether you do', default: false },
    one: { type: 'string', title: 'One', description: 'One of two', enum: ['a', 'b'], default: 'a' },
    named: { type: 'string', title: 'Named', description: 'One of two', oneOf: CHOICES, default: 'a' },
    many: {
      type: 'array',
      title: 'Many',
      description: 'Some of two',
      items: { type: 'string', enum: ['a', 'b'] },
      minItems: 1,
      maxItems: 2,
      default: ['a'],
    },
    namedMany: {
      type: 'array',
      title: 'Some',
      items: { anyOf: CHOICES },
      minItems: 1,
      maxItems: 2,
      default: ['a'],
    },
  },
});
const MODEL = sample({
  messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
  maxTokens: 100,
  modelPreferences: {
    hints: [{ name: 'small' }],
    costPriority: 0.3,
    speedPriority: 0.8,
    intelligencePriority: 0.5,
  },
});

/** What this library sends where its user makes it: contents of every kind, a form with every field, every notice. */
async function* onceMore(): AsyncGenerator<JsonObject> {
  const { url, changed } = await stand({
    ...FULL,
    logging: true,
    tools: [
      toolOf('contents', {
        handler: async (_args, { log }) => {
          log('error', { error: 'Connection failed' }, 'database');
          return {
            content: [
              { type: 'image', data: BLOB.blob, mimeType: 'image/png' },
              { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
              {
                type: 'resource_link',
                uri: BLOB.uri,
                name: 'dot',
                description: 'A dot',
                mimeType: 'image/png',
              },
              { type: 'resource', resource: BLOB },
            ],
          };
        },
      }),
      toolOf('form', {
        handler: async (_args, { askAll }) => {
          await askAll({ form: FORM, model: MODEL });
          return { content: [] };
        },
      }),
    ],
  });
  const capabilities = { elicitation: {}, sampling: {} };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': REVISION,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/logLevel': 'debug',
  };
  const ask = (method: string, params: JsonObject): Promise<JsonObject[]> =>
    messagesOf(url, { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }, () => {
      for (const kind of ['tools', 'prompts', 'resources'] as const) changed({ kind });
    });
  for (const name of ['contents', 'form'])
    yield* (await ask('tools/call', { name, arguments: {} })).flatMap((one) => [...within(one)]);
  yield* (await ask('resources/list', {})).flatMap((one) => [...within(one)]);
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
  yield* (await ask('subscriptions/listen', { notifications })).flatMap((one) => [...within(one)]);
}

/** Messages that only a client sends, or that no server here sends. */
const NOT_OURS: { [type: string]: string } = {
  CreateMessageResult: 'a client answers with it',
  ElicitResult: 'a client answers with it',
  ListRootsResult: 'a client answers with it',
  InputResponses: 'a client answers with it',
  Root: 'a client has them',
  ClientCapabilities: 'a client has them',
  CancelledNotification: 'a client sends it; this server ends a subscription with its result, on stdio too',
  CancelledNotificationParams: 'a client sends them',
  PaginatedRequestParams: 'a client sends them',
};

check('every kind of message that a server sends has its counterpart', async () => {
  const all = definitions();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(JSON.parse(readFileSync(join(SPEC, 'schema', `${REVISION}.json`), 'utf8')), 'mcp');
  const requests = namesIn(all.ClientRequest);
  const types = readdirSync(EXAMPLES).filter(
    (type) =>
      !(type in NOT_OURS) && !requests.includes(type) && !requests.includes(type.replace(/Params$/, '')),
  );
  const wanted = new Map(types.map((type) => [type, ajv.compile({ $ref: `mcp#/$defs/${type}` })]));
  const look = (value: JsonObject): void => {
    for (const [type, validate] of wanted) {
      // By what the official examples of it have in common, so that a looser type is not taken for it.
      if (validate(value) && examplesOf(type).some(([, example]) => alike(type, example, value)))
        wanted.delete(type);
    }
  };
  for (const value of inTranscripts()) look(value);
  for await (const value of onceMore()) look(value);
  assert.equal([...wanted.keys()], []);
});

/** The members that say what a value is: kinds, methods, codes. */
function alike(type: string, example: JsonObject, value: JsonObject): boolean {
  // Its members are questions by names of the server's own.
  if (type === 'InputRequests')
    return Object.values(value).every((one) => isRecord(one) && typeof one.method === 'string');
  const telling = ['type', 'method', 'resultType', 'role'].filter(
    (name) => typeof example[name] === 'string',
  );
  if (telling.some((name) => example[name] !== value[name])) return false;
  const code = isRecord(example.error) ? example.error.code : undefined;
  if (code !== undefined && (!isRecord(value.error) || value.error.code !== code)) return false;
  return Object.keys(example)
    .filter((name) => !name.startsWith('_'))
    .some((name) => name in value);
}

test.run();
