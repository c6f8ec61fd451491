/** What every modern result has: a type, and in some caching hints. */
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { Rule } from './rule.js';
import type { Said } from './said.js';
import { show } from './show.js';

const CACHED: readonly string[] = [
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
];
const REMOVED: readonly string[] = [
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
];

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
      if (typeof resultType !== 'string' || ['complete', 'input_required', 'task'].includes(resultType))
        return undefined;
      const extensions = talk.discovered?.capabilities.extensions;
      if (talk.discovered === undefined || (isRecord(extensions) && Object.keys(extensions).length > 0))
        return undefined;
      return {
        where: 'result.resultType',
        expected: '"complete" or "input_required"',
        received: show(resultType),
      };
    },
  },
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    method: REMOVED,
    modern: '2026-07-28/changelog/002',
    judge: ({ method }) => ({
      where: 'result',
      expected: `error ${CODES.methodNotFound}: ${method} was removed`,
      received: 'a result',
    }),
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
        : {
            where: 'result.cacheScope',
            expected: `${show(first)}, as on the page before`,
            received: show(result.cacheScope),
          };
    },
  },
];
/** Results of requests that name a version which is unknown here are held against this alone. */
export const VERSION_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/versioning/001',
    judge: ({ asked, talk }) => {
      const claimed = asked?.revision === undefined ? asked?.claimed : undefined;
      return claimed === undefined ||
        talk.discovered === undefined ||
        talk.discovered.versions.includes(claimed)
        ? undefined
        : {
            where: 'result',
            expected: `error ${CODES.unsupportedVersion}, because ${show(claimed)} is not served`,
            received: 'a result',
          };
    },
  },
];

/** Results of this method have caching hints, unless they ask for input. */
export const isCached = (method: string): boolean => CACHED.includes(method);
