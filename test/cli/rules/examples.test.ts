/** The official examples, where they are beside this checkout: none of their messages violates anything. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWitness, type Violation } from '../../../src/cli/rules/witness.js';
import { isRecord, type JsonObject } from '../../../src/wire/value.js';
import { reportSkip } from '../../support/programs.js';
import { ask, modern, SERVER_META } from './exchanges.js';

const test = suite('cli/rules/examples');
const EXAMPLES = fileURLToPath(new URL('../../../../shared/spec/examples/2026-07-28/', import.meta.url));
const here = existsSync(EXAMPLES);
if (!here) reportSkip('cli/rules/examples', 'the official examples are not beside this checkout');
const check = here ? test : test.skip;

function examplesOf(type: string): [file: string, value: JsonObject][] {
  return readdirSync(join(EXAMPLES, type)).map((file) => [
    `${type}/${file}`,
    JSON.parse(readFileSync(join(EXAMPLES, type, file), 'utf8')),
  ]);
}

const params: { [method: string]: JsonObject } = {
  'tools/call': { name: 'any' },
  'prompts/get': { name: 'any' },
  'resources/read': { uri: 'file:///any' },
  'completion/complete': { ref: { type: 'ref/prompt', name: 'any' }, argument: { name: 'a', value: '' } },
  'subscriptions/listen': {
    notifications: {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: ['file:///project/src/main.rs'],
    },
  },
};
/** A result that lies in an answer to this method. */
const answered =
  (method: string) =>
  (result: JsonObject, id: unknown = 1): Violation[] =>
    ask(modern(method, { ...params[method] }, { id }), {
      result: { ...result, _meta: { ...SERVER_META, ...meta(result) } },
    });
const meta = (value: JsonObject): JsonObject => (isRecord(value._meta) ? value._meta : {});
const inCall = (result: JsonObject) => answered('tools/call')({ resultType: 'complete', ...result });
const listed = (method: string, member: string) => (item: JsonObject) =>
  answered(method)({ resultType: 'complete', [member]: [item], ttlMs: 0, cacheScope: 'private' });
const asked = (inputRequests: JsonObject) =>
  answered('tools/call')({ resultType: 'input_required', inputRequests });
const elicited = (schema: JsonObject) =>
  asked({
    q: {
      method: 'elicitation/create',
      params: { message: 'Which?', requestedSchema: { type: 'object', properties: { a: schema } } },
    },
  });
const sampledIn = (message: JsonObject) =>
  asked({ q: { method: 'sampling/createMessage', params: { messages: [message], maxTokens: 10 } } });
const failed =
  (status: number) =>
  (message: JsonObject): Violation[] =>
    ask(modern('tools/call', params['tools/call'], { id: message.id ?? 1 }), message, { status });
const errorOf = (status: number) => (error: JsonObject) => failed(status)({ jsonrpc: '2.0', id: 1, error });
const requested = (message: JsonObject): Violation[] => ask(message);
const notified = (message: JsonObject): Violation[] =>
  ask(
    modern('tools/call', {
      name: 'any',
      _meta: { progressToken: token(message), 'io.modelcontextprotocol/logLevel': 'debug' },
    }),
    [message],
  );
const token = ({ params: inner }: JsonObject) =>
  isRecord(inner) ? (inner.progressToken ?? 'oivaizmir') : 'oivaizmir';
const onListen = (message: JsonObject): Violation[] => {
  const id = isRecord(message.params)
    ? meta(message.params)['io.modelcontextprotocol/subscriptionId']
    : undefined;
  const inner = isRecord(message.params) ? message.params : {};
  const listening = modern(
    'subscriptions/listen',
    { ...params['subscriptions/listen'], ...(isRecord(inner.notifications) ? inner : {}) },
    { id },
  );
  const acknowledged = {
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: {}, _meta: { 'io.modelcontextprotocol/subscriptionId': id } },
  };
  return ask(listening, message.method === acknowledged.method ? [message] : [acknowledged, message]);
};
const onStdio = (message: JsonObject): Violation[] => {
  const witness = createWitness({ transport: 'stdio' });
  const id = isRecord(message.params) ? message.params.requestId : undefined;
  return [
    ...witness.line('client', JSON.stringify(modern('tools/call', params['tools/call'], { id }))),
    ...witness.line('client', JSON.stringify(message)),
  ];
};
const paramsOf = (method: string) => (inner: JsonObject) => requested(modern(method, inner));
const notificationOf = (method: string, send: (message: JsonObject) => Violation[]) => (inner: JsonObject) =>
  send({ jsonrpc: '2.0', method, params: inner });

