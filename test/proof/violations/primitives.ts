/** 2026-07-28: discovery, tools, resources, prompts, caching, completion, logging, pages of a list. */
import {
  accepts,
  alters,
  changes,
  changesLater,
  code,
  drops,
  keepsBack,
  refuses,
  replacesErrorBy,
  sendsBefore,
} from '../kinds.js';
import { isObject, type JsonObject, type Proofs } from '../violation.js';

const capability = (name: string) => drops(`/result/capabilities/${name}`);
const isResult = (message: JsonObject) => 'result' in message;
const log = {
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'info', data: 'a log message' },
};
const shorter = (value: unknown) => (Array.isArray(value) ? value.slice(0, -1) : undefined);
const asToolResult = replacesErrorBy({ content: [{ type: 'text', text: 'no' }], isError: true });
const tooMany = changes('/result/completion/values', (value: unknown) =>
  Array.isArray(value) ? Array.from({ length: 101 }, (_, index) => `value ${index}`) : undefined,
);
const embedded = '/result/messages/*/content/resource';

export const primitives: Proofs = {
  '2026-07-28/discover/001': refuses(-32601, 404),
  '2026-07-28/discover/002': ['supportedVersions', 'capabilities', 'resultType', 'ttlMs', 'cacheScope'].map(
    (name) => drops(`/result/${name}`),
  ),
  '2026-07-28/tools/001': capability('tools'),
  '2026-07-28/tools/002': alters('/result/tools', []),
  '2026-07-28/tools/004': changesLater('/result/tools', shorter),
  '2026-07-28/tools/011': alters('/result/tools/*/inputSchema', null),
  '2026-07-28/tools/012': {
    does: 'reads a schema without $schema as draft-07',
    file: 'src/wire/schema/compile.ts',
    from: "if ($schema === undefined) return 'draft-2020-12';",
    to: "if ($schema === undefined) return 'draft-07';",
  },
  '2026-07-28/tools/022': [
    alters('/result/tools/*/inputSchema/properties/*/x-mcp-header', ''),
    alters('/result/tools/*/inputSchema/properties/*/x-mcp-header', 'same'),
    alters('/result/tools/*/inputSchema/properties/shard/type', 'array'),
  ],
  '2026-07-28/tools/030': [
    alters('/result/structuredContent', { something: 'else' }),
    { ...accepts({ structuredContent: { answer: 'forty-two' } }), in: 'keeps-a-tool-to-its-promise' },
  ],
  '2026-07-28/tools/032': asToolResult,
  '2026-07-28/tools/033': asToolResult,
  '2026-07-28/tools/036': accepts({ content: [{ type: 'text', text: 'done' }] }),
  '2026-07-28/resources/001': capability('resources'),
  '2026-07-28/resources/003': drops('/result/resources'),
  '2026-07-28/resources/005': changesLater('/result/resources', [{ uri: 'incident://INC-1', name: 'x' }]),
  '2026-07-28/resources/010': keepsBack('notifications/resources/updated'),
  '2026-07-28/resources/015': alters('/result/resourceTemplates/*/uriTemplate', '1 bad scheme://{id}'),
  '2026-07-28/resources/016': [code(-32002), replacesErrorBy({ contents: [{ uri: 'x:y', text: '' }] })],
  '2026-07-28/resources/018': replacesErrorBy({ contents: [], ttlMs: 0, cacheScope: 'private' }),
  '2026-07-28/resources/020': accepts({ contents: [] }),
  '2026-07-28/prompts/001': capability('prompts'),
  '2026-07-28/prompts/002': alters('/result/prompts', []),
  '2026-07-28/prompts/004': changesLater('/result/prompts', shorter),
  '2026-07-28/prompts/011': [
    alters(`${embedded}/uri`, 'no URI'),
    alters(`${embedded}/mimeType`, 'text'),
    drops(`${embedded}/text`),
  ],
  '2026-07-28/prompts/017': accepts({ messages: [] }),
  '2026-07-28/caching/001': [drops('/result/ttlMs'), drops('/result/cacheScope')],
  '2026-07-28/caching/002': {
    does: 'gives a result that asks for input a time to live',
    message: (message) =>
      isObject(message.result) && message.result.resultType === 'input_required'
        ? [{ ...message, result: { ...message.result, ttlMs: 1000, cacheScope: 'private' } }]
        : undefined,
  },
  '2026-07-28/caching/005': alters('/result/ttlMs', -1),
  '2026-07-28/caching/011': alters('/result/cacheScope', 'shared'),
  '2026-07-28/caching/015': changesLater('/result/cacheScope', (value: unknown) =>
    value === undefined ? undefined : 'public',
  ),
  '2026-07-28/caching/018': accepts({ contents: [{ uri: 'x:y', text: 'secret' }] }),
  '2026-07-28/completion/001': capability('completions'),
  '2026-07-28/completion/002': tooMany,
  '2026-07-28/completion/011': [
    accepts({ completion: { values: ['anything'] } }),
    {
      ...alters('/result/completion/values', ["'; DROP TABLE incidents; --"]),
      in: 'completes-nothing-dangerous',
    },
  ],
  '2026-07-28/logging/003': sendsBefore(log, isResult),
  '2026-07-28/logging/004': sendsBefore(log, isResult),
  '2026-07-28/logging/006': sendsBefore(
    log,
    (message) => message.method === 'notifications/resources/updated',
  ),
  '2026-07-28/pagination/002': [
    drops('/result/nextCursor'),
    {
      does: 'gives the last page a cursor',
      message: (message) =>
        isObject(message.result) && 'tools' in message.result && !('nextCursor' in message.result)
          ? [{ ...message, result: { ...message.result, nextCursor: 'more' } }]
          : undefined,
    },
  ],
};
