/** Methods are used only where their capability was declared. */
import { declares, type HeardMessage, serverDeclares } from './heard-message.js';
import { CLIENT_REQUEST, type Rule, SERVER_NOTIFICATION, SERVER_RESULT } from './rule.js';

/** Methods that need a capability of the server. */
const SERVER_METHODS: ReadonlyMap<string, string> = new Map([
  ['tools/list', 'tools'],
  ['tools/call', 'tools'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resources'],
  ['resources/read', 'resources'],
  ['resources/subscribe', 'resources.subscribe'],
  ['resources/unsubscribe', 'resources.subscribe'],
  ['prompts/list', 'prompts'],
  ['prompts/get', 'prompts'],
  ['logging/setLevel', 'logging'],
]);
/** Requests that need a capability of the client. */
export const CLIENT_METHODS: ReadonlyMap<string, string> = new Map([
  ['roots/list', 'roots'],
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
]);
const SERVER_NEWS: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'tools.listChanged'],
  ['notifications/prompts/list_changed', 'prompts.listChanged'],
  ['notifications/resources/list_changed', 'resources.listChanged'],
  ['notifications/resources/updated', 'resources.subscribe'],
]);
const CLIENT_NEWS: ReadonlyMap<string, string> = new Map([
  ['notifications/roots/list_changed', 'roots.listChanged'],
]);

/** A method is used although the side that must declare its capability has not. */
function undeclared({ talk, method, by, kind }: HeardMessage) {
  const isRequest = kind === 'request';
  // A request needs a capability of its receiver, a notification one of its sender.
  const declarer = (by === 'client') === isRequest ? 'server' : 'client';
  const table =
    by === 'client' ? (isRequest ? SERVER_METHODS : CLIENT_NEWS) : isRequest ? CLIENT_METHODS : SERVER_NEWS;
  const capability = table.get(method);
  const capabilities = declarer === 'server' ? talk.serverCapabilities : talk.clientCapabilities;
  if (capability === undefined || capabilities === undefined || declares(capabilities, capability))
    return undefined;
  return {
    where: 'method',
    expected: `only with the ${declarer}'s capability "${capability}"`,
    received: method,
  };
}

export const CAPABILITY_RULES: readonly Rule<HeardMessage>[] = [
  {
    on: ['request', 'notification'],
    legacy: { '2025-11-25': '2025-11-25/lifecycle/015', '2025-06-18': '2025-06-18/lifecycle/001' },
    judge: undeclared,
  },
  {
    on: ['request', 'notification'],
    legacy: { '2025-03-26': '2025-03-26/lifecycle/003', '2024-11-05': '2024-11-05/lifecycle/001' },
    judge: undeclared,
  },
  {
    ...CLIENT_REQUEST,
    method: 'completion/complete',
    legacy: { '2025-11-25': '2025-11-25/lifecycle/015', '2025-06-18': '2025-06-18/lifecycle/001' },
    judge: ({ talk: { serverCapabilities }, method }) =>
      serverCapabilities === undefined || declares(serverCapabilities, 'completions')
        ? undefined
        : { where: 'method', expected: 'only with the server\'s capability "completions"', received: method },
  },
  {
    ...SERVER_NOTIFICATION,
    method: 'notifications/message',
    modern: '2026-07-28/logging/003',
    legacy: '2025-11-25/logging/001',
    judge: (message) => {
      const capabilities = serverDeclares(message);
      return capabilities === undefined || declares(capabilities, 'logging')
        ? undefined
        : {
            where: 'method',
            expected: 'only with the capability "logging"',
            received: 'notifications/message',
          };
    },
  },
  offersUndeclared('tools', { modern: '2026-07-28/tools/001', legacy: '2025-11-25/tools/001' }),
  offersUndeclared('resources', { modern: '2026-07-28/resources/001', legacy: '2025-11-25/resources/001' }),
  offersUndeclared('prompts', { modern: '2026-07-28/prompts/001', legacy: '2025-11-25/prompts/001' }),
];

/** A list has entries, and their capability is not declared. */
function offersUndeclared(feature: string, clauses: { modern: string; legacy: string }): Rule<HeardMessage> {
  return {
    ...SERVER_RESULT,
    method: `${feature}/list`,
    ...clauses,
    judge: (message) => {
      const capabilities = serverDeclares(message);
      const items = message.result[feature];
      if (capabilities === undefined || declares(capabilities, feature)) return undefined;
      return Array.isArray(items) && items.length > 0
        ? {
            where: `result.${feature}`,
            expected: `only with the capability "${feature}"`,
            received: `${items.length}`,
          }
        : undefined;
    },
  };
}