/** How an example of each type becomes a message. */
const WRAPS: { [type: string]: (value: JsonObject) => Violation[] } = {
  AudioContent: (value) => inCall({ content: [value] }),
  ImageContent: (value) => inCall({ content: [value] }),
  TextContent: (value) => inCall({ content: [value] }),
  ResourceLink: (value) => inCall({ content: [value] }),
  EmbeddedResource: (value) => inCall({ content: [value] }),
  BlobResourceContents: (value) => inCall({ content: [{ type: 'resource', resource: value }] }),
  TextResourceContents: (value) => inCall({ content: [{ type: 'resource', resource: value }] }),
  CallToolRequestParams: paramsOf('tools/call'),
  GetPromptRequestParams: paramsOf('prompts/get'),
  CompleteRequestParams: paramsOf('completion/complete'),
  PaginatedRequestParams: paramsOf('tools/list'),
  CancelledNotificationParams: notificationOf('notifications/cancelled', onStdio),
  CancelledNotification: onStdio,
  ProgressNotificationParams: notificationOf('notifications/progress', notified),
  ProgressNotification: notified,
  LoggingMessageNotification: notified,
  LoggingMessageNotificationParams: notificationOf('notifications/message', notified),
  PromptListChangedNotification: onListen,
  ResourceListChangedNotification: onListen,
  ToolListChangedNotification: onListen,
  ResourceUpdatedNotification: onListen,
  ResourceUpdatedNotificationParams: (inner) =>
    onListen({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { ...inner, _meta: { 'io.modelcontextprotocol/subscriptionId': 'a', ...meta(inner) } },
    }),
  SubscriptionsAcknowledgedNotification: onListen,
  ClientCapabilities: (value) =>
    ask(modern('tools/list', { _meta: { 'io.modelcontextprotocol/clientCapabilities': value } })),
  ServerCapabilities: (capabilities) =>
    answered('server/discover')({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities,
      ttlMs: 0,
      cacheScope: 'public',
    }),
  CreateMessageRequest: (value) => asked({ q: value }),
  CreateMessageRequestParams: (value) => asked({ q: { method: 'sampling/createMessage', params: value } }),
  ElicitRequest: (value) => asked({ q: value }),
  ListRootsRequest: (value) => asked({ q: value }),
  ElicitRequestFormParams: (value) => asked({ q: { method: 'elicitation/create', params: value } }),
  ElicitRequestURLParams: (value) => asked({ q: { method: 'elicitation/create', params: value } }),
  InputRequests: asked,
  InputRequiredResult: answered('tools/call'),
  CreateMessageResult: (value) =>
    paramsOf('tools/call')({ name: 'any', inputResponses: { q: value }, requestState: 's' }),
  ElicitResult: (value) =>
    paramsOf('tools/call')({ name: 'any', inputResponses: { q: value }, requestState: 's' }),
  ListRootsResult: (value) => paramsOf('tools/call')({ name: 'any', inputResponses: { q: value } }),
  InputResponses: (value) =>
    paramsOf('tools/call')({ name: 'any', inputResponses: value, requestState: 's' }),
  Root: (value) => paramsOf('tools/call')({ name: 'any', inputResponses: { q: { roots: [value] } } }),
  ModelPreferences: (value) =>
    asked({
      q: {
        method: 'sampling/createMessage',
        params: { messages: [], maxTokens: 1, modelPreferences: value },
      },
    }),
  SamplingMessage: (value) => sampledOnce(value),
  ToolResultContent: (value) => sampledOnce({ role: 'user', content: [value] }),
  ToolUseContent: (value) => sampledOnce({ role: 'assistant', content: [value] }),
  BooleanSchema: elicited,
  NumberSchema: elicited,
  StringSchema: elicited,
  TitledMultiSelectEnumSchema: elicited,
  TitledSingleSelectEnumSchema: elicited,
  UntitledMultiSelectEnumSchema: elicited,
  UntitledSingleSelectEnumSchema: elicited,
  Resource: listed('resources/list', 'resources'),
  Tool: listed('tools/list', 'tools'),
  HeaderMismatchError: failed(400),
  MissingRequiredClientCapabilityError: failed(400),
  UnsupportedProtocolVersionError: failed(400),
  InternalError: errorOf(200),
  InvalidParamsError: errorOf(200),
  MethodNotFoundError: errorOf(404),
  ParseError: errorOf(400),
  CallToolResult: answered('tools/call'),
  CompleteResult: answered('completion/complete'),
  DiscoverResult: answered('server/discover'),
  GetPromptResult: answered('prompts/get'),
  ListPromptsResult: answered('prompts/list'),
  ListResourceTemplatesResult: answered('resources/templates/list'),
  ListResourcesResult: answered('resources/list'),
  ListToolsResult: answered('tools/list'),
  ReadResourceResult: answered('resources/read'),
  SubscriptionsListenResult: (value) =>
    answered('subscriptions/listen')(value, meta(value)['io.modelcontextprotocol/subscriptionId']),
};
/** A message with a tool use is followed by its result. */
function sampledOnce(message: JsonObject): Violation[] {
  const blocks = [message.content].flat().filter(isRecord);
  const results = blocks
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', toolUseId: id, content: [] }));
  return results.length === 0
    ? sampledIn(message)
    : asked({
        q: {
          method: 'sampling/createMessage',
          params: { messages: [message, { role: 'user', content: results }], maxTokens: 10 },
        },
      });
}

