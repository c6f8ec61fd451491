/** The types of settings that are tables: a value for each tool or scope. */
import { PAYLOAD_LIMIT } from '../../governance/policy/question.js';
import type { SettingType } from './setting.js';
import { items, wholeNumber } from './types.js';

/** `TOOL=N,…` as a text, or as an object. */
const TABLE = { type: ['string', 'object', 'number'] };

export const IMPLICATIONS: SettingType<{ [scope: string]: readonly string[] }> = {
  placeholder: 'A=B+C,…',
  schema: TABLE,
  read(text) {
    const implications = new Map<string, string[]>();
    for (const item of items(text)) {
      const [, scope, others] = /^([^=\s]+)=([^=\s]+)$/.exec(item) ?? [];
      if (scope === undefined || others === undefined)
        throw new RangeError('expected SCOPE=SCOPE, or SCOPE=SCOPE+SCOPE, separated by commas');
      implications.set(scope, [...(implications.get(scope) ?? []), ...others.split('+')]);
    }
    return Object.fromEntries(implications);
  },
};

const MAX_COUNT = 10_000_000;

export const PAYLOAD_CAPS: SettingType<{ [tool: string]: number }> = {
  placeholder: 'TOOL=N,…',
  schema: TABLE,
  read: (text) => countsByTool(items(text), PAYLOAD_LIMIT),
};

function countsByTool(pairs: readonly string[], max: number): { [tool: string]: number } {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, tool, number] = /^([A-Za-z0-9_.-]{1,128})=(\d+)$/.exec(pair) ?? [];
      if (tool === undefined || number === undefined)
        throw new RangeError('expected TOOL=N, separated by commas');
      return [tool, wholeNumber(number, 0, max)];
    }),
  );
}

export const CALLS_PER_MINUTE: SettingType<{ all?: number; tools?: { [tool: string]: number } }> = {
  placeholder: 'N,TOOL=N,…',
  schema: TABLE,
  read(text) {
    const parts = items(text);
    const [all, ...more] = parts.filter((part) => !part.includes('='));
    if (more.length > 0)
      throw new RangeError('expected one number for all tools, and TOOL=N for single ones');
    const tools = countsByTool(
      parts.filter((part) => part.includes('=')),
      MAX_COUNT,
    );
    return { ...(all === undefined ? {} : { all: wholeNumber(all, 0, MAX_COUNT) }), tools };
  },
};
