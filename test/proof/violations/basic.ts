/** 2026-07-28: messages, `_meta`, versions, and the rules of every transport. */
import {
  accepts,
  alters,
  answersNotifications,
  asksByRequest,
  changes,
  code,
  drops,
  metaKeys,
  nullId,
  ofErrors,
  ofNotifications,
  refuses,
  status,
} from '../kinds.js';
import {
  assumesCapabilities,
  comparesNothing,
  ignoresMessage,
  reads,
  readsHeaders,
  remembersCapabilities,
} from '../readings.js';
import { isObject, type Proofs, type Violation } from '../violation.js';

const otherType = (id: unknown) => (typeof id === 'number' ? String(id) : id === undefined ? undefined : 0);
const subscriptionId = '/params/_meta/io.modelcontextprotocol~1subscriptionId';
/** Reads a modern request as a legacy one. */
const forgetsMeta: Violation = {
  ...reads('handles a modern request as a legacy one', '/params/_meta', undefined),
};
const readsOldVersion = readsHeaders('', (headers) =>
  headers.filter(([name]) => !/^mcp-protocol-version$/i.test(name)),
);
const legacyAnyway: Violation = {
  does: 'handles a modern request as a legacy one',
  request(sent, before) {
    const without = forgetsMeta.request?.(sent, before);
    return without === undefined || without === 'lost'
      ? undefined
      : (readsOldVersion.request?.(without, before) ?? without);
  },
};

export const basic: Proofs = {
  '2026-07-28/basic/002': drops('/jsonrpc'),
  '2026-07-28/basic/006': changes('/id', otherType),
  '2026-07-28/basic/007': drops('/result'),
  '2026-07-28/basic/008': drops('/result/resultType'),
  '2026-07-28/basic/010': alters('/result/resultType', 'partial'),
  '2026-07-28/basic/013': [ofErrors(drops('/id')), { ...ofErrors(nullId), in: '18-ways-to-break-it' }],
  '2026-07-28/basic/014': [drops('/error/code'), drops('/error/message')],
  '2026-07-28/basic/015': changes('/error/code', (value: unknown) =>
    value === undefined ? undefined : String(value),
  ),
  '2026-07-28/basic/020': code(-32050),
  '2026-07-28/basic/021': changes('/error/code', (value: unknown) =>
    value === -32020 ? -32022 : value === undefined ? undefined : -32020,
  ),
  '2026-07-28/basic/022': code(-32002),
  '2026-07-28/basic/023': refuses(-32042),
  '2026-07-28/basic/027': answersNotifications,
  '2026-07-28/basic/028': ofNotifications(changes('/id', 7)),
  '2026-07-28/basic/029': remembersCapabilities,
  '2026-07-28/basic/033': [
    {
      ...reads(
        'takes no token and begins at the first page again',
        '/params/arguments/continuationToken',
        undefined,
      ),
      in: '04-tools/',
    },
    reads('takes one task for another', '/params/taskId', (id: unknown) =>
      id === undefined ? undefined : `${String(id)}x`,
    ),
  ],
  '2026-07-28/basic/043': alters('/result/tools/*/inputSchema/type', 'objekt'),
  '2026-07-28/basic/051': metaKeys((key) => key.replace('/', '.')),
  '2026-07-28/basic/052': metaKeys((key) => `1${key}`),
  '2026-07-28/basic/054': metaKeys((key) => `com.mcp/${key.split('/').at(-1)}`),
  '2026-07-28/basic/055': metaKeys((key) => `${key}-`),
  '2026-07-28/basic/058': [accepts(), code(-32600)],
  '2026-07-28/basic/059': status(200),
  '2026-07-28/basic/061': assumesCapabilities,
  '2026-07-28/basic/062': [accepts(), code(-32602)],
  '2026-07-28/basic/063': [
    drops('/error/data/requiredCapabilities'),
    { ...drops('/result/error/data/requiredCapabilities'), in: 'fails-where-it-may-not-ask' },
  ],
  '2026-07-28/basic/064': status(200),
  '2026-07-28/basic/068': drops(subscriptionId),
  '2026-07-28/basic/069': readsHeaders('takes any text for a trace', (headers) =>
    headers.map(([name, value]) => [
      name,
      value === 'nonsense' ? `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` : value,
    ]),
  ),
  '2026-07-28/versioning/001': [accepts(), code(-32602)],
  '2026-07-28/versioning/002': [drops('/error/data/supported'), drops('/error/data/requested')],
  '2026-07-28/versioning/004': refuses(-32601, 404),
  '2026-07-28/versioning/006': changes('/result/capabilities/extensions', (value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key.split('/').at(-1), one]))
      : undefined,
  ),
  '2026-07-28/versioning/007': assumesCapabilities,
  '2026-07-28/versioning/013': legacyAnyway,
  '2026-07-28/versioning/014': alters('/result/protocolVersion', '2026-07-28'),
  '2026-07-28/transports/001': accepts(),
  '2026-07-28/transports/003': asksByRequest,
  '2026-07-28/transports/006': comparesNothing,
  '2026-07-28/stdio/001': {
    does: 'writes a message over several lines',
    text: (text) => JSON.stringify(JSON.parse(text), null, 2),
  },
  '2026-07-28/stdio/004': { does: 'writes a log line to stdout', first: () => 'ready to serve' },
  '2026-07-28/stdio/007': asksByRequest,
  '2026-07-28/stdio/011': ignoresMessage('notifications/cancelled'),
};