const RESPONSE = /^(\w+Result)Response$/;
const METHODS: { [type: string]: string } = {
  CallToolResult: 'tools/call',
  CompleteResult: 'completion/complete',
  DiscoverResult: 'server/discover',
  GetPromptResult: 'prompts/get',
  ListPromptsResult: 'prompts/list',
  ListResourceTemplatesResult: 'resources/templates/list',
  ListResourcesResult: 'resources/list',
  ListToolsResult: 'tools/list',
  ReadResourceResult: 'resources/read',
  SubscriptionsListenResult: 'subscriptions/listen',
};
function wrapOf(type: string): ((value: JsonObject) => Violation[]) | undefined {
  const own = WRAPS[type];
  if (own !== undefined) return own;
  const result = RESPONSE.exec(type)?.[1];
  const method = result === undefined ? undefined : METHODS[result];
  if (method !== undefined)
    return (value) => ask(modern(method, { ...params[method] }, { id: value.id }), withInfo(value));
  return type.endsWith('Request') ? requested : undefined;
}
/** The examples leave out what a server should say of itself. */
const withInfo = (message: JsonObject): JsonObject => {
  const result = isRecord(message.result) ? message.result : {};
  return { ...message, result: { ...result, _meta: { ...SERVER_META, ...meta(result) } } };
};

/** Examples that do not keep to the text of their own specification. */
const AT_FAULT: { [file: string]: { clause: string; reason: string } } = {
  'CallToolResult/result-with-array-structured-content.json': {
    clause: '2026-07-28/tools/028',
    reason: 'its text block is a summary and not the JSON of structuredContent',
  },
  'ReadResourceResultResponse/read-resource-result-response.json': {
    clause: '2026-07-28/caching/001',
    reason:
      'it has no caching hints; it fits its type only because InputRequiredResult needs nothing but resultType',
  },
};

check('no official example violates a clause', () => {
  const types = readdirSync(EXAMPLES);
  assert.ok(types.length > 70, `${types.length} types`);
  const wrong: string[] = [];
  for (const type of types) {
    const wrap = wrapOf(type);
    assert.ok(wrap, `nothing says how to send a ${type}`);
    for (const [file, value] of examplesOf(type)) {
      const found = wrap(value);
      const fault = AT_FAULT[file]?.clause;
      if (fault !== undefined)
        assert.ok(
          found.some(({ clause }) => clause === fault),
          `${file} is no longer at fault`,
        );
      const rest = found.filter(({ clause }) => clause !== fault);
      for (const violation of rest) wrong.push(`${file}: ${JSON.stringify(violation)}`);
    }
  }
  assert.is(wrong.join('\n'), '');
});

test.run();
