/**
 * Tokens of the registry's own, one for each server it speaks to. Its secret goes to the issuer that its operator named and
 * to no other, whatever a manifest says. A token is requested with the endpoint as `resource` and without a scope. An issuer may
 * ignore that, so a token that is valid for more than this endpoint is withheld (sendable.ts).
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
import * as oauth from 'oauth4webapi';
import { authentication, createDiscovery } from '../../../pages/signin/discovery.js';
import { reasonToWithhold } from './sendable.js';

export type Tokens = {
  /** Rejects NoToken | TokenWithheld. */
  for(resource: string, issuers: readonly string[]): Promise<string>;
};

export class NoToken extends Error {
  override readonly name = 'NoToken';
}

/** There is a token, but the server must not see it. */
export class TokenWithheld extends Error {
  override readonly name = 'TokenWithheld';
}

export type TokensOptions = {
  issuer: string;
  client: { id: string; secret: string };
  clock: () => Date;
  fetch?: typeof fetch;
};

/** Of as many servers a token is kept. */
const MAX_KEPT = 20_000;
/** A token that ends sooner is not begun with. */
const SPARE_MS = 30_000;
/** How long a no is believed: it costs the issuer a request each time. */
const REFUSED_MS = 5 * 60_000;

export function createTokens({ issuer, client: { id, secret }, clock, fetch }: TokensOptions): Tokens {
  const { sending, discover } = createDiscovery({ issuer, clock, ...(fetch && { fetch }) });
  const client = { client_id: id };
  const kept = new Map<string, StoredToken>();

  async function ask(resource: string): Promise<StoredToken> {
    const as = await discover();
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      authentication(as, secret),
      new URLSearchParams({ resource }),
      sending,
    );
    const {
      access_token: token,
      expires_in: seconds = 60,
      scope,
    } = await oauth.processClientCredentialsResponse(as, client, response);
    const reason = reasonToWithhold(token, resource, scope);
    return reason === undefined
      ? { token, until: clock().getTime() + seconds * 1_000 - SPARE_MS }
      : {
          withheld: `the token of ${issuer} is not sent to ${resource}: ${reason}`,
          until: clock().getTime() + REFUSED_MS,
        };
  }

  function keep(resource: string, made: StoredToken): void {
    kept.delete(resource);
    kept.set(resource, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) return;
      kept.delete(oldest);
    }
  }

  return {
    async for(resource, issuers) {
      if (!issuers.includes(issuer))
        throw new NoToken(
          `the server takes tokens of ${issuers.join(', ')}, and the registry has those of ${issuer}`,
        );
      const known = kept.get(resource);
      if (known !== undefined && known.until > clock().getTime()) {
        return tokenIn(known);
      }
      let made: StoredToken;
      try {
        made = await ask(resource);
      } catch (cause) {
        const refusal = refusalIn(cause);
        if (refusal === undefined) throw new NoToken(`${issuer} cannot be asked`, { cause });
        const refused = `${issuer} gives no token for ${resource}: ${refusal}`;
        keep(resource, { refused, until: clock().getTime() + REFUSED_MS });
        throw new NoToken(refused, { cause });
      }
      keep(resource, made);
      return tokenIn(made);
    },
  };
}

type StoredToken = { until: number } & ({ token: string } | { refused: string } | { withheld: string });

/** What the issuer said; undefined where it could not be asked. */
function refusalIn(error: unknown): string | undefined {
  if (error instanceof oauth.ResponseBodyError) return error.error;
  // A 401 with a challenge, which a client's credentials have earned and nothing else (RFC 6749, section 5.2).
  return error instanceof oauth.WWWAuthenticateChallengeError
    ? "it does not accept the registry's client (invalid_client)"
    : undefined;
}

function tokenIn(kept: StoredToken): string {
  if ('token' in kept) return kept.token;
  throw 'refused' in kept ? new NoToken(kept.refused) : new TokenWithheld(kept.withheld);
}
