/** The questions of a modern server to its client: results of the type `input_required`. */
import { isRecord } from '../../wire/value.js';
import { CLIENT_METHODS } from './capabilities.js';
import { undeclaredMode } from './client-features.js';
import { declares, type HeardMessage } from './heard-message.js';
import { type Finding, type Rule, SERVER_RESULT } from './rule.js';
import { show } from './show.js';

const MAY_ASK: readonly string[] = ['tools/call', 'prompts/get', 'resources/read'];

const isInputRequired = ({ result }: HeardMessage): boolean => result.resultType === 'input_required';
const inputRequests = ({ result }: HeardMessage): [string, unknown][] =>
  isRecord(result.inputRequests) ? Object.entries(result.inputRequests).slice(0, 100) : [];

/** Each question that breaks a rule. */
const questions =
  (
    judge: (
      question: { [name: string]: unknown },
      where: string,
      message: HeardMessage,
    ) => Finding | undefined,
  ) =>
  (message: HeardMessage): Finding[] =>
    isInputRequired(message)
      ? inputRequests(message).flatMap(([key, value]) => {
          const finding = isRecord(value)
            ? judge(value, `result.inputRequests.${key.slice(0, 60)}`, message)
            : undefined;
          return finding === undefined ? [] : [finding];
        })
      : [];

export const QUESTION_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/mrtr/005',
    judge: (message) =>
      isInputRequired(message) && message.request !== undefined && !MAY_ASK.includes(message.method)
        ? {
            where: 'result.resultType',
            expected: `"input_required" only for ${MAY_ASK.join(', ')}`,
            received: message.method,
          }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/mrtr/018',
    judge: (message) =>
      isInputRequired(message) && !('inputRequests' in message.result) && !('requestState' in message.result)
        ? { where: 'result', expected: 'inputRequests or requestState', received: 'neither' }
        : undefined,
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/mrtr/008',
    judge: (message) =>
      isInputRequired(message)
        ? inputRequests(message).flatMap(([key, value]) =>
            isRecord(value) && CLIENT_METHODS.has(String(value.method))
              ? []
              : [
                  {
                    where: `result.inputRequests.${key.slice(0, 60)}`,
                    expected: `a request ${[...CLIENT_METHODS.keys()].join(', ')}`,
                    received: isRecord(value) ? show(value.method) : show(value),
                  },
                ],
          )
        : undefined,
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/mrtr/019',
    judge: questions(({ method }, where, { request }) => {
      const capability = CLIENT_METHODS.get(String(method));
      return capability === undefined ||
        request?.capabilities === undefined ||
        declares(request.capabilities, capability)
        ? undefined
        : {
            where,
            expected: `only with the capability "${capability}" in the request`,
            received: show(method),
          };
    }),
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/elicitation/004',
    judge: questions(({ method, params }, where, { request }) => {
      const mode = isRecord(params) ? params.mode : undefined;
      return method === 'elicitation/create'
        ? undeclaredMode(request?.capabilities, mode, `${where}.params.mode`, 'the request')
        : undefined;
    }),
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/sampling/002',
    judge: questions(({ method, params }, where, { request }) =>
      method === 'sampling/createMessage' &&
      isRecord(params) &&
      ('tools' in params || 'toolChoice' in params) &&
      request?.capabilities !== undefined &&
      !declares(request.capabilities, 'sampling.tools')
        ? {
            where: `${where}.params.tools`,
            expected: 'only with the capability "sampling.tools" in the request',
            received: 'tools',
          }
        : undefined,
    ),
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/caching/002',
    judge: (message) =>
      isInputRequired(message) && ('ttlMs' in message.result || 'cacheScope' in message.result)
        ? { where: 'result', expected: 'no caching hints with "input_required"', received: 'caching hints' }
        : undefined,
  },
];
