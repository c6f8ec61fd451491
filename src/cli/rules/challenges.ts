/** Refusals that ask for a token: 401, and 403 for a scope that is missing. */
import type { Reply } from './http-response.js';
import type { Finding, Rule } from './rule.js';

const challenge = ({ headers }: Reply): string | undefined => headers.get('www-authenticate');
function noChallenge(reply: Reply): Finding | undefined {
  if (reply.status !== 401 || challenge(reply) !== undefined) return undefined;
  return { where: 'response header WWW-Authenticate', expected: 'a challenge', received: 'nothing' };
}
/** The parameters of the challenges, by lower-case name. */
function parametersOf(reply: Reply): ReadonlyMap<string, string> {
  const text = (challenge(reply) ?? '').slice(0, MAX_CHALLENGE);
  const parameters = new Map<string, string>();
  for (const [, name = '', quotedValue, bare = ''] of text.matchAll(PARAMETER))
    parameters.set(name.toLowerCase(), quotedValue ?? bare);
  return parameters;
}
const MAX_CHALLENGE = 8192;
const PARAMETER = /\b([A-Za-z_]{1,40}) ?= ?(?:"([^"]{0,4096})"|([^\s",]{1,4096}))/g;

/** A bearer challenge of this status lacks a parameter. */
function lacks(reply: Reply, status: number, parameter: string): Finding | undefined {
  const isBearer = /\bBearer\b/i.test(challenge(reply) ?? '');
  if (reply.status !== status || !isBearer || parametersOf(reply).has(parameter)) return undefined;
  return {
    where: 'response header WWW-Authenticate',
    expected: `the parameter ${parameter}`,
    received: 'none',
  };
}
const saysScope = (reply: Reply): boolean => parametersOf(reply).get('error') === 'insufficient_scope';

export const CHALLENGE_RULES: readonly Rule<Reply>[] = [
  {
    modern: '2026-07-28/authorization/037',
    legacy: { '2025-11-25': '2025-11-25/authorization/031' },
    judge: noChallenge,
  },
  {
    legacy: { '2025-06-18': '2025-06-18/authorization/004' },
    judge: (reply) => noChallenge(reply) ?? lacks(reply, 401, 'resource_metadata'),
  },
  {
    modern: '2026-07-28/authorization/014',
    legacy: { '2025-11-25': '2025-11-25/authorization/014' },
    judge: (reply) => lacks(reply, 401, 'scope'),
  },
  {
    modern: '2026-07-28/authorization/050',
    legacy: { '2025-11-25': '2025-11-25/authorization/038' },
    judge: (reply) => (saysScope(reply) ? lacks(reply, 403, 'scope') : undefined),
  },
  {
    modern: '2026-07-28/authorization/051',
    legacy: { '2025-11-25': '2025-11-25/authorization/038' },
    judge: (reply) => (saysScope(reply) ? lacks(reply, 403, 'resource_metadata') : undefined),
  },
  {
    modern: '2026-07-28/authorization/042',
    judge: (reply) =>
      parametersOf(reply).get('scope')?.split(' ').includes('offline_access')
        ? {
            where: 'response header WWW-Authenticate',
            expected: 'a scope without offline_access',
            received: 'offline_access',
          }
        : undefined,
  },
];
