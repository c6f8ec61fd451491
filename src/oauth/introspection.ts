/**
 * Opaque tokens: their issuer is asked what they are worth. An answer is judged as a JWT's claims are, and one that
 * does not say whom the token is for counts for nobody, since any client of the issuer could have brought it here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 */
import { after } from '../wire/clock.js';
import type { Principal } from '../wire/principal.js';
import { quoted } from './audience.js';
import { type Rules, readClientId, readPrincipal, requireText } from './claims.js';
import type { FetchJson } from './fetch-json.js';
import type { Issuer } from './issuer.js';
import { type Asker, QuestionTurns } from './question-turns.js';
import { KeysUnreachable, type TokenProblem, TokenRefused } from './token-refused.js';

export type Introspection = { clientId: string; clientSecret: string; url?: string };

/** Undefined when its issuer does not know the token or no longer holds to it. Rejects TokenRefused | KeysUnreachable. */
export type Introspect = (token: string, asker: Asker) => Promise<Principal | undefined>;

export function createIntrospect(
  { issuer, endpoint }: Issuer,
  { clientId, clientSecret, url }: Introspection,
  fetchJson: FetchJson,
  rules: Rules,
): Introspect {
  // A bad answer counts for its own token only: a pause for all tokens would let a stranger lock everybody out.
  const turns = new QuestionTurns(after);
  const credentials = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
  };

  return async (token, asker) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
    const where = url === undefined ? await endpoint('introspection_endpoint') : new URL(url);
    const answer = await turns.run(() => fetchJson(where, { method: 'POST', headers, body }), asker);
    if ('instead' in answer) throw new KeysUnreachable(answer.instead);
    const { active, iss, token_type: type, ...others } = answer.document;
    if (typeof active !== 'boolean') throw new KeysUnreachable(`${where} answered without "active"`);
    if (!active) return undefined;
    if (iss !== undefined && iss !== issuer)
      throw new TokenRefused('issuer', `expected "iss" ${issuer}, received ${quoted(iss)}`);
    if (type !== undefined && !(typeof type === 'string' && /^bearer$/i.test(type)))
      throw new TokenRefused('type', `expected "token_type" Bearer, received ${quoted(type)}`);
    const client = readClientId(others, rules.clientClaims);
    // A client that acts for itself has no subject but itself (RFC 9068, section 2.2, says so for JWTs).
    const user = others.sub === undefined ? client : requireText(others, 'sub');
    return readPrincipal(others, { issuer, required: [], user, clientId: client }, rules);
  };
}

/** Which token is asked about: its digest, and the address whose share it counts towards. */
export type Bearer = { key: string; address: string };

/** Rejects TokenRefused | KeysUnreachable. */
export type IntrospectAny = (token: string, bearer: Bearer) => Promise<Principal>;

const MAX_REFUSED = 10_000;
const MAX_REFUSED_MS = 5_000;
const MAX_KNOWN = 10_000;
/** Refusals that are remembered until they expire. */
const TOO_EARLY: readonly TokenProblem[] = ['not_yet_valid', 'issued_in_future', 'approved_in_future'];

/**
 * Asks the issuers in turn until one of them accepts the token. A refusal is remembered for five seconds, or for `ageMs` when
 * that is less. Only digests of tokens are remembered.
 */
export function createIntrospectAny(
  all: readonly Introspect[],
  { ageMs, clock }: { ageMs: number; clock: () => Date },
): IntrospectAny {
  const refused = new Map<string, { error: TokenRefused; from: number }>();
  // Tokens that were good before go first. Strangers cannot fill this set, because only good tokens enter it.
  const known = new Set<string>();
  const lifetimeMs = Math.min(ageMs, MAX_REFUSED_MS);

  return async (token, { key, address }) => {
    const earlier = refused.get(key);
    const age = earlier === undefined ? -1 : clock().getTime() - earlier.from;
    if (earlier !== undefined && age >= 0 && age < lifetimeMs) throw earlier.error;
    refused.delete(key);
    try {
      const principal = await introspectInTurn(token, all, { address, known: known.has(key) });
      known.delete(key);
      known.add(key);
      dropOldest(known, MAX_KNOWN);
      return principal;
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      known.delete(key);
      if (lifetimeMs > 0 && !TOO_EARLY.includes(error.reason)) {
        refused.set(key, { error, from: clock().getTime() });
        dropOldest(refused, MAX_REFUSED);
      }
      throw error;
    }
  };
}

/** Sets and maps keep insertion order, so the first key is the oldest. */
function dropOldest(all: Set<string> | Map<string, unknown>, most: number): void {
  for (const oldest of all.keys()) {
    if (all.size <= most) return;
    all.delete(oldest);
  }
}

async function introspectInTurn(token: string, all: readonly Introspect[], asker: Asker): Promise<Principal> {
  let unreachable: KeysUnreachable | undefined;
  for (const introspect of all) {
    try {
      const principal = await introspect(token, asker);
      if (principal !== undefined) return principal;
    } catch (error) {
      if (!(error instanceof KeysUnreachable)) throw error;
      unreachable ??= error;
    }
  }
  // Whoever could not be asked may be the one that issued it.
  throw unreachable ?? new TokenRefused('inactive', 'no issuer holds to the token');
}

/** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1), so that a colon parts nothing. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
