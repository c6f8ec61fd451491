/** The handshake of the legacy revisions, and what both sides declare in it. */
import { isRecord } from '../../wire/value.js';
import type { Rule } from './rule.js';
import { declares, type Said } from './said.js';

/** Requests that may be sent before a missing `notifications/initialized` is no matter of order any more. */
const MAX_EARLY = 2;

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
const CLIENT_METHODS: ReadonlyMap<string, string> = new Map([
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
const CLIENT_NEWS: ReadonlyMap<string, string> = new Map([['notifications/roots/list_changed', 'roots.listChanged']]);

/** A method is used although the side that must declare its capability has not. */
function undeclared({ talk, method, by, kind }: Said) {
  const isRequest = kind === 'request';
  // A request needs a capability of its receiver, a notification one of its sender.
  const declarer = (by === 'client') === isRequest ? 'server' : 'client';
  const table =
    by === 'client' ? (isRequest ? SERVER_METHODS : CLIENT_NEWS) : isRequest ? CLIENT_METHODS : SERVER_NEWS;
  const capability = table.get(method);
  const declared = declarer === 'server' ? talk.serverCapabilities : talk.clientCapabilities;
  if (capability === undefined || declared === undefined || declares(declared, capability)) return undefined;
  return { where: 'method', expected: `only with the ${declarer}'s capability "${capability}"`, received: method };
}

const isOpening = (method: string): boolean => method === 'initialize' || method === 'ping';

export const LIFECYCLE_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    legacy: '2025-11-25/lifecycle/001',
    judge: ({ talk, method }) =>
      talk.transport === 'stdio' && talk.handshake === 'none' && !isOpening(method)
        ? { where: 'method', expected: '"initialize" first', received: method }
        : undefined,
  },
  {
    level: 'SHOULD',
    on: 'request',
    by: 'client',
    legacy: '2025-11-25/lifecycle/005',
    judge: ({ talk, method }) =>
      talk.whole && talk.oneClient && talk.handshake === 'asked' && !isOpening(method)
        ? { where: 'method', expected: 'only "ping" until "initialize" is answered', received: method }
        : undefined,
  },
  {
    level: 'SHOULD',
    on: 'request',
    by: 'server',
    legacy: '2025-11-25/lifecycle/006',
    judge: ({ talk, method }) =>
      talk.whole && talk.handshake !== 'complete' && method !== 'ping'
        ? { where: 'method', expected: 'only "ping" until notifications/initialized', received: method }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    legacy: '2025-11-25/lifecycle/004',
    judge: ({ talk, method }) =>
      talk.whole && talk.handshake === 'answered' && talk.early === MAX_EARLY && !isOpening(method)
        ? { where: 'method', expected: 'notifications/initialized after the handshake', received: method }
        : undefined,
  },
  {
    level: 'MUST',
    on: ['request', 'notification'],
    legacy: { '2025-11-25': '2025-11-25/lifecycle/015', '2025-06-18': '2025-06-18/lifecycle/001' },
    judge: undeclared,
  },
  {
    level: 'SHOULD',
    on: ['request', 'notification'],
    legacy: { '2025-03-26': '2025-03-26/lifecycle/003', '2024-11-05': '2024-11-05/lifecycle/001' },
    judge: undeclared,
  },
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    method: 'completion/complete',
    legacy: { '2025-11-25': '2025-11-25/lifecycle/015', '2025-06-18': '2025-06-18/lifecycle/001' },
    judge: ({ talk: { serverCapabilities }, method }) =>
      serverCapabilities === undefined || declares(serverCapabilities, 'completions')
        ? undefined
        : { where: 'method', expected: 'only with the server\'s capability "completions"', received: method },
  },
  {
    level: 'MUST',
    on: 'notification',
    by: 'server',
    method: 'notifications/message',
    modern: '2026-07-28/logging/003',
    legacy: '2025-11-25/logging/001',
    judge: ({ talk, revision }) => {
      const declared = revision === '2026-07-28' ? talk.discovered?.capabilities : talk.serverCapabilities;
      return declared === undefined || declares(declared, 'logging')
        ? undefined
        : { where: 'method', expected: 'only with the capability "logging"', received: 'notifications/message' };
    },
  },
  ...(['tools', 'resources', 'prompts'] as const).map(
    (feature): Rule<Said> => ({
      level: 'MUST',
      on: 'result',
      by: 'server',
      method: `${feature}/list`,
      modern: `2026-07-28/${feature}/001`,
      legacy: `2025-11-25/${feature}/001`,
      judge: ({ talk, revision, result }) => {
        const declared = revision === '2026-07-28' ? talk.discovered?.capabilities : talk.serverCapabilities;
        const offered = result[feature];
        if (declared === undefined || declares(declared, feature)) return undefined;
        return Array.isArray(offered) && offered.length > 0
          ? { where: `result.${feature}`, expected: `only with the capability "${feature}"`, received: `${offered.length}` }
          : undefined;
      },
    }),
  ),
  {
    level: 'MUST',
    on: 'result',
    method: 'ping',
    legacy: '2025-11-25/ping/001',
    judge: emptyResult,
  },
  {
    level: 'MUST',
    on: 'result',
    method: 'logging/setLevel',
    legacy: '2025-11-25/logging/003',
    judge: emptyResult,
  },
  {
    level: 'MUST',
    on: 'request',
    by: 'client',
    method: 'initialize',
    legacy: { '2025-03-26': '2025-03-26/lifecycle/001' },
    judge: ({ exchange }) =>
      exchange !== undefined && exchange.batch
        ? { where: 'request body', expected: '"initialize" alone', received: 'a batch' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'notification',
    by: 'client',
    method: 'notifications/cancelled',
    legacy: '2025-11-25/cancellation/002',
    judge: ({ talk, params }) =>
      talk.requests.client.find(params.requestId)?.method === 'initialize'
        ? { where: 'params.requestId', expected: 'a request other than "initialize"', received: '"initialize"' }
        : undefined,
  },
];

function emptyResult({ message: { result } }: Said) {
  const names = isRecord(result) ? Object.keys(result).filter((name) => name !== '_meta') : [];
  return names.length === 0
    ? undefined
    : { where: 'result', expected: 'an empty object', received: `members ${names.slice(0, 3).join(', ')}` };
}
