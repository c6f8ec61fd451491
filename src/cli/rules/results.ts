/** What every modern result has: a type, and in some caching hints. */
import { MODERN } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { HeardMessage } from './heard-message.js';
import { type Finding, type Rule, SERVER_RESULT } from './rule.js';
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

export const RESULT_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/basic/008',
    judge: ({ json, result: { resultType } }) =>
      isRecord(json.result) && typeof resultType !== 'string'
        ? { where: 'result.resultType', expected: 'a string, such as "complete"', received: show(resultType) }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/basic/010',
    judge: ({ result: { resultType }, talk }) => {
      if (typeof resultType !== 'string' || ['complete', 'input_required', 'task'].includes(resultType))
        return undefined;
      const extensions = talk.discovery?.capabilities.extensions;
      if (talk.discovery === undefined || (isRecord(extensions) && Object.keys(extensions).length > 0))
        return undefined;
      return {
        where: 'result.resultType',
        expected: '"complete" or "input_required"',
        received: show(resultType),
      };
    },
  },
  {
    ...SERVER_RESULT,
    method: REMOVED,
    modern: '2026-07-28/changelog/002',
    judge: ({ method }) => ({
      where: 'result',
      expected: `error ${CODES.methodNotFound}: ${method} was removed`,
      received: 'a result',
    }),
  },
  {
    ...SERVER_RESULT,
    method: CACHED,
    modern: '2026-07-28/caching/015',
    judge: ({ request, method, result, talk }) => {
      if (request === undefined || typeof request.cursor !== 'string') return undefined;
      const first = talk.scopes.get(`${method} ${request.cursor}`);
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
export const VERSION_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/versioning/001',
    judge: ({ request, talk }) => {
      const unknownRevision = request?.revision === undefined ? request?.unknownRevision : undefined;
      return unknownRevision === undefined ||
        talk.discovery === undefined ||
        talk.discovery.versions.includes(unknownRevision)
        ? undefined
        : {
            where: 'result',
            expected: `error ${CODES.unsupportedVersion}, because ${show(unknownRevision)} is not served`,
            received: 'a result',
          };
    },
  },
];

/** A result of this method is complete, so it asks for nothing more. */
export const completeRule = (clause: string, method: string): Rule<HeardMessage> => ({
  ...SERVER_RESULT,
  method,
  modern: clause,
  judge: ({ result: { resultType } }) =>
    typeof resultType !== 'string' || resultType === 'complete'
      ? undefined
      : { where: 'result.resultType', expected: '"complete"', received: show(resultType) },
});

/** A result that says nothing; a modern one still has its type. */
export function emptyResult({ result, revision }: HeardMessage): Finding | undefined {
  const allowedNames = revision === MODERN ? ['_meta', 'resultType'] : ['_meta'];
  const names = Object.keys(result).filter((name) => !allowedNames.includes(name));
  return names.length === 0
    ? undefined
    : { where: 'result', expected: 'an empty object', received: `members ${names.slice(0, 3).join(', ')}` };
}

/** Results of this method have caching hints, unless they ask for input. */
export const isCached = (method: string): boolean => CACHED.includes(method);
