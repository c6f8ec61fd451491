/** The headers that mirror the body of a modern request: what the client sends, and what the server must not let pass. */

import { decode } from '../../wire/mcp/request-headers.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { HeardMessage } from './heard-message.js';
import type { Mismatch } from './heard-requests.js';
import { CLIENT_REQUEST, type Rule, SERVER_RESULT } from './rule.js';
import { quote } from './show.js';
import type { Talk } from './talk.js';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);
const TASKS: readonly string[] = ['tasks/get', 'tasks/update', 'tasks/cancel'];

/** How the headers of a modern request differ from its body. */
export function findMismatches(
  message: JsonObject,
  revision: string,
  headers: ReadonlyMap<string, string>,
  talk: Talk,
): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const params = isRecord(message.params) ? message.params : {};
  const compare = (clause: Mismatch['clause'], header: string, expected: string, asNumber = false) => {
    const value = headers.get(header.toLowerCase());
    if (value === undefined)
      mismatches.push({ clause, header, problem: 'missing', expected, received: 'nothing' });
    else if (!isSame(clause === 'version' || clause === 'method' ? value : decode(value), expected, asNumber))
      mismatches.push({ clause, header, problem: 'differs', expected, received: quote(value) });
  };
  compare('version', 'MCP-Protocol-Version', revision);
  const method = String(message.method);
  compare('method', 'Mcp-Method', method);
  const member = NAMED.get(method) ?? (TASKS.includes(method) ? 'taskId' : undefined);
  const name = member === undefined ? undefined : params[member];
  if (typeof name === 'string') compare(member === 'taskId' ? 'task' : 'name', 'Mcp-Name', name);
  if (method !== 'tools/call' || typeof name !== 'string') return mismatches;
  for (const { header, path } of talk.tools.get(name)?.mirroredParams ?? []) {
    let value: unknown = params.arguments;
    for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (typeof value === 'string' || typeof value === 'boolean') compare('param', header, String(value));
    else if (Number.isSafeInteger(value)) compare('param', header, String(value), true);
  }
  return mismatches;
}

function isSame(value: string | undefined, expected: string, asNumber: boolean): boolean {
  if (value === undefined) return false;
  return (
    value === expected || (asNumber && /^-?\d+(\.0+)?$/.test(value) && Number(value) === Number(expected))
  );
}

type Kind = Mismatch['clause'];
/** A client's header is missing or differs. */
const clientRule = (clause: string, kind: Kind, problem?: Mismatch['problem']): Rule<HeardMessage> => ({
  ...CLIENT_REQUEST,
  modern: clause,
  judge: ({ mismatches }) =>
    mismatches
      .filter((one) => one.clause === kind && (problem === undefined || one.problem === problem))
      .map(({ header, expected, received }) => ({
        where: `request header ${header}`,
        expected: quote(expected),
        received,
      })),
});
/** A server answers such a request with a result. */
const serverRule = (clause: string, kind: Kind, problem: Mismatch['problem']): Rule<HeardMessage> => ({
  ...SERVER_RESULT,
  modern: clause,
  judge: ({ request }) => {
    const mismatch = request?.mismatches.find((one) => one.clause === kind && one.problem === problem);
    if (mismatch === undefined) return undefined;
    const { header } = mismatch;
    const reason = problem === 'missing' ? `${header} is missing` : `${header} differs from the body`;
    return {
      where: 'result',
      expected: `error ${CODES.headerMismatch} with status 400, because ${reason}`,
      received: 'a result',
    };
  },
});

export const MIRRORED_RULES: readonly Rule<HeardMessage>[] = [
  clientRule('2026-07-28/streamable-http/030', 'version', 'missing'),
  clientRule('2026-07-28/streamable-http/031', 'version', 'differs'),
  clientRule('2026-07-28/streamable-http/037', 'method'),
  clientRule('2026-07-28/streamable-http/038', 'name'),
  clientRule('2026-07-28/streamable-http/058', 'param'),
  clientRule('ext-tasks/sep-2663/019', 'task'),
  serverRule('2026-07-28/streamable-http/032', 'version', 'differs'),
  serverRule('2026-07-28/streamable-http/072', 'method', 'missing'),
  serverRule('2026-07-28/streamable-http/074', 'method', 'differs'),
  serverRule('2026-07-28/streamable-http/073', 'name', 'missing'),
  serverRule('2026-07-28/streamable-http/075', 'name', 'differs'),
  serverRule('2026-07-28/streamable-http/064', 'param', 'missing'),
  serverRule('2026-07-28/streamable-http/068', 'param', 'differs'),
];
