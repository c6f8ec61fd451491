/** 2026-07-28: further requirements of its schema and changelog. */
import { accepts, alters, changes, code, drops, sendsAfter, sendsBefore, status } from '../kinds.js';
import { remembersCapabilities } from '../readings.js';
import { isObject, type JsonObject, type Proofs } from '../violation.js';

const ACK = 'notifications/subscriptions/acknowledged';

export const schema: Proofs = {
  '2026-07-28/schema/001': [accepts(), code(-32600)],
  '2026-07-28/schema/002': [accepts(), code(-32602)],
  '2026-07-28/schema/003': [accepts(), code(-32600)],
  '2026-07-28/schema/004': [accepts(), code(-32600)],
  '2026-07-28/schema/006': status(200),
  '2026-07-28/schema/007': [status(200), drops('/error/data/supported'), drops('/error/data/requested')],
  '2026-07-28/schema/008': [status(200), alters('/error/data/requiredCapabilities', ['elicitation'])],
  '2026-07-28/schema/009': remembersCapabilities,
  '2026-07-28/schema/010': {
    does: 'leaves out both inputRequests and requestState',
    message: ({ result, ...message }) =>
      isObject(result) && 'inputRequests' in result
        ? [{ ...message, result: { resultType: 'input_required' } }]
        : undefined,
  },
  '2026-07-28/schema/011': sendsAfter(
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'watch' } },
    (message: JsonObject) => message.method === ACK,
  ),
  '2026-07-28/schema/013': drops('/result/content'),
  '2026-07-28/schema/015': { does: 'sends each change to every subscription', sharesNotifications: true },
  '2026-07-28/schema/016': sendsBefore(
    { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} },
    (message) => message.method === ACK,
  ),
  '2026-07-28/schema/018': changes('/result/completion/values', (value: unknown) =>
    Array.isArray(value) ? Array.from({ length: 101 }, (_, index) => `value ${index}`) : undefined,
  ),
  '2026-07-28/schema/019': alters('/result/tools/*/inputSchema/type', 'array'),
  '2026-07-28/schema/020': [drops('/result/tools/*/name'), alters('/result/tools/*/title', 7)],
  '2026-07-28/changelog/002': [accepts(), code(-32600)],
};
