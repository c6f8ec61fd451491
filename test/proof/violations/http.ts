/** 2026-07-28: Streamable HTTP, its statuses, streams and mirrored headers. */
import {
  accepts,
  alters,
  answerBody,
  answersNotifications,
  asksByRequest,
  changes,
  code,
  header,
  refuses,
  sendsBefore,
  status,
  statusInsteadOf,
} from '../kinds.js';
import { comparesNothing, ignoresHeader, readsHeaders } from '../readings.js';
import {
  isObject,
  type JsonObject,
  type Mutation,
  type Proof,
  type Proofs,
  type Violation,
} from '../violation.js';

const HEADER = 'x-mcp-header';
const annotation = (value: unknown) => alters(`/result/tools/*/inputSchema/properties/*/${HEADER}`, value);
const annotated = (schema: unknown): schema is JsonObject =>
  isObject(schema) && JSON.stringify(schema.properties ?? {}).includes(HEADER);
const moved = (does: string, to: (properties: unknown) => JsonObject): Violation => ({
  ...changes('/result/tools/*/inputSchema', (schema: unknown) =>
    annotated(schema) ? { ...schema, properties: {}, ...to(schema.properties) } : undefined,
  ),
  does,
});
const served = (does: string, from: string | RegExp, to: string, title: string): Mutation => ({
  does,
  file: 'src/wire/mcp/catalog.ts',
  from,
  to,
  test: { file: 'test/mcp/mirrored-params.test.ts', title },
});
const unchecked = served(
  'serves a tool whose x-mcp-header is no token',
  ' || !TOKEN.test(value)',
  '',
  'a header name is a token',
);
const anywhere = served(
  'serves a tool whose x-mcp-header stands anywhere',
  'visit(part, undefined)',
  'visit(part, path)',
  'an annotation is reached through properties only',
);
const strange = {
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 'of-another-call', progress: 1 },
};
export const leavesWorkRunning: Violation = {
  does: 'works on when the client has closed its connection',
  staysOpen: true,
};
const mismatch: Proof[] = [comparesNothing, code(-32600)];
const bodyOf = (body: JsonObject, name: string) => {
  const params = isObject(body.params) ? body.params : {};
  return isObject(params.arguments) ? params.arguments[name] : undefined;
};
/** Takes the parameter headers from the arguments. */
const comparesNoParameter = readsHeaders(
  'does not compare parameter headers with the arguments',
  (headers, body) => [
    ...headers.filter(([name]) => !/^mcp-param-/i.test(name)),
    ...['region', 'shard'].flatMap((name): [string, string][] => {
      const value = bodyOf(body, name);
      return value === undefined || value === null || Math.abs(Number(value)) > 2 ** 53
        ? []
        : [[`Mcp-Param-${name}`, String(value)]];
    }),
  ],
);

export const http: Proofs = {
  '2026-07-28/streamable-http/001': status(405),
  '2026-07-28/streamable-http/002': ignoresHeader('origin'),
  '2026-07-28/streamable-http/003': statusInsteadOf(403, 400),
  '2026-07-28/streamable-http/013': [statusInsteadOf(202, 200), answersNotifications],
  '2026-07-28/streamable-http/014': accepts(),
  '2026-07-28/streamable-http/016': header('content-type', 'text/plain'),
  '2026-07-28/streamable-http/019': sendsBefore(
    strange,
    (message) => message.method === 'notifications/progress',
  ),
  '2026-07-28/streamable-http/020': asksByRequest,
  '2026-07-28/streamable-http/022': {
    does: 'sends progress to every open stream',
    sharesNotifications: true,
  },
  '2026-07-28/streamable-http/026': {
    does: 'replays a stream',
    answer: ({ status: was }) =>
      was === 405
        ? { status: 200, headers: [['content-type', 'text/event-stream']], body: 'id: 18\ndata: {}\n\n' }
        : undefined,
  },
  '2026-07-28/streamable-http/027': leavesWorkRunning,
  '2026-07-28/streamable-http/029': leavesWorkRunning,
  '2026-07-28/streamable-http/032': mismatch,
  '2026-07-28/streamable-http/033': [accepts(), status(200), code(-32602)],
  '2026-07-28/streamable-http/034': [status(200), code(-32600)],
  '2026-07-28/streamable-http/042': [annotation(''), unchecked],
  '2026-07-28/streamable-http/043': [annotation('My Region'), unchecked],
  '2026-07-28/streamable-http/044': [annotation('Region\r\nX-Evil: 1'), unchecked],
  '2026-07-28/streamable-http/045': [
    annotation('region'),
    served(
      'serves a tool with one x-mcp-header twice',
      'params.map(({ header }) => header.toLowerCase())',
      'params.map(({ header }) => header)',
      'two parameters cannot share a header, whatever its case',
    ),
  ],
  '2026-07-28/streamable-http/046': [
    alters('/result/tools/*/inputSchema/properties/shard/type', 'number'),
    served(
      'serves a tool that mirrors a number',
      "'string', 'integer', 'boolean'] as const",
      "'string', 'integer', 'boolean', 'number'] as const",
      'only texts, integers and booleans are mirrored',
    ),
  ],
  '2026-07-28/streamable-http/047': accepts(),
  '2026-07-28/streamable-http/048': [
    moved('annotates a property of an array item', (properties) => ({ items: { properties } })),
    anywhere,
  ],
  '2026-07-28/streamable-http/049': [
    moved('annotates a property below allOf', (properties) => ({ allOf: [{ properties }] })),
    anywhere,
  ],
  '2026-07-28/streamable-http/055': readsHeaders('reads the markers of Base64 in any case', (headers) =>
    headers.map(([name, value]) => [name, value.replace(/^=\?base64\?/i, '=?base64?')]),
  ),
  '2026-07-28/streamable-http/056': refuses(-32020),
  '2026-07-28/streamable-http/060': refuses(-32020),
  '2026-07-28/streamable-http/061': comparesNoParameter,
  '2026-07-28/streamable-http/062': comparesNoParameter,
  '2026-07-28/streamable-http/063': [status(200), code(-32600)],
  '2026-07-28/streamable-http/064': comparesNoParameter,
  '2026-07-28/streamable-http/065': {
    ...refuses(-32020),
    does: 'asks for a header of an argument that is absent',
  },
  '2026-07-28/streamable-http/066': readsHeaders('knows header names in lower case only', (headers) =>
    headers.filter(([name]) => !/^mcp-/i.test(name) || name === name.toLowerCase()),
  ),
  '2026-07-28/streamable-http/067': readsHeaders(
    'compares header values without regard to case',
    (headers, body) => {
      const values = [body.method, ...['region', 'shard'].map((name) => bodyOf(body, name))];
      return headers.map(([name, value]) => [
        name,
        /^mcp-/i.test(name)
          ? String(values.find((one) => String(one).toLowerCase() === value.toLowerCase()) ?? value)
          : value,
      ]);
    },
  ),
  '2026-07-28/streamable-http/068': mismatch,
  '2026-07-28/streamable-http/070': status(200),
  '2026-07-28/streamable-http/071': [code(-32600), answerBody('refuses without a body', () => '')],
  '2026-07-28/streamable-http/072': comparesNothing,
  '2026-07-28/streamable-http/073': comparesNothing,
  '2026-07-28/streamable-http/074': comparesNothing,
  '2026-07-28/streamable-http/075': comparesNothing,
  '2026-07-28/streamable-http/076': accepts(),
};
