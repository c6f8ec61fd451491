/** What JSON-RPC 2.0 asks of anything that comes where a message belongs. */
import { isRecord } from '../../wire/value.js';
import { kindOf, type Raw } from './heard-message.js';
import type { Rule } from './rule.js';
import { quote, show } from './show.js';

const onStdio = ({ talk }: Raw): boolean => talk.transport === 'stdio';
const notJson = ({ text }: Raw) => ({
  where: 'message',
  expected: 'a JSON-RPC message',
  received: text.trim() === '' ? 'an empty line' : quote(text),
});
const notJsonOnStdio = (raw: Raw) => (onStdio(raw) && raw.value === undefined ? notJson(raw) : undefined);
const BOTH_SHAPES = '2026-07-28/basic/002';
const LEGACY_SHAPES = '2025-11-25/basic/002';

/** The rules of JSON values that may not be messages at all. */
export const RAW_RULES: readonly Rule<Raw>[] = [
  {
    modern: BOTH_SHAPES,
    legacy: LEGACY_SHAPES,
    judge: (raw) => (raw.value === undefined && !onStdio(raw) ? notJson(raw) : undefined),
  },
  {
    by: 'server',
    modern: '2026-07-28/stdio/004',
    legacy: '2025-11-25/transports/006',
    judge: notJsonOnStdio,
  },
  {
    by: 'client',
    modern: '2026-07-28/stdio/005',
    legacy: '2025-11-25/transports/007',
    judge: notJsonOnStdio,
  },
  {
    modern: BOTH_SHAPES,
    legacy: LEGACY_SHAPES,
    judge: ({ value }) => {
      if (value === undefined) return undefined;
      if (!isRecord(value)) return { where: 'message', expected: 'a JSON object', received: show(value) };
      const { jsonrpc, method } = value;
      if (jsonrpc !== '2.0') return { where: 'jsonrpc', expected: '"2.0"', received: show(jsonrpc) };
      if ('method' in value && typeof method !== 'string')
        return { where: 'method', expected: 'a string', received: show(method) };
      if ('method' in value && ('result' in value || 'error' in value))
        return { where: 'message', expected: '"method" or a response, not both', received: 'both' };
      if (kindOf(value) === undefined && !('id' in value))
        return { where: 'message', expected: '"method", "result" or "error"', received: 'none of them' };
      return undefined;
    },
  },
  {
    modern: '2026-07-28/basic/007',
    legacy: '2025-11-25/basic/007',
    judge: ({ value }) =>
      isRecord(value) &&
      value.jsonrpc === '2.0' &&
      kindOf(value) === undefined &&
      'id' in value &&
      !('method' in value)
        ? { where: 'message', expected: '"result" or "error"', received: 'neither' }
        : undefined,
  },
  {
    modern: BOTH_SHAPES,
    legacy: {
      '2025-11-25': LEGACY_SHAPES,
      '2025-06-18': '2025-06-18/basic/002',
      '2025-03-26': '2025-03-26/basic/003',
      '2024-11-05': '2024-11-05/messages/001',
    },
    judge: ({ value }) =>
      isRecord(value) && !('method' in value) && 'result' in value && 'error' in value
        ? { where: 'message', expected: '"result" or "error"', received: 'both' }
        : undefined,
  },
];
