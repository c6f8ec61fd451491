/**
 * Opaque tokens: their issuer is asked what they are worth. An answer is judged as a JWT's claims are, and one that
 * does not say whom the token is for counts for nobody, since any client of the issuer could have brought it here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 */
import type { Principal } from '../principal.js';
import { quoted } from './audience.js';
import { type Rules, readClientId, readPrincipal, requireText } from './claims.js';
import type { FetchJson } from './fetch-json.js';
import type { Issuer } from './issuer.js';
import { KeysUnreachable, TokenRefused } from './refused.js';

const MOST_QUESTIONS = 32;

export type Introspection = { clientId: string; clientSecret: string; url?: string };

/** Undefined when its issuer does not know the token or no longer holds to it. Rejects TokenRefused | KeysUnreachable. */
export type Introspect = (token: string) => Promise<Principal | undefined>;

export function createIntrospect(
  { issuer, endpoint }: Issuer,
  { clientId, clientSecret, url }: Introspection,
  fetchJson: FetchJson,
  rules: Rules,
): Introspect {
  const ask = bounded(fetchJson);
  const credentials = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
  };

  return async (token) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
    const where = url === undefined ? await endpoint('introspection_endpoint') : new URL(url);
    const answer = await ask(where, { method: 'POST', headers, body });
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

/**
 * Anybody may bring a token to ask about, so not more than so many questions are open at once. One that is answered
 * badly is its own token's trouble: a pause for all would let a stranger's tokens lock everybody out.
 */
function bounded(fetchJson: FetchJson): FetchJson {
  let open = 0;
  return async (url, question) => {
    if (open >= MOST_QUESTIONS) throw new KeysUnreachable(`${MOST_QUESTIONS} questions to ${url} are open`);
    open += 1;
    try {
      return await fetchJson(url, question);
    } finally {
      open -= 1;
    }
  };
}

/**
 * Asks in turn until one of them holds to the token.
 *
 * @throws TokenRefused | KeysUnreachable
 */
export async function introspectAny(token: string, all: readonly Introspect[]): Promise<Principal> {
  let unreachable: KeysUnreachable | undefined;
  for (const introspect of all) {
    try {
      const principal = await introspect(token);
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
