/**
 * Tokens for one endpoint: answers each challenge of the server with a token, from a refresh if that is enough, else from the
 * flow that the caller chose. Answers come one after the other, so that a person signs in once.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import type { Challenge, TokenSource } from '../../client/ports.js';
import { resourceIdentifier } from '../protected-resource.js';
import { Attempts } from './attempts.js';
import { type BearerChallenge, readBearerChallenge } from './bearer-challenge.js';
import { AuthorizationError, toAuthorizationError } from './errors.js';
import { obtain, renew } from './obtain.js';
import { settle, type TokenSourceOptions } from './options.js';
import { createOutgoing } from './outgoing.js';
import { discoverResource, type Resource } from './resource-discovery.js';
import { selectScopes } from './scope-selection.js';
import { chooseServer, readServer, type Server, serverAtOrigin, textsOf } from './server-discovery.js';
import { createTokenStore, type Tokens } from './token-store.js';

/** How often in a row a person is asked to sign in for the same challenge. */
const MAX_SAME = 2;
const RENEWAL = 'renewal';

/**
 * `answer` rejects with AuthorizationError, whose message is for a person, when there should be a token and is none.
 *
 * @throws RangeError when an option cannot be right
 */
export function createTokenSource(address: URL, options: TokenSourceOptions): TokenSource {
  const settings = settle(options);
  const endpoint = new URL(address.pathname, address.origin);
  const outgoing = createOutgoing(endpoint, settings);
  const store = createTokenStore(settings.tokenFile);
  const tools = { endpoint, settings, outgoing, store };
  const attempts = new Attempts(settings.clock);
  let turn: Promise<unknown> = Promise.resolve();

  /** Runs after all that was asked before. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  /** Tokens of a person and of the client itself are not the same, and neither are those of two clients. */
  const readTokens = (): Promise<Tokens | undefined> =>
    store.tokens(
      endpoint.href,
      ({ isForClient = false, clientId }) =>
        isForClient === (settings.grant === 'client_credentials') &&
        (settings.clientId === undefined || settings.clientId === clientId),
    );

  async function current(): Promise<string | undefined> {
    const tokens = await readTokens();
    if (tokens?.refreshToken === undefined || (tokens.renewAt ?? Infinity) > settings.clock().getTime())
      return tokens?.accessToken;
    // Where this fails, the server's challenge comes next, and `answer` says what went wrong.
    const renewal = readServer(tokens.issuer, outgoing).then((server) => renew(tokens, server, tools));
    return (await renewal.catch(() => undefined)) ?? tokens.accessToken;
  }

  async function findServer(resource: Resource | undefined, tokens: Tokens | undefined): Promise<Server> {
    // Credentials belong to the server that issued them (2026-07-28/client-registration/015).
    const bound = settings.issuer ?? (settings.clientId === undefined ? undefined : tokens?.issuer);
    if (resource !== undefined) return chooseServer(resource, bound, outgoing);
    return bound === undefined ? serverAtOrigin(endpoint, outgoing) : readServer(bound, outgoing);
  }

  async function respond(
    { status, sent }: Challenge,
    bearer: BearerChallenge | undefined,
  ): Promise<string | undefined> {
    const challengedScopes = bearer?.scopes ?? [];
    const tokens = await readTokens();
    // Another request has already got the new token.
    const isNewer = tokens !== undefined && sent !== undefined && tokens.accessToken !== sent;
    if (isNewer && (status === 401 || challengedScopes.every((scope) => tokens.scopes.includes(scope))))
      return tokens.accessToken;
    const name = `${status} ${[...challengedScopes].sort().join(' ')}`;
    const mayObtain = attempts.allow(name, MAX_SAME);
    const mayRenew = status === 401 && attempts.allow(RENEWAL, 1);
    if (!mayObtain && !mayRenew) return undefined;

    // Read again each time: the server may have moved to another authorization server.
    const resource = await discoverResource(endpoint, bearer?.resourceMetadata, outgoing);
    const server = await findServer(resource, tokens);
    try {
      const renewedToken = mayRenew && tokens !== undefined ? await renew(tokens, server, tools) : undefined;
      if (renewedToken !== undefined) attempts.add(RENEWAL);
      if (renewedToken !== undefined || !mayObtain) return renewedToken;
      const token = await obtain(
        {
          server,
          outgoing,
          resource: resource?.identifier ?? resourceIdentifier(endpoint),
          scopes: selectScopes({
            isStepUp: status === 403,
            configured: settings.scopes,
            challenged: challengedScopes,
            earlier: tokens?.scopes ?? [],
            ofResource: resource?.scopesSupported,
            ofServer:
              settings.grant === 'client_credentials' ? undefined : textsOf(server, 'scopes_supported'),
          }),
        },
        tools,
      );
      attempts.add(name);
      return token;
    } catch (error) {
      throw server.isGuess === true ? guessedWrong(endpoint, error) : error;
    }
  }

  return {
    token: () => inTurn(current),
    answer(challenge) {
      const { status, challenges } = challenge;
      const bearer = readBearerChallenge(challenges);
      // The server wants something other than a token, or no other token would help.
      const isOther =
        status === 403 ? bearer?.error !== 'insufficient_scope' : challenges.length > 0 && !bearer;
      if (isOther) return Promise.resolve(undefined);
      return inTurn(() => respond(challenge, bearer)).catch((error: unknown) => {
        throw toAuthorizationError(`getting a token for ${endpoint.href}`, error);
      });
    },
  };
}

function guessedWrong(endpoint: URL, error: unknown): AuthorizationError {
  const { message, code } = toAuthorizationError('it', error);
  const text = `${endpoint.href} wants a token, and does not say where to get one: it has no protected-resource metadata, and at ${endpoint.origin} ${message}`;
  return new AuthorizationError(text, code, { cause: error });
}
