/** Tools: names, annotations of schemas, results. */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import { type Fault, readMirrored } from './mirrored-params.js';
import { type Finding, type Rule, since } from './rule.js';
import type { Said } from './said.js';
import { quote } from './show.js';

const MAX_TOOLS = 1000;
const NAME = /^[A-Za-z0-9_.-]*$/;

function toolsOf({ result: { tools } }: Said): { tool: JsonObject; where: string }[] {
  if (!Array.isArray(tools)) return [];
  return tools
    .slice(0, MAX_TOOLS)
    .flatMap((tool, at) => (isRecord(tool) ? [{ tool, where: `result.tools[${at}]` }] : []));
}
const eachName = (judge: (name: string) => string | undefined) => (said: Said) =>
  toolsOf(said).flatMap(({ tool: { name }, where }): Finding[] => {
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
function nameTwice(said: Said): Finding[] {
  const seen = new Set<unknown>();
  return toolsOf(said).flatMap(({ tool: { name }, where }) => {
    const isSecond = seen.has(name);
    seen.add(name);
    return isSecond && typeof name === 'string'
      ? [{ where: `${where}.name`, expected: 'a name that no other tool has', received: quote(name) }]
      : [];
  });
}

const LISTED = { on: 'result', by: 'server', method: 'tools/list' } as const;
const CALLED = { on: 'result', by: 'server', method: 'tools/call' } as const;
const annotation = (clause: Fault['clause']): Rule<Said> => ({
  ...LISTED,
  level: 'MUST',
  modern: clause,
  judge: (said) =>
    toolsOf(said).flatMap(({ tool: { inputSchema }, where }) =>
      isRecord(inputSchema)
        ? readMirrored(inputSchema, `${where}.inputSchema`).faults.filter((fault) => fault.clause === clause)
        : [],
    ),
});

/** A complete tool result of a call that ran. */
const isCompleteResult = ({ result, revision }: Said): boolean =>
  revision === '2026-07-28' ? result.resultType === 'complete' : !('task' in result);

function notRepeated(said: Said): Finding | undefined {
  const { structuredContent, content, isError } = said.result;
  if (
    !isCompleteResult(said) ||
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
    return isSame(JSON.parse(text), value, 0);
  } catch {
    return false;
  }
}
const MAX_DEPTH = 200;
function isSame(one: unknown, other: unknown, depth: number): boolean {
  if (Object.is(one, other) || depth > MAX_DEPTH) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((part, at) => isSame(part, other[at], depth + 1));
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name], depth + 1))
  );
}

function noStructure(said: Said): Finding | undefined {
  const { talk, asked, result } = said;
  const hasSchema = asked?.subject !== undefined && talk.tools.get(asked.subject)?.hasOutputSchema === true;
  return hasSchema &&
    isCompleteResult(said) &&
    result.isError !== true &&
    result.structuredContent === undefined
    ? {
        where: 'result.structuredContent',
        expected: 'a value that fits the outputSchema of the tool',
        received: 'nothing',
      }
    : undefined;
}

function unknownTool({ talk, asked, result }: Said): Finding | undefined {
  const name = asked?.subject;
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

export const TOOL_RULES: readonly Rule<Said>[] = [
  {
    ...LISTED,
    level: 'SHOULD',
    modern: '2026-07-28/tools/015',
    legacy: { '2025-11-25': '2025-11-25/tools/005' },
    judge: lengthOfName,
  },
  {
    ...LISTED,
    level: 'SHOULD',
    modern: '2026-07-28/tools/017',
    legacy: { '2025-11-25': '2025-11-25/tools/005' },
    judge: lettersOfName,
  },
  {
    ...LISTED,
    level: 'SHOULD',
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
    ...CALLED,
    level: 'SHOULD',
    modern: '2026-07-28/tools/028',
    legacy: { '2025-11-25': '2025-11-25/tools/010', '2025-06-18': '2025-06-18/tools/001' },
    judge: notRepeated,
  },
  {
    ...CALLED,
    level: 'MUST',
    modern: '2026-07-28/tools/030',
    legacy: { '2025-11-25': '2025-11-25/tools/011', '2025-06-18': '2025-06-18/tools/002' },
    judge: noStructure,
  },
  {
    ...CALLED,
    level: 'MUST',
    modern: '2026-07-28/tools/032',
    legacy: since('2025-03-26', '2025-11-25/tools/014'),
    judge: unknownTool,
  },
  {
    ...CALLED,
    level: 'SHOULD',
    modern: '2026-07-28/tools/027',
    legacy: { '2025-11-25': '2025-11-25/tools/009', '2025-06-18': '2025-06-18/tools/004' },
    judge: ({ result: { content }, talk, revision }) => {
      const declared = revision === '2026-07-28' ? talk.discovered?.capabilities : talk.serverCapabilities;
      const at = Array.isArray(content)
        ? content.findIndex((block) => isRecord(block) && block.type === 'resource')
        : -1;
      return at < 0 || declared === undefined || 'resources' in declared
        ? undefined
        : {
            where: `result.content[${at}]`,
            expected: 'only with the capability "resources"',
            received: 'an embedded resource',
          };
    },
  },
];
