/**
 * Tokens of the registry's own, one for each server it speaks to. Its secret goes to the issuer that its operator named and
 * to no other, whatever a manifest says; and a token is for the very endpoint it is shown to, so no server can use it at another.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
import * as oauth from 'oauth4webapi';
import { authentication, createDiscovery } from '../../signin/discovery.js';

export type Tokens = {
  /** Rejects NoToken. */
  for(resource: string, issuers: readonly string[]): Promise<string>;
};

export class NoToken extends Error {
  override readonly name = 'NoToken';
}

export type TokensOptions = {
  issuer: string;
  client: { id: string; secret: string };
  clock: () => Date;
  fetch?: typeof fetch;
};

/** Of as many servers a token is kept. */
const MOST_KEPT = 20_000;
/** A token that ends sooner is not begun with. */
const SPARE_MS = 30_000;
/** How long a no is believed: it costs the issuer a request each time. */
const REFUSED_MS = 5 * 60_000;

export function createTokens({ issuer, client: { id, secret }, clock, fetch }: TokensOptions): Tokens {
  const { sending, discover } = createDiscovery({ issuer, clock, ...(fetch && { fetch }) });
  const client = { client_id: id };
  const kept = new Map<string, { until: number; token: string } | { until: number; refused: string }>();

  async function ask(resource: string): Promise<{ until: number; token: string }> {
    const as = await discover();
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      authentication(as, secret),
      new URLSearchParams({ resource }),
      sending,
    );
    const { access_token: token, expires_in: seconds = 60 } = await oauth.processClientCredentialsResponse(
      as,
      client,
      response,
    );
    return { token, until: clock().getTime() + seconds * 1_000 - SPARE_MS };
  }

  function keep(resource: string, made: { until: number } & ({ token: string } | { refused: string })): void {
    kept.delete(resource);
    kept.set(resource, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) return;
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
        if ('token' in known) return known.token;
        throw new NoToken(known.refused);
      }
      try {
        const made = await ask(resource);
        keep(resource, made);
        return made.token;
      } catch (cause) {
        if (!(cause instanceof oauth.ResponseBodyError))
          throw new NoToken(`${issuer} cannot be asked`, { cause });
        const refused = `${issuer} gives no token for ${resource}: ${cause.error}`;
        keep(resource, { refused, until: clock().getTime() + REFUSED_MS });
        throw new NoToken(refused, { cause });
      }
    },
  };
}
