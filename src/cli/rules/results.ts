/** What every modern result has: a type, caching hints, questions to the client. */
import { isRecord } from '../../wire/value.js';
import type { Finding, Rule } from './rule.js';
import { declares, type Said } from './said.js';
import { show } from './show.js';

const CACHED: readonly string[] = [
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
];
const MAY_ASK: readonly string[] = ['tools/call', 'prompts/get', 'resources/read'];
const REMOVED: readonly string[] = ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'];
const INPUT_CAPABILITIES: ReadonlyMap<unknown, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

const isInputRequired = ({ result }: Said): boolean => result.resultType === 'input_required';
const inputRequests = ({ result }: Said): [string, unknown][] =>
  isRecord(result.inputRequests) ? Object.entries(result.inputRequests).slice(0, 100) : [];

/** Each question that breaks a rule. */
const questions =
  (judge: (question: { [name: string]: unknown }, where: string, said: Said) => Finding | undefined) =>
  (said: Said): Finding[] =>
    isInputRequired(said)
      ? inputRequests(said).flatMap(([key, value]) => {
          const found = isRecord(value) ? judge(value, `result.inputRequests.${key.slice(0, 60)}`, said) : undefined;
          return found === undefined ? [] : [found];
        })
      : [];

export const RESULT_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/basic/008',
    judge: ({ message, result: { resultType } }) =>
      isRecord(message.result) && typeof resultType !== 'string'
        ? { where: 'result.resultType', expected: 'a string, such as "complete"', received: show(resultType) }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/basic/010',
    judge: ({ result: { resultType }, talk }) => {
      if (typeof resultType !== 'string' || ['complete', 'input_required', 'task'].includes(resultType)) return undefined;
      const extensions = talk.discovered?.capabilities.extensions;
      if (talk.discovered === undefined || (isRecord(extensions) && Object.keys(extensions).length > 0)) return undefined;
      return { where: 'result.resultType', expected: '"complete" or "input_required"', received: show(resultType) };
    },
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: REMOVED,
    modern: '2026-07-28/changelog/002',
    judge: ({ method }) => ({ where: 'result', expected: `error -32601: ${method} was removed`, received: 'a result' }),
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/mrtr/005',
    judge: (said) =>
      isInputRequired(said) && said.asked !== undefined && !MAY_ASK.includes(said.method)
        ? { where: 'result.resultType', expected: `"input_required" only for ${MAY_ASK.join(', ')}`, received: said.method }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/mrtr/018',
    judge: (said) =>
      isInputRequired(said) && !('inputRequests' in said.result) && !('requestState' in said.result)
        ? { where: 'result', expected: 'inputRequests or requestState', received: 'neither' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/mrtr/008',
    judge: (said) =>
      isInputRequired(said)
        ? inputRequests(said).flatMap(([key, value]) =>
            isRecord(value) && INPUT_CAPABILITIES.has(value.method)
              ? []
              : [
                  {
                    where: `result.inputRequests.${key.slice(0, 60)}`,
                    expected: `a request ${[...INPUT_CAPABILITIES.keys()].join(', ')}`,
                    received: isRecord(value) ? show(value.method) : show(value),
                  },
                ],
          )
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/mrtr/019',
    judge: questions(({ method }, where, { asked }) => {
      const capability = INPUT_CAPABILITIES.get(method);
      return capability === undefined || asked?.capabilities === undefined || declares(asked.capabilities, capability)
        ? undefined
        : { where, expected: `only with the capability "${capability}" in the request`, received: show(method) };
    }),
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/elicitation/004',
    judge: questions(({ method, params }, where, { asked }) => {
      const elicitation = asked?.capabilities?.elicitation;
      if (method !== 'elicitation/create' || !isRecord(elicitation)) return undefined;
      const mode = isRecord(params) ? (params.mode ?? 'form') : 'form';
      // An empty capability means forms alone.
      const declared = Object.keys(elicitation).length === 0 ? ['form'] : Object.keys(elicitation);
      return (mode !== 'form' && mode !== 'url') || declared.includes(mode)
        ? undefined
        : { where: `${where}.params.mode`, expected: `a mode that the request declares: ${declared.join(', ')}`, received: show(mode) };
    }),
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/sampling/002',
    judge: questions(({ method, params }, where, { asked }) =>
      method === 'sampling/createMessage' &&
      isRecord(params) &&
      ('tools' in params || 'toolChoice' in params) &&
      asked?.capabilities !== undefined &&
      !declares(asked.capabilities, 'sampling.tools')
        ? { where: `${where}.params.tools`, expected: 'only with the capability "sampling.tools" in the request', received: 'tools' }
        : undefined,
    ),
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/caching/002',
    judge: (said) =>
      isInputRequired(said) && ('ttlMs' in said.result || 'cacheScope' in said.result)
        ? { where: 'result', expected: 'no caching hints with "input_required"', received: 'caching hints' }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: CACHED,
    modern: '2026-07-28/caching/015',
    judge: ({ asked, method, result, talk }) => {
      if (asked === undefined || typeof asked.cursor !== 'string') return undefined;
      const first = talk.scopes.get(`${method} ${asked.cursor}`);
      return first === undefined || first === result.cacheScope || typeof result.cacheScope !== 'string'
        ? undefined
        : { where: 'result.cacheScope', expected: `${show(first)}, as on the page before`, received: show(result.cacheScope) };
    },
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/versioning/001',
    judge: ({ asked, talk }) => {
      const claimed = asked?.revision === undefined ? asked?.claimed : undefined;
      return claimed === undefined || talk.discovered === undefined || talk.discovered.versions.includes(claimed)
        ? undefined
        : { where: 'result', expected: `error -32022, because ${show(claimed)} is not served`, received: 'a result' };
    },
  },
];
/** Results of this method have caching hints, unless they ask for input. */
export const isCached = (method: string): boolean => CACHED.includes(method);
