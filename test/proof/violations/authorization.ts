/** Authorization in every revision: tokens, challenges, metadata. */
import { accepts, alters, drops, header, headerPart, refuses, status, statusInsteadOf } from '../kinds.js';
import type { Proof, Proofs, Violation } from '../violation.js';

const taken = accepts({ content: [{ type: 'text', text: 'come in' }] });
const noMetadata: Violation = {
  does: 'publishes no metadata',
  answer: (_, { start }) =>
    start.includes('/.well-known/oauth-protected-resource')
      ? { status: 404, headers: [], body: '' }
      : undefined,
};
/** As OAuth 2.1 says: the scheme, and what is wrong with the token. */
const challenged: Proof[] = [
  header('www-authenticate', undefined),
  headerPart('www-authenticate', /error="invalid_token"/, 'error="server_error"'),
];
const noServers: Proof[] = [drops('/authorization_servers'), alters('/authorization_servers', [])];
const undiscoverable: Violation = {
  does: 'shows no way to its metadata',
  answer(answer, sent) {
    if (answer.status === 401) return header('www-authenticate', 'Bearer').answer?.(answer, sent);
    return noMetadata.answer?.(answer, sent);
  },
};
const processedFirst: Proof[] = [taken, statusInsteadOf(401, 404)];
const not = (code: number, other: number) => statusInsteadOf(code, other);

const modern = (number: string) => `2026-07-28/authorization/${number}`;
const legacy = (number: string) => `2025-11-25/authorization/${number}`;

export const authorization: Proofs = {
  [modern('008')]: noMetadata,
  [modern('034')]: taken,
  [modern('035')]: taken,
  [modern('036')]: taken,
  [modern('037')]: challenged,
  [modern('038')]: not(401, 403),
  [modern('040')]: taken,
  [modern('041')]: taken,
  [modern('045')]: not(401, 403),
  [modern('046')]: not(403, 401),
  [modern('047')]: not(400, 401),
  [modern('056')]: refuses(-32600, 403),
  '2026-07-28/authorization-server-discovery/001': noMetadata,
  '2026-07-28/authorization-server-discovery/002': noServers,
  '2026-07-28/authorization-server-discovery/004': undiscoverable,
  '2026-07-28/security-considerations/003': taken,
  '2026-07-28/security-considerations/022': processedFirst,
  '2026-07-28/security-considerations/023': taken,
  '2026-07-28/security-considerations/024': taken,
  '2026-07-28/security-best-practices/006': taken,
  '2026-07-28/security-best-practices/007': taken,
  '2026-07-28/security-best-practices/008': taken,
  [legacy('008')]: noMetadata,
  [legacy('011')]: noServers,
  [legacy('012')]: undiscoverable,
  [legacy('029')]: taken,
  [legacy('030')]: taken,
  [legacy('031')]: challenged,
  [legacy('032')]: not(401, 403),
  [legacy('033')]: taken,
  [legacy('034')]: taken,
  [legacy('035')]: not(401, 403),
  [legacy('036')]: not(403, 401),
  [legacy('037')]: not(400, 401),
  [legacy('043')]: taken,
  [legacy('057')]: processedFirst,
  [legacy('058')]: taken,
  '2025-11-25/security-best-practices/001': taken,
  '2025-11-25/security-best-practices/002': taken,
  '2025-06-18/authorization/001': noMetadata,
  '2025-06-18/authorization/004': [
    header('www-authenticate', undefined),
    headerPart('www-authenticate', /resource_metadata/, 'metadata'),
  ],
  '2025-06-18/authorization/006': taken,
  '2025-06-18/authorization/007': not(403, 401),
  '2025-03-26/authorization/006': not(401, 403),
  '2025-03-26/authorization/010': status(404),
  '2025-03-26/authorization/013': taken,
  '2025-03-26/authorization/016': {
    does: 'takes any redirect URI',
    answer: (answer) =>
      answer.status === 400
        ? { status: 201, headers: [['content-type', 'application/json']], body: '{"client_id":"c-1"}' }
        : undefined,
  },
};
