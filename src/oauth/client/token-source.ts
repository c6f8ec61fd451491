/**
 * Tokens for one endpoint: answers each challenge of the server with a token, from a refresh if that is enough, else from the
 * flow that the caller chose. Answers come one after the other, so that a person signs in once.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import type { Challenge, TokenSource } from '../../wire/client/ports.js';
import { resourceIdentifier } from '../protected-resource.js';
import { Attempts } from './attempts.js';
import { type BearerChallenge, readBearerChallenge, splitScopes } from './bearer-challenge.js';
import { codeFlow, requireCodeFlow } from './code-flow.js';
import { deviceFlow } from './device-flow.js';
import { AuthorizationError, toAuthorizationError } from './errors.js';
import { clientCredentials, type Granted, refresh, type TokenRequest } from './grants.js';
import { settle, type TokenSourceOptions } from './options.js';
import { createOutgoing } from './outgoing.js';
import { openRedirectListener } from './redirect-listener.js';
import { type Client, resolveClient } from './registration.js';
import { discoverResource, type Resource } from './resource-discovery.js';
import { selectScopes } from './scope-selection.js';
import { chooseServer, listed, readServer, type Server, serverAtOrigin } from './server-discovery.js';
import { createTokenStore, type Tokens } from './token-store.js';

/** A token is renewed this long before it expires. */
const EARLY_MS = 30_000;
/** How many tokens in a row a person is asked for, for the same challenge. */
const MAX_SAME = 2;
const RENEWAL = 'renewal';

/**
 * `answer` rejects with AuthorizationError, whose message is for a person, when there should be a token and is none.
 *
 * @throws RangeError when an option cannot be right
 */
