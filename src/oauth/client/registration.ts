/**
 * Who the client is at an authorization server: registered beforehand, described by a document at its own address, or
 * registered now, in this order (2026-07-28/client-registration/001).
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
import { importPKCS8 } from 'jose/key/import';
import * as oauth from 'oauth4webapi';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { AuthorizationError, oauthError, toAuthorizationError } from './errors.js';
import type { Grant, Settings } from './options.js';
import type { Outgoing } from './outgoing.js';
import { type Server, textsOf } from './server-discovery.js';
import type { Registration, TokenStore } from './token-store.js';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export type Client = { id: string; authentication: oauth.ClientAuth };

export type RegistrationTools = { settings: Settings; outgoing: Outgoing; store: TokenStore };

/** @throws AuthorizationError */
export async function resolveClient(
  server: Server,
  redirectUri: string | undefined,
  { settings, outgoing, store }: RegistrationTools,
): Promise<Client> {
  const { clientId, clientSecret, clientKey, clientMetadataUrl, clock } = settings;
  if (clientId !== undefined) {
    if (clientKey !== undefined) return { id: clientId, authentication: await keyAuthentication(clientKey) };
    const method = chooseMethod(server, ['client_secret_basic', 'client_secret_post']);
    return toClient(clientId, method, clientSecret);
  }
  if (clientMetadataUrl !== undefined && server.client_id_metadata_document_supported === true) {
    outgoing.safeUrl(clientMetadataUrl, 'the address of the client metadata document');
    return { id: clientMetadataUrl, authentication: oauth.None() };
  }
  const storedRegistration = await store.registration(server.issuer);
  const registration =
    storedRegistration?.redirectUri === redirectUri &&
    (storedRegistration?.secretExpiresAt ?? Infinity) > clock().getTime()
      ? storedRegistration
      : undefined;
  const {
    clientId: id,
    method,
    secret,
  } = registration ?? (await register(server, redirectUri, settings, outgoing, store));
  return toClient(id, method, secret);
}

/** RFC 8414, section 2: without a list the server accepts client_secret_basic. */
function chooseMethod(server: Server, preferred: readonly [string, ...string[]]): string {
  const supported = textsOf(server, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic'];
  return preferred.find((method) => supported.includes(method)) ?? preferred[0];
}

function toClient(id: string, method: string, secret: string | undefined): Client {
  if (secret === undefined || method === 'none') return { id, authentication: oauth.None() };
  const post = method === 'client_secret_post';
  return { id, authentication: post ? oauth.ClientSecretPost(secret) : secretBasic(secret) };
}

/**
 * RFC 6749, section 2.3.1. The library's own also encodes `-` and `.`, and so fails at servers that do not decode.
 */
function secretBasic(secret: string): oauth.ClientAuth {
  const encode = (text: string): string => new URLSearchParams({ text }).toString().slice('text='.length);
  return (_server, { client_id: id }, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`);
  };
}

async function keyAuthentication({ pem, algorithm }: { pem: string; algorithm: string }) {
  try {
    return oauth.PrivateKeyJwt(await importPKCS8(pem, algorithm));
  } catch (error) {
    throw new AuthorizationError(
      `the key of the client: expected a PKCS #8 key for ${algorithm}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

async function register(
  server: Server,
  redirectUri: string | undefined,
  settings: Settings,
  outgoing: Outgoing,
  store: TokenStore,
): Promise<Registration> {
  const { issuer, registration_endpoint: address } = server;
  const callback = redirectUri === undefined ? '' : ` with the redirect URI ${redirectUri}`;
  if (address === undefined)
    throw new AuthorizationError(
      `${issuer} lets no client register itself: register one there${callback}, and give its client id`,
    );
  const what = `registration at ${issuer}`;
  // A program on a person's machine cannot keep a secret, so it asks for none where it can.
  const requestedMethod = chooseMethod(server, ['none', 'client_secret_basic', 'client_secret_post']);
  try {
    const metadata = clientMetadata(settings.clientName, settings.grant, redirectUri, requestedMethod);
    const response = await oauth.dynamicClientRegistrationRequest(server, metadata, outgoing.request);
    const answer: unknown = await response.json().catch(() => undefined);
    const registration = readRegistration(
      response.status,
      isRecord(answer) ? answer : {},
      requestedMethod,
      what,
    );
    const newRegistration = { ...registration, ...(redirectUri === undefined ? {} : { redirectUri }) };
    await store.setRegistration(issuer, newRegistration);
    return newRegistration;
  } catch (error) {
    throw toAuthorizationError(what, error);
  }
}

function clientMetadata(name: string, grant: Grant, redirectUri: string | undefined, method: string) {
  return {
    client_name: name,
    // 2026-07-28/client-registration/013: without it, OpenID providers expect a website.
    application_type: 'native',
    redirect_uris: redirectUri === undefined ? [] : [redirectUri],
    response_types: redirectUri === undefined ? [] : ['code'],
    grant_types: [grant === 'device' ? DEVICE_GRANT : 'authorization_code', 'refresh_token'],
    token_endpoint_auth_method: method,
  };
}

/** More tolerant than the library, which requires `client_secret_expires_at` with each secret: many servers leave it out. */
function readRegistration(
  status: number,
  answer: JsonObject,
  requestedMethod: string,
  what: string,
): Registration {
  const { client_id: clientId, client_secret: secret, client_secret_expires_at: expiresS } = answer;
  if (status !== 201 && status !== 200) {
    if (answer.error !== undefined) throw oauthError(what, answer.error, answer.error_description);
    throw new AuthorizationError(`${what} failed: expected status 201, received ${status}`);
  }
  if (typeof clientId !== 'string') throw new AuthorizationError(`${what} failed: it gave no "client_id"`);
  const method = answer.token_endpoint_auth_method;
  return {
    clientId,
    method: typeof method === 'string' ? method : requestedMethod,
    ...(typeof secret === 'string' ? { secret } : {}),
    // 0 means never.
    ...(typeof expiresS === 'number' && expiresS > 0 ? { secretExpiresAt: expiresS * 1000 } : {}),
  };
}
