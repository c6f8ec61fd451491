/** The questions of a modern server to its client: results of the type `input_required`. */
import { isRecord } from '../../wire/value.js';
import type { Finding, Rule } from './rule.js';
import { declares, type Said } from './said.js';
import { show } from './show.js';

const MAY_ASK: readonly string[] = ['tools/call', 'prompts/get', 'resources/read'];
const INPUT_CAPABILITIES: ReadonlyMap<unknown, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

const isInputRequired = ({ result }: Said): boolean => result.resultType === 'input_required';
const inputRequests = ({ result }: Said): [string, unknown][] =>
  isRecord(result.inputRequests) ? Object.entries(result.inputRequests).slice(0, 100) : [];

/** Each question that breaks a rule. */
const questions =
  (judge: (question: { [name: string]: unknown }, where: string, said: Said) => Finding | undefined) =>
  (said: Said): Finding[] =>
    isInputRequired(said)
      ? inputRequests(said).flatMap(([key, value]) => {
          const found = isRecord(value)
            ? judge(value, `result.inputRequests.${key.slice(0, 60)}`, said)
            : undefined;
          return found === undefined ? [] : [found];
        })
      : [];

export const QUESTION_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'result',
    by: 'server',
    modern: '2026-07-28/mrtr/005',
    judge: (said) =>
      isInputRequired(said) && said.asked !== undefined && !MAY_ASK.includes(said.method)
        ? {
            where: 'result.resultType',
            expected: `"input_required" only for ${MAY_ASK.join(', ')}`,
            received: said.method,
          }
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
      return capability === undefined ||
        asked?.capabilities === undefined ||
        declares(asked.capabilities, capability)
        ? undefined
        : {
            where,
            expected: `only with the capability "${capability}" in the request`,
            received: show(method),
          };
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
        : {
            where: `${where}.params.mode`,
            expected: `a mode that the request declares: ${declared.join(', ')}`,
            received: show(mode),
          };
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
        ? {
            where: `${where}.params.tools`,
            expected: 'only with the capability "sampling.tools" in the request',
            received: 'tools',
          }
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
];
