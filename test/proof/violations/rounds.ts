/** 2026-07-28: message patterns, rounds, subscriptions, progress, cancelling, and what clients are asked. */
import {
  accepts,
  alters,
  asksByRequest,
  changes,
  drops,
  keepsBack,
  ofMethod,
  refuses,
  sendsAfter,
  sendsBefore,
  silent,
} from '../kinds.js';
import { assumesCapabilities, trippedByLateCancellation } from '../readings.js';
import { headed, isObject, type JsonObject, type Proofs, type Violation } from '../violation.js';
import { leavesWorkRunning } from './http.js';

const ID = 'io.modelcontextprotocol~1subscriptionId';
const asks = '/result/inputRequests/*';
const question = `${asks}/params`;
const form = `${question}/requestedSchema`;
const ACK = 'notifications/subscriptions/acknowledged';
const isAck = (message: JsonObject) => message.method === ACK;
const isResult = (message: JsonObject) => 'result' in message;
const idOf = (message: JsonObject) => {
  const params = isObject(message.params) ? message.params : {};
  return isObject(params._meta) ? params._meta['io.modelcontextprotocol/subscriptionId'] : undefined;
};
const early = sendsBefore(
  (message) => ({
    jsonrpc: '2.0',
    method: 'notifications/tools/list_changed',
    params: { _meta: { 'io.modelcontextprotocol/subscriptionId': idOf(message) } },
  }),
  isAck,
);
const toEverybody: Violation = { does: 'sends each change to every subscription', sharesNotifications: true };
const progress = {
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 'p-1', progress: 99 },
};
const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
const takesState = accepts({ content: [{ type: 'text', text: 'done' }] });
const otherId = (id: unknown) => (id === undefined ? undefined : typeof id === 'number' ? String(id) : 0);
/** The second question has the key of the first, so that one is lost. */
const oneKey: Violation = {
  ...changes('/result/inputRequests', (value: unknown) =>
    isObject(value) && Object.keys(value).length > 1
      ? Object.fromEntries(Object.values(value).map((one) => ['same', one]))
      : undefined,
  ),
  does: 'asks two things under one key',
};
const url = (more: string): Violation => ({
  ...changes(`${question}/url`, (value: unknown) => (typeof value === 'string' ? value + more : undefined)),
  does: `sends a URL that ends in ${more}`,
});
const content = `${question}/messages/*`;

export const rounds: Proofs = {
  '2026-07-28/patterns/001': asksByRequest,
  '2026-07-28/patterns/002': silent,
  '2026-07-28/mrtr/001': asksByRequest,
  '2026-07-28/mrtr/005': alters('/result/resultType', 'input_required'),
  '2026-07-28/mrtr/007': oneKey,
  '2026-07-28/mrtr/008': alters(`${asks}/method`, 'tools/call'),
  '2026-07-28/mrtr/011': takesState,
  '2026-07-28/mrtr/012': takesState,
  '2026-07-28/mrtr/018': {
    does: 'leaves out both inputRequests and requestState',
    message: ({ result, ...message }) =>
      isObject(result) && 'inputRequests' in result
        ? [{ ...message, result: { resultType: 'input_required' } }]
        : undefined,
  },
  '2026-07-28/mrtr/019': assumesCapabilities,
  '2026-07-28/mrtr/031': takesState,
  '2026-07-28/subscriptions/001': toEverybody,
  '2026-07-28/subscriptions/002': keepsBack(ACK),
  '2026-07-28/subscriptions/003': early,
  '2026-07-28/subscriptions/005': ofMethod(ACK, {
    ...changes('/params/notifications', (value: unknown) =>
      isObject(value) ? { ...value, anythingChanged: true } : undefined,
    ),
    does: 'acknowledges what it does not know',
  }),
  '2026-07-28/subscriptions/007': changes(`/params/_meta/${ID}`, otherId),
  '2026-07-28/subscriptions/012': drops(`/result/_meta/${ID}`),
  '2026-07-28/progress/004': alters('/params/progress', 1),
  '2026-07-28/progress/007': [
    { ...alters('/params/progressToken', 'of-another-call'), in: 'tells-progress' },
    {
      does: 'tells progress to a client that did not ask',
      in: 'answers-json-when-nobody-asked',
      message: (message) => (isResult(message) ? [progress, message] : undefined),
    },
  ],
  '2026-07-28/progress/011': sendsAfter(progress, isResult),
  '2026-07-28/cancellation/002': sendsBefore(
    cancelled,
    (message) => isResult(message) || message.method === 'notifications/resources/updated',
  ),
  '2026-07-28/cancellation/004': leavesWorkRunning,
  '2026-07-28/cancellation/017': trippedByLateCancellation,
  '2026-07-28/elicitation/002': [
    alters(`${question}/mode`, 'form'),
    {
      does: 'asks for the secret in a form',
      message: (message) =>
        isObject(message.result) && 'inputRequests' in message.result
          ? [
              {
                ...message,
                result: {
                  ...message.result,
                  inputRequests: {
                    page: {
                      method: 'elicitation/create',
                      params: {
                        message: 'Password?',
                        requestedSchema: { type: 'object', properties: { password: { type: 'string' } } },
                      },
                    },
                  },
                },
              },
            ]
          : undefined,
    },
  ],
  '2026-07-28/elicitation/004': assumesCapabilities,
  '2026-07-28/elicitation/006': drops(`${question}/message`),
  '2026-07-28/elicitation/008': [drops(form), changes(`${question}/mode`, 'url')],
  '2026-07-28/elicitation/009': alters(`${form}/properties/*/type`, 'object'),
  '2026-07-28/elicitation/011': [
    drops(`${question}/mode`),
    drops(`${question}/message`),
    drops(`${question}/url`),
  ],
  '2026-07-28/elicitation/012': alters(`${question}/url`, 'the page of the bank'),
  '2026-07-28/elicitation/022': refuses(-32603, 200),
  '2026-07-28/elicitation/024': url('&email=ada@example.com'),
  '2026-07-28/elicitation/025': [
    url('&access_token=s3cr3t'),
    {
      does: 'opens its page to a cookie, which a browser brings by itself',
      in: 'lets-no-token-decide',
      request(sent) {
        const session = headed(sent, 'cookie')?.replace('barewire-session=', '');
        return session === undefined
          ? undefined
          : { ...sent, headers: [...sent.headers, ['Barewire-Session', session]] };
      },
    },
  ],
  '2026-07-28/sampling/002': assumesCapabilities,
  '2026-07-28/sampling/004': changes(`${content}/content`, (value: unknown) =>
    isObject(value) && value.type === 'tool_result' ? [value, { type: 'text', text: 'and more' }] : undefined,
  ),
  '2026-07-28/sampling/005': alters(`${content}/content/toolUseId`, 'u-9'),
  '2026-07-28/sampling/006': [drops(`${content}/role`), drops(`${content}/content`)],
};
