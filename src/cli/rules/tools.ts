/** Tools: names, annotations of schemas, results. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import { type HeardMessage, serverDeclares } from './heard-message.js';
import { type Fault, readMirrored } from './mirrored-params.js';
import { type Finding, type Rule, SERVER_RESULT, since } from './rule.js';
import { quote } from './show.js';

const MAX_TOOLS = 1000;
const NAME = /^[A-Za-z0-9_.-]*$/;

function toolsOf({ result: { tools } }: HeardMessage): { tool: JsonObject; where: string }[] {
  if (!Array.isArray(tools)) return [];
  return tools
    .slice(0, MAX_TOOLS)
    .flatMap((tool, at) => (isRecord(tool) ? [{ tool, where: `result.tools[${at}]` }] : []));
}
const eachName = (judge: (name: string) => string | undefined) => (message: HeardMessage) =>
  toolsOf(message).flatMap(({ tool: { name }, where }): Finding[] => {
    const expected = typeof name === 'string' ? judge(name) : undefined;
    return expected === undefined
      ? []
      : [{ where: `${where}.name`, expected, received: quote(String(name)) }];
  });
const lengthOfName = eachName((name) =>
  name.length >= 1 && name.length <= 128 ? undefined : '1 to 128 characters',
);
const lettersOfName = eachName((name) =>
  NAME.test(name) ? undefined : 'letters, digits, "_", "-" and "." alone',
);
function nameTwice(message: HeardMessage): Finding[] {
  const seenNames = new Set<unknown>();
  return toolsOf(message).flatMap(({ tool: { name }, where }) => {
    const isSecond = seenNames.has(name);
    seenNames.add(name);
    return isSecond && typeof name === 'string'
      ? [{ where: `${where}.name`, expected: 'a name that no other tool has', received: quote(name) }]
      : [];
  });
}

const LIST_RESULT = { ...SERVER_RESULT, method: 'tools/list' } as const;
const CALL_RESULT = { ...SERVER_RESULT, method: 'tools/call' } as const;
const annotation = (clause: Fault['clause']): Rule<HeardMessage> => ({
  ...LIST_RESULT,
  modern: clause,
  judge: (message) =>
    toolsOf(message).flatMap(({ tool: { inputSchema }, where }) =>
      isRecord(inputSchema)
        ? readMirrored(inputSchema, `${where}.inputSchema`).faults.filter((fault) => fault.clause === clause)
        : [],
    ),
});

/** A complete tool result of a call that ran. */
const isCompleteResult = ({ result, revision }: HeardMessage): boolean =>
  revision === '2026-07-28' ? result.resultType === 'complete' : !('task' in result);

function notRepeated(message: HeardMessage): Finding | undefined {
  const { structuredContent, content, isError } = message.result;
  if (
    !isCompleteResult(message) ||
    structuredContent === undefined ||
    isError === true ||
    !Array.isArray(content)
  )
    return undefined;
  const isRepeated = content.some(
    (block) => isRecord(block) && typeof block.text === 'string' && saysSame(block.text, structuredContent),
  );
  return isRepeated
    ? undefined
    : { where: 'result.content', expected: 'a text block with structuredContent as JSON', received: 'none' };
}
function saysSame(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch (error) {
    // Nested too deep to be compared.
    return error instanceof RangeError;
  }
}
function noStructure(message: HeardMessage): Finding | undefined {
  const { talk, request, result } = message;
  const hasSchema =
    request?.subject !== undefined && talk.tools.get(request.subject)?.hasOutputSchema === true;
  return hasSchema &&
    isCompleteResult(message) &&
    result.isError !== true &&
    result.structuredContent === undefined
    ? {
        where: 'result.structuredContent',
        expected: 'a value that fits the outputSchema of the tool',
        received: 'nothing',
      }
    : undefined;
}

function unknownTool({ talk, request, result }: HeardMessage): Finding | undefined {
  const name = request?.subject;
  if (name === undefined || !talk.allToolsSeen || talk.tools.forgetful || talk.tools.has(name))
    return undefined;
  return result.isError === true
    ? {
        where: 'result.isError',
        expected: `error ${CODES.invalidParams}, because no tool is called ${quote(name)}`,
        received: 'a tool result',
      }
    : undefined;
}

export const TOOL_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...LIST_RESULT,
    modern: '2026-07-28/tools/015',
    legacy: { '2025-11-25': '2025-11-25/tools/005' },
    judge: lengthOfName,
  },
  {
    ...LIST_RESULT,
    modern: '2026-07-28/tools/017',
    legacy: { '2025-11-25': '2025-11-25/tools/005' },
    judge: lettersOfName,
  },
  {
    ...LIST_RESULT,
    modern: '2026-07-28/tools/019',
    legacy: { '2025-11-25': '2025-11-25/tools/007' },
    judge: nameTwice,
  },
  annotation('2026-07-28/streamable-http/042'),
  annotation('2026-07-28/streamable-http/043'),
  annotation('2026-07-28/streamable-http/044'),
  annotation('2026-07-28/streamable-http/045'),
  annotation('2026-07-28/streamable-http/046'),
  annotation('2026-07-28/streamable-http/048'),
  {
    ...CALL_RESULT,
    modern: '2026-07-28/tools/028',
    legacy: { '2025-11-25': '2025-11-25/tools/010', '2025-06-18': '2025-06-18/tools/001' },
    judge: notRepeated,
  },
  {
    ...CALL_RESULT,
    modern: '2026-07-28/tools/030',
    legacy: { '2025-11-25': '2025-11-25/tools/011', '2025-06-18': '2025-06-18/tools/002' },
    judge: noStructure,
  },
  {
    ...CALL_RESULT,
    modern: '2026-07-28/tools/032',
    legacy: since('2025-03-26', '2025-11-25/tools/014'),
    judge: unknownTool,
  },
  {
    ...CALL_RESULT,
    modern: '2026-07-28/tools/027',
    legacy: { '2025-11-25': '2025-11-25/tools/009', '2025-06-18': '2025-06-18/tools/004' },
    judge: (message) => {
      const capabilities = serverDeclares(message);
      const { content } = message.result;
      const at = Array.isArray(content)
        ? content.findIndex((block) => isRecord(block) && block.type === 'resource')
        : -1;
      return at < 0 || capabilities === undefined || 'resources' in capabilities
        ? undefined
        : {
            where: `result.content[${at}]`,
            expected: 'only with the capability "resources"',
            received: 'an embedded resource',
          };
    },
  },
];
