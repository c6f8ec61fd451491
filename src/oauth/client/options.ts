/** What the caller lends to the client that gets tokens: a person, credentials, and bounds. */
import { type After, after, now } from '../../wire/clock.js';
import { harmless } from './errors.js';

/** The way to the person. */
export type Interaction = {
  /** Opens a page in the browser. The person can also open it by hand: `say` has shown the address before. */
  open(url: URL): Promise<void>;
  /** Shows one line. */
  say(line: string): void;
};

/**
 * How to get the token: a person signs in with the browser of this machine, or with a browser anywhere; or the client
 * acts for itself.
 */
export type Grant = 'code' | 'device' | 'client_credentials';

export type TokenSourceOptions = {
  interaction: Interaction;
  /** `code` by default. */
  grant?: Grant | undefined;
  /** A client that was registered beforehand, at `issuer` if that is given. */
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  /** The private key of the client, for `private_key_jwt`. */
  clientKey?: { pem: string; algorithm: string } | undefined;
  /** A Client ID Metadata Document, for authorization servers that read those. */
  clientMetadataUrl?: string | undefined;
  /** The name under which the client registers itself. */
  clientName?: string | undefined;
  /** A loopback address to which the browser comes back; by default any port of 127.0.0.1. */
  redirectUri?: string | undefined;
  /** The only authorization server to use. By default the first one that the server names. */
  issuer?: string | undefined;
  /** The scopes to request first. By default those that the server asks for. */
  scopes?: readonly string[] | undefined;
  /** Where tokens survive the process. By default they do not. */
  tokenFile?: string | undefined;
  /** Permits plain http to other machines. */
  allowHttp?: boolean | undefined;
  /** Ends every wait. */
  signal?: AbortSignal | undefined;
  fetch?: typeof fetch | undefined;
  clock?: (() => Date) | undefined;
  after?: After | undefined;
  /** How long each request may take, and how long a person may take to sign in. */
  requestMs?: number | undefined;
  signInMs?: number | undefined;
};

export type Settings = TokenSourceOptions & {
  grant: Grant;
  clientName: string;
  fetch: typeof fetch;
  clock: () => Date;
  after: After;
  requestMs: number;
  signInMs: number;
};

/** @throws RangeError when an option cannot be right */
export function settle(options: TokenSourceOptions): Settings {
  const { grant = 'code', clientId, clientSecret, clientKey, clientMetadataUrl } = options;
  if (grant === 'client_credentials' && (clientId === undefined || !(clientSecret ?? clientKey)))
    throw new RangeError('client credentials: expected a client id, and its secret or its key');
  if (clientId === undefined && (clientSecret ?? clientKey) !== undefined)
    throw new RangeError('a client secret or key: expected the client id as well');
  if (clientMetadataUrl !== undefined && !URL.canParse(clientMetadataUrl))
    throw new RangeError(
      `the address of the client metadata document: expected a URL, received ${clientMetadataUrl}`,
    );
  return {
    ...options,
    interaction: {
      open: (url) => options.interaction.open(url),
      say: (line) => options.interaction.say(harmless(line)),
    },
    grant,
    clientName: options.clientName ?? 'barewire',
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? now,
    after: options.after ?? after,
    requestMs: options.requestMs ?? 10_000,
    signInMs: options.signInMs ?? 5 * 60_000,
  };
}
