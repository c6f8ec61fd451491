/** The revisions with a handshake, 2024-11-05 to 2025-11-25. Their authorization is in authorization.ts. */
import {
  accepts,
  alters,
  answersNotifications,
  changes,
  drops,
  header,
  keepsBack,
  metaKeys,
  nullId,
  ofErrors,
  ofMethod,
  ofNotifications,
  only,
  refuses,
  replacesErrorBy,
  sendsAfter,
  sendsBefore,
  status,
  statusInsteadOf,
} from '../kinds.js';
import { assumesLegacyCapabilities, ignoresHeader } from '../readings.js';
import {
  isObject,
  type JsonObject,
  type Proof,
  type Proofs,
  type Sent,
  type Violation,
} from '../violation.js';

const isResult = (message: JsonObject) => 'result' in message;
const otherType = (id: unknown) => (typeof id === 'number' ? String(id) : id === undefined ? undefined : 0);
const log = {
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'info', data: 'a log message' },
};
const both = only((message) => 'error' in message || 'result' in message, {
  does: 'answers with a result and an error at once',
  message: (message) => [
    { ...message, result: message.result ?? {}, error: message.error ?? { code: -32603, message: 'no' } },
  ],
});
const neither: Violation = {
  does: 'answers with neither result nor error',
  message: ({ result, error, ...message }) =>
    result === undefined && error === undefined ? undefined : [message],
};
const onGet = (does: string, event: JsonObject, resumed: boolean): Violation => ({
  does,
  first: ({ start, headers }: Sent) =>
    start.startsWith('GET') && headers.some(([name]) => /^last-event-id$/i.test(name)) === resumed
      ? JSON.stringify(event)
      : undefined,
});
const change = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
const capability = (name: string) => drops(`/result/capabilities/${name}`);
const embedded = '/result/messages/*/content/resource';
const question = (message: JsonObject) => message.method === 'elicitation/create';
const asked = (violation: Violation) => only(question, violation);
const more = (end: string): Violation => ({
  ...changes('/params/url', (value: unknown) => (typeof value === 'string' ? value + end : undefined)),
  does: `sends a URL that ends in ${end}`,
});
const tooMany = changes('/result/completion/values', (value: unknown) =>
  Array.isArray(value) ? Array.from({ length: 101 }, (_, index) => `value ${index}`) : undefined,
);
const asToolResult = replacesErrorBy({ content: [{ type: 'text', text: 'no' }], isError: true });
const validates: Proof = accepts({ content: [{ type: 'text', text: 'done' }] });
const session = 'mcp-session-id';
const PREFIX = 'caf\u00e9 ';
const progress = {
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 7, progress: 9 },
};
const structured = (value: JsonObject): Violation => ({
  does: 'sends structured content to a revision without it',
  message: ({ result, ...message }) =>
    isObject(result) && 'content' in result ? [{ ...message, result: { ...result, ...value } }] : undefined,
});

