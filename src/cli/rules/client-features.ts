/** What a server asks of its client in band, in the legacy revisions: elicitation, sampling; and the rules of both eras for them. */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import { declares, type HeardMessage } from './heard-message.js';
import { type Finding, type Rule, SERVER_ERROR } from './rule.js';
import { show } from './show.js';

/** Each request to the client in a message, in band or inside an `input_required` result. */
function questionsIn(
  { kind, method, params, result }: HeardMessage,
  wantedMethod: string,
): { params: JsonObject; where: string }[] {
  if (kind === 'request') return method === wantedMethod ? [{ params, where: 'params' }] : [];
  if (result.resultType !== 'input_required' || !isRecord(result.inputRequests)) return [];
  return Object.entries(result.inputRequests)
    .slice(0, 100)
    .flatMap(([key, question]) =>
      isRecord(question) && question.method === wantedMethod && isRecord(question.params)
        ? [{ params: question.params, where: `result.inputRequests.${key.slice(0, 60)}.params` }]
        : [],
    );
}
const each =
  (wantedMethod: string, judge: (params: JsonObject, where: string) => Finding | undefined) =>
  (message: HeardMessage) =>
    questionsIn(message, wantedMethod).flatMap(({ params, where }) => judge(params, where) ?? []);

const isLocal = (url: string): boolean => /^http:\/\/(localhost|127\.|\[::1\])/i.test(url);
const httpUrl = each('elicitation/create', ({ mode, url }, where) =>
  mode === 'url' && typeof url === 'string' && /^http:/i.test(url) && !isLocal(url)
    ? { where: `${where}.url`, expected: 'an https URL', received: show(url) }
    : undefined,
);

const blocksOf = (message: unknown): JsonObject[] => {
  const content = isRecord(message) ? message.content : undefined;
  return (Array.isArray(content) ? content : [content]).filter(isRecord);
};
const ofType = (message: unknown, type: string): JsonObject[] =>
  blocksOf(message).filter((block) => block.type === type);

const mixedResults = each('sampling/createMessage', ({ messages }, where) => {
  if (!Array.isArray(messages)) return undefined;
  const at = messages.findIndex(
    (message) =>
      ofType(message, 'tool_result').length > 0 &&
      ofType(message, 'tool_result').length < blocksOf(message).length,
  );
  return at < 0
    ? undefined
    : {
        where: `${where}.messages[${at}].content`,
        expected: 'tool results alone',
        received: 'other blocks beside them',
      };
});
const unmatchedUses = each('sampling/createMessage', ({ messages }, where) => {
  if (!Array.isArray(messages)) return undefined;
  const at = messages.findIndex((message, index) => {
    const results = new Set(ofType(messages[index + 1], 'tool_result').map(({ toolUseId }) => toolUseId));
    return ofType(message, 'tool_use').some(({ id }) => !results.has(id));
  });
  return at < 0
    ? undefined
    : {
        where: `${where}.messages[${at + 1}]`,
        expected: 'a result of each tool use',
        received: 'none of at least one',
      };
});
const includesContext = (message: HeardMessage, capabilities: JsonObject | undefined) =>
  each('sampling/createMessage', ({ includeContext }, where) =>
    typeof includeContext === 'string' &&
    includeContext !== 'none' &&
    !declares(capabilities, 'sampling.context')
      ? { where: `${where}.includeContext`, expected: '"none"', received: show(includeContext) }
      : undefined,
  )(message);

/** The modes of elicitation that are declared. An empty capability means forms alone. */
function modesIn(capabilities: JsonObject | undefined): string[] | undefined {
  const elicitation = capabilities?.elicitation;
  if (!isRecord(elicitation)) return undefined;
  return Object.keys(elicitation).length === 0 ? ['form'] : Object.keys(elicitation);
}

export function undeclaredMode(
  capabilities: JsonObject | undefined,
  mode: unknown = 'form',
  where: string,
  declarer: string,
): Finding | undefined {
  const modes = modesIn(capabilities);
  if (modes === undefined || (mode !== 'form' && mode !== 'url') || modes.includes(mode)) return undefined;
  const expected = `a mode that ${declarer} declares: ${modes.join(', ')}`;
  return { where, expected, received: show(mode) };
}

const BY_SERVER = { by: 'server', on: ['request', 'result'] } as const;
export const CLIENT_FEATURE_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...BY_SERVER,
    modern: '2026-07-28/elicitation/027',
    legacy: { '2025-11-25': '2025-11-25/elicitation/020' },
    judge: httpUrl,
  },
  { ...BY_SERVER, modern: '2026-07-28/sampling/004', judge: mixedResults },
  { ...BY_SERVER, modern: '2026-07-28/sampling/005', judge: unmatchedUses },
  {
    ...BY_SERVER,
    modern: '2026-07-28/sampling/003',
    judge: (message) =>
      message.request?.capabilities === undefined
        ? undefined
        : includesContext(message, message.request.capabilities),
  },
  {
    on: 'request',
    by: 'server',
    method: 'elicitation/create',
    legacy: { '2025-11-25': '2025-11-25/elicitation/002' },
    judge: ({ talk, params }) =>
      undeclaredMode(talk.clientCapabilities, params.mode, 'params.mode', 'the client'),
  },
  {
    ...SERVER_ERROR,
    legacy: { '2025-11-25': '2025-11-25/elicitation/010' },
    judge: ({ error }) => {
      if (error.code !== CODES.urlElicitationRequired) return undefined;
      const elicitations = isRecord(error.data) ? error.data.elicitations : undefined;
      const isGood =
        Array.isArray(elicitations) &&
        elicitations.every(
          (one) => isRecord(one) && one.mode === 'url' && typeof one.elicitationId === 'string',
        );
      return isGood
        ? undefined
        : {
            where: 'error.data.elicitations',
            expected: 'questions of mode "url" with an elicitationId',
            received: show(elicitations),
          };
    },
  },
  {
    on: 'error',
    by: 'client',
    method: 'elicitation/create',
    legacy: { '2025-11-25': '2025-11-25/elicitation/016' },
    judge: ({ request, talk, error }) => {
      const modes = modesIn(talk.clientCapabilities);
      const mode = request?.mode;
      return modes === undefined ||
        mode === undefined ||
        modes.includes(mode) ||
        error.code === CODES.invalidParams
        ? undefined
        : {
            where: 'error.code',
            expected: `${CODES.invalidParams}: the mode ${mode} is not declared`,
            received: show(error.code),
          };
    },
  },
];
