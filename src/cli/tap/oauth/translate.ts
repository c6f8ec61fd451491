/** Translates what a client asks an authorization server: the tap's addresses become those that the server knows. */
import type { JsonObject } from '../../../wire/value.js';
import { isRecord } from '../../../wire/value.js';
import { type Addresses, towardsServer } from './addresses.js';
import { type Callbacks, furtherRedirects } from './callbacks.js';

export type Asking = {
  addresses: Addresses;
  callbacks: Callbacks;
  /** The authorization server's name, and the one that the client knows it by. */
  issuer: string;
  facade: string;
  /** Whether it names itself in its answers. */
  namesItself: boolean;
  problem(text: string): void;
};

/** The parameters of an authorization, token or device request. */
export function translate(params: URLSearchParams, asking: Asking): URLSearchParams {
  const { addresses, callbacks, issuer, facade, namesItself, problem } = asking;
  const translation = new URLSearchParams();
  const [redirectUri, state, clientId] = [
    params.get('redirect_uri'),
    params.get('state'),
    params.get('client_id'),
  ];
  const comesBack =
    redirectUri !== null && namesItself && (params.get('response_mode') ?? 'query') === 'query';
  const replacement = comesBack ? callbacks.replacement(redirectUri, addresses.tap, clientId) : undefined;
  const asks = params.has('response_type');
  for (const [name, value] of params) {
    if (name === 'resource') translation.append(name, towardsServer(value, addresses) ?? value);
    else if (name === 'redirect_uri') translation.append(name, replacement ?? value);
    else if (name === 'state' && asks && replacement !== undefined) continue;
    else translation.append(name, value);
  }
  if (asks && redirectUri !== null && replacement !== undefined)
    translation.append('state', callbacks.wait({ redirectUri, state, from: issuer, to: facade }));
  if (comesBack && replacement === undefined) problem(cannotReturn(redirectUri, issuer));
  if (asks && params.has('request'))
    problem(
      `the client signed its request to ${issuer}, so the tap cannot name the server in it. ${INSTEAD}`,
    );
  return translation;
}

/** A registration, with addresses of the tap to which the browser may come back; undefined if it needs none. */
export function translateRegistration(
  body: unknown,
  { addresses, namesItself }: Asking,
): JsonObject | undefined {
  if (!namesItself || !isRecord(body) || !Array.isArray(body.redirect_uris)) return undefined;
  const redirectUris = body.redirect_uris.filter((uri) => typeof uri === 'string');
  const more = furtherRedirects(redirectUris, addresses.tap);
  return more.length === 0 ? undefined : { ...body, redirect_uris: [...redirectUris, ...more] };
}

export const INSTEAD = 'If the client fails, get a token yourself, and start the tap with --token-file.';

function cannotReturn(redirectUri: string, issuer: string): string {
  return `${issuer} names itself when it sends the browser back to ${redirectUri}, and the tap cannot change that there: a client that compares the name with the one it asked refuses the answer. ${INSTEAD}`;
}