export const legacy: Proofs = {
  '2025-11-25/basic/002': drops('/jsonrpc'),
  '2025-11-25/basic/003': accepts(),
  '2025-11-25/basic/004': accepts(),
  '2025-11-25/basic/005': accepts(),
  '2025-11-25/basic/006': changes('/id', otherType),
  '2025-11-25/basic/007': drops('/result'),
  '2025-11-25/basic/009': [ofErrors(drops('/id')), { ...ofErrors(nullId), in: 'sends-no-json' }],
  '2025-11-25/basic/010': [drops('/error/code'), drops('/error/message')],
  '2025-11-25/basic/011': changes('/error/code', (value: unknown) =>
    value === undefined ? undefined : String(value),
  ),
  '2025-11-25/basic/012': answersNotifications,
  '2025-11-25/basic/013': ofNotifications(changes('/id', 7)),
  '2025-11-25/basic/021': alters('/result/tools/*/inputSchema/type', 'objekt'),
  '2025-11-25/basic/023': metaKeys((key) => `1${key}`),
  '2025-11-25/basic/025': metaKeys((key) => `com.mcp/${key.split('/').at(-1)}`),
  '2025-11-25/basic/026': metaKeys((key) => `${key}-`),
  '2025-11-25/lifecycle/001': accepts(),
  '2025-11-25/lifecycle/003': ['protocolVersion', 'capabilities', 'serverInfo'].map((name) =>
    drops(`/result/${name}`),
  ),
  '2025-11-25/lifecycle/009': alters('/result/protocolVersion', '2024-10-07'),
  '2025-11-25/lifecycle/010': refuses(-32602),
  '2025-11-25/lifecycle/014': [
    changes('/result/resultType', (value: unknown) => (value === undefined ? 'complete' : undefined)),
    { ...accepts(), does: 'knows a method of a later revision', in: 'listens-only-since-2026-07-28' },
    { ...accepts(), does: 'knows a method of a later revision', in: 'refuses-server-discover' },
  ],
  '2025-11-25/lifecycle/015': assumesLegacyCapabilities,
  '2025-11-25/transports/001': accepts(),
  '2025-11-25/transports/003': {
    does: 'writes a message over several lines',
    text: (text) => JSON.stringify(JSON.parse(text), null, 2),
  },
  '2025-11-25/transports/006': { does: 'writes a log line to stdout', first: () => 'ready to serve' },
  '2025-11-25/transports/008': status(405),
  '2025-11-25/transports/009': ignoresHeader('origin'),
  '2025-11-25/transports/010': statusInsteadOf(403, 400),
  '2025-11-25/transports/017': [statusInsteadOf(202, 200), answersNotifications],
  '2025-11-25/transports/018': accepts(),
  '2025-11-25/transports/020': header('content-type', 'text/plain'),
  '2025-11-25/transports/036': [
    { ...statusInsteadOf(405, 400), does: 'refuses a GET with 400' },
    {
      does: 'answers a GET with JSON',
      answer: ({ status: was }, { start }) =>
        start.startsWith('GET') && was === 200
          ? { status: 200, headers: [['content-type', 'application/json']], body: '{}' }
          : undefined,
    },
  ],
  '2025-11-25/transports/039': onGet(
    'sends a response on the stream of a GET',
    { jsonrpc: '2.0', id: 2, result: {} },
    false,
  ),
  '2025-11-25/transports/043': { does: 'sends a message on every stream', sharesNotifications: true },
  '2025-11-25/transports/044': { does: 'sends a message on every stream', sharesNotifications: true },
  '2025-11-25/transports/046': {
    does: 'gives every event one id',
    event: (frame) => (/^id: /m.test(frame) ? frame.replace(/^id: .*$/m, 'id: 1') : undefined),
  },
  '2025-11-25/transports/050': onGet('replays what belongs to another stream', change, true),
  '2025-11-25/transports/053': {
    does: 'makes session ids that are not visible ASCII',
    answer(answer) {
      const id = answer.headers.find(([name]) => name === session)?.[1];
      return id === undefined
        ? undefined
        : header(session, PREFIX + id).answer?.(answer, { start: '', headers: [], body: '' });
    },
    request: (sent) => ({
      ...sent,
      headers: sent.headers.map(([name, value]) => [
        name,
        name.toLowerCase() === session ? value.slice(PREFIX.length) : value,
      ]),
    }),
  },
  '2025-11-25/transports/058': [accepts(), statusInsteadOf(404, 400)],
  '2025-11-25/transports/065': [accepts(), statusInsteadOf(400, 404)],
  '2025-11-25/cancellation/001': {
    does: 'cancels a request that it did not send',
    first: ({ body }) =>
      body === ''
        ? undefined
        : JSON.stringify({
            jsonrpc: '2.0',
            method: 'notifications/cancelled',
            params: { requestId: 'slow-1' },
          }),
  },
  '2025-11-25/cancellation/008': statusInsteadOf(202, 400),
  '2025-11-25/ping/001': refuses(-32601),
  '2025-11-25/progress/001': alters('/params/progressToken', 7.5),
  '2025-11-25/progress/003': alters('/params/progress', 1),
  '2025-11-25/progress/006': alters('/params/progressToken', 'of-another-call'),
  '2025-11-25/progress/011': sendsAfter(progress, isResult),
  '2025-11-25/tasks/012': refuses(-32602),
  '2025-11-25/tools/001': capability('tools'),
  '2025-11-25/tools/003': alters('/result/tools/*/inputSchema', null),
  '2025-11-25/tools/011': [
    alters('/result/structuredContent', { something: 'else' }),
    { ...accepts({ structuredContent: { answer: 'forty-two' } }), in: 'keeps-a-tool-to-its-promise' },
  ],
  '2025-11-25/tools/012': [
    alters('/result/tools/*/outputSchema/type', 'array'),
    {
      ...structured({ structuredContent: [1, 2, 3] }),
      does: 'sends an array as structured content',
      in: 'leaves-out-an-array',
    },
  ],
  '2025-11-25/tools/014': asToolResult,
  '2025-11-25/tools/017': validates,
  '2025-11-25/resources/001': capability('resources'),
  '2025-11-25/resources/004': keepsBack('notifications/resources/updated'),
  '2025-11-25/resources/007': [
    alters('/result/resourceTemplates/*/uriTemplate', '1 bad scheme://{id}'),
    { ...alters('/result/contents/*/uri', 'no URI'), in: 'reads-in-a-legacy-revision' },
  ],
  '2025-11-25/resources/010': accepts({ contents: [] }),
  '2025-11-25/prompts/001': capability('prompts'),
  '2025-11-25/prompts/005': [
    alters(`${embedded}/uri`, 'no URI'),
    alters(`${embedded}/mimeType`, 'text'),
    drops(`${embedded}/text`),
  ],
  '2025-11-25/prompts/010': accepts({ messages: [] }),
  '2025-11-25/completion/001': capability('completions'),
  '2025-11-25/completion/002': tooMany,
  '2025-11-25/logging/001': sendsBefore(log, isResult),
  '2025-11-25/elicitation/001': asked(alters('/params/mode', 'form')),
  '2025-11-25/elicitation/002': assumesLegacyCapabilities,
  '2025-11-25/elicitation/003': asked(drops('/params/message')),
  '2025-11-25/elicitation/004': [
    asked(drops('/params/requestedSchema')),
    asked(changes('/params/mode', 'url')),
  ],
  '2025-11-25/elicitation/005': ['mode', 'message', 'url', 'elicitationId'].map((name) =>
    asked(drops(`/params/${name}`)),
  ),
  '2025-11-25/elicitation/007': ofMethod(
    'notifications/elicitation/complete',
    alters('/params/elicitationId', 'another'),
  ),
  '2025-11-25/elicitation/018': [asked(more('&email=ada@example.com')), asked(more('&access_token=s3cr3t'))],
  '2025-06-18/basic/001': drops('/id'),
  '2025-06-18/basic/002': [both, neither],
  '2025-06-18/basic/003': metaKeys((key) => `mcp.dev/${key.split('/').at(-1)}`),
  '2025-06-18/transports/001': ignoresHeader('origin'),
  '2025-06-18/transports/008': [accepts(), statusInsteadOf(400, 404)],
  '2025-06-18/lifecycle/001': [
    {
      ...changes('/result/resultType', (value: unknown) => (value === undefined ? 'complete' : undefined)),
      in: '08-versions/',
    },
    {
      does: 'primes a stream as a later revision does',
      first: ({ start }) => (start.startsWith('GET') ? '' : undefined),
      in: '06-streams/',
    },
  ],
  '2025-06-18/tools/002': [
    drops('/result/tools/*/outputSchema'),
    alters('/result/structuredContent', { something: 'else' }),
  ],
  '2025-06-18/tools/005': asToolResult,
  '2025-06-18/elicitation/001': asked(changes('/params/mode', 'form')),
  '2025-06-18/elicitation/002': asked(alters('/params/requestedSchema/properties/*/type', 'object')),
  '2025-03-26/basic/001': refuses(-32600),
  '2025-03-26/basic/003': {
    does: 'answers in a batch with a result and an error at once',
    message: (message) => ('error' in message ? [{ ...message, result: {} }] : undefined),
  },
  '2025-03-26/lifecycle/002': refuses(-32602),
  '2025-03-26/transports/002': ignoresHeader('origin'),
  '2025-03-26/transports/004': statusInsteadOf(202, 200),
  '2025-03-26/transports/005': statusInsteadOf(400, 202),
  '2025-03-26/transports/006': header('content-type', 'text/plain'),
  '2025-03-26/tools/001': [
    structured({ structuredContent: {} }),
    alters('/result/content/*/type', 'resource_link'),
    { ...changes('/result/tools/*/outputSchema', { type: 'object' }), in: 'shows-a-tool-in-2025-03-26' },
  ],
  '2025-03-26/tools/002': asToolResult,
  '2025-03-26/completion/001': capability('completions'),
  '2024-11-05/messages/001': [both, neither],
  '2024-11-05/transports/001': ignoresHeader('origin'),
  '2024-11-05/tools/001': [
    alters('/result/content/*/type', 'audio'),
    {
      ...changes('/result/tools/*/annotations', { readOnlyHint: true }),
      in: 'shows-a-tool-in-2024-11-05',
    },
  ],
};
