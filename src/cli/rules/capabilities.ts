/** Methods are used only where their capability was declared. */
import type { Rule } from './rule.js';
import { declares, type Said } from './said.js';

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
const CLIENT_NEWS: ReadonlyMap<string, string> = new Map([
  ['notifications/roots/list_changed', 'roots.listChanged'],
]);

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
  return {
    where: 'method',
    expected: `only with the ${declarer}'s capability "${capability}"`,
    received: method,
  };
}

export const CAPABILITY_RULES: readonly Rule<Said>[] = [
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
function offersUndeclared(feature: string, clauses: { modern: string; legacy: string }): Rule<Said> {
  return {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: `${feature}/list`,
    ...clauses,
    judge: ({ talk, revision, result }) => {
      const declared = revision === '2026-07-28' ? talk.discovered?.capabilities : talk.serverCapabilities;
      const offered = result[feature];
      if (declared === undefined || declares(declared, feature)) return undefined;
      return Array.isArray(offered) && offered.length > 0
        ? {
            where: `result.${feature}`,
            expected: `only with the capability "${feature}"`,
            received: `${offered.length}`,
          }
        : undefined;
    },
  };
}