export function createTokenSource(address: URL, options: TokenSourceOptions): TokenSource {
  const settings = settle(options);
  const { grant, clock, interaction } = settings;
  const endpoint = new URL(address.pathname, address.origin);
  const outgoing = createOutgoing(endpoint, settings);
  const store = createTokenStore(settings.tokenFile);
  const tools = { settings, outgoing, store };
  const attempts = new Attempts(clock);
  let turn: Promise<unknown> = Promise.resolve();

  /** Runs after all that was asked before. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function keep(
    granted: Granted,
    request: TokenRequest,
    client: Client,
    earlier?: Tokens,
  ): Promise<string> {
    const { server, resource, scopes } = request;
    if (granted.token_type !== 'bearer')
      throw new AuthorizationError(`${server.issuer}: expected a Bearer token, received one of another type`);
    const refreshToken = granted.refresh_token ?? earlier?.refreshToken;
    await store.setTokens({
      endpoint: endpoint.href,
      issuer: server.issuer,
      resource,
      clientId: client.id,
      accessToken: granted.access_token,
      scopes: [...new Set([...scopes, ...splitScopes(granted.scope)])],
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(granted.expires_in === undefined
        ? {}
        : { expiresAt: clock().getTime() + granted.expires_in * 1000 }),
    });
    return granted.access_token;
  }

  /** Undefined when there is nothing to refresh, or when the server no longer accepts it. */
  async function renew(tokens: Tokens, server: Server): Promise<string | undefined> {
    const { refreshToken, resource, issuer, clientId } = tokens;
    if (refreshToken === undefined || issuer !== server.issuer) return undefined;
    const registration = await store.registration(issuer);
    const isStatic = clientId === settings.clientId || clientId === settings.clientMetadataUrl;
    if (!isStatic && registration === undefined) return undefined;
    const client = await resolveClient(server, registration?.redirectUri, tools);
    // A refresh token is its client's.
    if (client.id !== clientId) return undefined;
    const request = { server, resource, scopes: tokens.scopes, outgoing };
    try {
      return await keep(await refresh(request, client, refreshToken), request, client, tokens);
    } catch (error) {
      const { code } = toAuthorizationError('the refresh', error);
      if (code === undefined) throw error;
      // The server has forgotten the client, as one that keeps clients in memory does.
      if (code === 'invalid_client') await store.setRegistration(issuer, undefined);
      return undefined;
    }
  }

  async function findServer(resource: Resource | undefined, tokens: Tokens | undefined): Promise<Server> {
    // Credentials belong to the server that issued them (client-registration/015).
    const bound = settings.issuer ?? (settings.clientId === undefined ? undefined : tokens?.issuer);
    if (resource !== undefined) return chooseServer(resource, bound, outgoing);
    return bound === undefined ? serverAtOrigin(endpoint, outgoing) : readServer(bound, outgoing);
  }

  async function obtain(request: TokenRequest): Promise<string> {
    const { server, resource, scopes } = request;
    const named = scopes.length === 0 ? 'its default scopes' : `the scopes ${scopes.join(' ')}`;
    interaction.say(`${resource} needs a token from ${server.issuer}, with ${named}.`);
    if (grant === 'client_credentials') {
      const client = await resolveClient(server, undefined, tools);
      return keep(await clientCredentials(request, client), request, client);
    }
    if (grant === 'device') {
      const client = await resolveClient(server, undefined, tools);
      return keep(await deviceFlow(request, client, settings), request, client);
    }
    requireCodeFlow(request);
    const registered = await store.registration(server.issuer);
    const listener = await openRedirectListener(settings.redirectUri, registered?.redirectUri);
    try {
      const client = await resolveClient(server, listener.redirectUri, tools);
      return await keep(await codeFlow(request, client, listener, settings), request, client);
    } finally {
      await listener.close();
    }
  }

  async function respond(
    { status, sent }: Challenge,
    bearer: BearerChallenge | undefined,
  ): Promise<string | undefined> {
    const challenged = bearer?.scopes ?? [];
    const tokens = await store.tokens(endpoint.href);
    // Another request has got the token meanwhile.
    const isNewer = tokens !== undefined && sent !== undefined && tokens.accessToken !== sent;
    if (isNewer && (status === 401 || challenged.every((scope) => tokens.scopes.includes(scope))))
      return tokens.accessToken;
    const name = `${status} ${[...challenged].sort().join(' ')}`;
    const mayObtain = attempts.allow(name, MAX_SAME);
    const mayRenew = status === 401 && attempts.allow(RENEWAL, 1);
    if (!mayObtain && !mayRenew) return undefined;

    // Each time anew: the server may have moved to another authorization server.
    const resource = await discoverResource(endpoint, bearer?.resourceMetadata, outgoing);
    const server = await findServer(resource, tokens);
    const renewed = mayRenew && tokens !== undefined ? await renew(tokens, server) : undefined;
    if (renewed !== undefined) attempts.add(RENEWAL);
    if (renewed !== undefined || !mayObtain) return renewed;
    const token = await obtain({
      server,
      outgoing,
      resource: resource?.identifier ?? resourceIdentifier(endpoint),
      scopes: selectScopes({
        isStepUp: status === 403,
        configured: settings.scopes,
        challenged,
        earlier: tokens?.scopes ?? [],
        ofResource: resource?.scopesSupported,
        ofServer: grant === 'client_credentials' ? undefined : listed(server, 'scopes_supported'),
      }),
    });
    attempts.add(name);
    return token;
  }

  return {
    token: () =>
      inTurn(async () => {
        const tokens = await store.tokens(endpoint.href);
        if (tokens?.expiresAt === undefined || tokens.expiresAt - EARLY_MS > clock().getTime())
          return tokens?.accessToken;
        // Without a new one the server's challenge comes next, and `answer` says what went wrong.
        const renewed = readServer(tokens.issuer, outgoing).then((server) => renew(tokens, server));
        return renewed.catch(() => undefined);
      }),
    answer(challenge) {
      const bearer = readBearerChallenge(challenge.challenges);
      if (challenge.status === 403 && bearer?.error !== 'insufficient_scope')
        return Promise.resolve(undefined);
      return inTurn(() => respond(challenge, bearer)).catch((error: unknown) => {
        throw toAuthorizationError(`getting a token for ${endpoint.href}`, error);
      });
    },
  };
}
