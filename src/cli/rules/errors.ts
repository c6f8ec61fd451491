/** Error codes: which may be used, for what, and with which data and HTTP status. */
import { RESERVED_CODES } from '../../wire/fault.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { HeardMessage } from './heard-message.js';
import { type Rule, SERVER_ERROR } from './rule.js';
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

/** A rule about the errors of one code. */
const forCode = (modern: string, code: number, judge: Rule<HeardMessage>['judge']): Rule<HeardMessage> => ({
  ...SERVER_ERROR,
  modern,
  judge: (message) => (message.error.code === code ? judge(message) : undefined),
});
const forbidden = (clause: string, code: number, instead: string) =>
  forCode(clause, code, () => ({ where: 'error.code', expected: instead, received: String(code) }));
/** The code travels with this HTTP status. */
const withStatus = (clause: string, code: number, expected: number) =>
  forCode(clause, code, ({ exchange }) => {
    // On an open stream the status was sent long before the error.
    if (exchange?.status === undefined || exchange.content === 'stream') return undefined;
    return exchange.status === expected
      ? undefined
      : { where: 'status', expected: `${expected} with error ${code}`, received: String(exchange.status) };
  });
const data = ({ error }: HeardMessage): JsonObject => (isRecord(error.data) ? error.data : {});

export const ERROR_RULES: readonly Rule<HeardMessage>[] = [
  {
    ...SERVER_ERROR,
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
  forbidden('2026-07-28/basic/022', CODES.resourceNotFound, String(CODES.invalidParams)),
  forbidden(
    '2026-07-28/basic/023',
    CODES.urlElicitationRequired,
    'a result with resultType "input_required"',
  ),
  {
    ...SERVER_ERROR,
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
  withStatus('2026-07-28/streamable-http/034', CODES.methodNotFound, 404),
  withStatus('2026-07-28/schema/006', CODES.headerMismatch, 400),
  withStatus('2026-07-28/schema/007', CODES.unsupportedVersion, 400),
  withStatus('2026-07-28/basic/064', CODES.missingCapability, 400),
  forCode('2026-07-28/versioning/002', CODES.unsupportedVersion, (message) => {
    const { supported, requested } = data(message);
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
  forCode('2026-07-28/basic/063', CODES.missingCapability, (message) => {
    const { requiredCapabilities } = data(message);
    return isRecord(requiredCapabilities)
      ? undefined
      : {
          where: 'error.data.requiredCapabilities',
          expected: 'an object',
          received: show(requiredCapabilities),
        };
  }),
];
