/** Error codes: which may be used, for what, and with which data and HTTP status. */
import { RESERVED_CODES } from '../../wire/fault.js';
import { isRecord } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { Finding, Rule } from './rule.js';
import type { Said } from './said.js';
import { show } from './show.js';

const DEFINED: readonly number[] = [CODES.headerMismatch, CODES.missingCapability, CODES.unsupportedVersion];
const JSON_RPC: readonly number[] = [
  CODES.parseError,
  CODES.invalidRequest,
  CODES.methodNotFound,
  CODES.invalidParams,
  CODES.internalError,
];
const isWithin = (code: unknown, low: number, high: number): code is number =>
  typeof code === 'number' && code >= low && code <= high;

const status = (said: Said): number | undefined => said.exchange?.status;
/** The code travels with this HTTP status. */
function withStatus(said: Said, code: number, expected: number): Finding | undefined {
  const received = status(said);
  if (said.error.code !== code || received === undefined || received === expected) return undefined;
  // On an open stream the status was sent long before the error.
  if (said.exchange?.content === 'stream') return undefined;
  return { where: 'status', expected: `${expected} with error ${code}`, received: String(received) };
}
const onlyCode = (code: number, judge: (said: Said) => Finding | undefined) => (said: Said) =>
  said.error.code === code ? judge(said) : undefined;
const data = (said: Said): { [name: string]: unknown } => (isRecord(said.error.data) ? said.error.data : {});
const forbidden = (code: number, instead: string) =>
  onlyCode(code, () => ({ where: 'error.code', expected: instead, received: String(code) }));

export const ERROR_RULES: readonly Rule<Said>[] = [
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/020',
    judge: ({ error: { code } }) =>
      isWithin(code, ...RESERVED_CODES.mcp) &&
      !DEFINED.includes(code) &&
      code !== CODES.urlElicitationRequired
        ? {
            where: 'error.code',
            expected: `of ${RESERVED_CODES.mcp.join(' to ')} only ${DEFINED.join(', ')}`,
            received: String(code),
          }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/022',
    judge: forbidden(CODES.resourceNotFound, String(CODES.invalidParams)),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/023',
    judge: forbidden(CODES.urlElicitationRequired, 'a result with resultType "input_required"'),
  },
  {
    level: 'SHOULD',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/025',
    judge: ({ error: { code } }) =>
      isWithin(code, ...RESERVED_CODES.jsonRpc) && code < RESERVED_CODES.mcp[0] && !JSON_RPC.includes(code)
        ? {
            where: 'error.code',
            expected: `a code outside ${RESERVED_CODES.jsonRpc.join(' to ')}`,
            received: String(code),
          }
        : undefined,
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/streamable-http/034',
    judge: (said) => withStatus(said, CODES.methodNotFound, 404),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/schema/006',
    judge: (said) => withStatus(said, CODES.headerMismatch, 400),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/schema/007',
    judge: (said) => withStatus(said, CODES.unsupportedVersion, 400),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/064',
    judge: (said) => withStatus(said, CODES.missingCapability, 400),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/versioning/002',
    judge: onlyCode(CODES.unsupportedVersion, (said) => {
      const { supported, requested } = data(said);
      if (!Array.isArray(supported) || !supported.every((one) => typeof one === 'string'))
        return { where: 'error.data.supported', expected: 'an array of versions', received: show(supported) };
      return typeof requested === 'string'
        ? undefined
        : {
            where: 'error.data.requested',
            expected: 'the version that was asked for',
            received: show(requested),
          };
    }),
  },
  {
    level: 'MUST',
    on: 'error',
    by: 'server',
    modern: '2026-07-28/basic/063',
    judge: onlyCode(CODES.missingCapability, (said) => {
      const { requiredCapabilities } = data(said);
      return isRecord(requiredCapabilities)
        ? undefined
        : {
            where: 'error.data.requiredCapabilities',
            expected: 'an object',
            received: show(requiredCapabilities),
          };
    }),
  },
];
