/** What the client asks of others: access tokens, answers of a person, and somebody who watches the bytes. */

import type { LogLevel } from '../wire/mcp/definitions.js';
import type { Era, Revision } from '../wire/revisions.js';
import type { JsonObject } from '../wire/value.js';
import type { Watch, WireEvent } from './watch-sockets.js';

/** A 401 or 403 of the server: what it says is missing. */
export type Challenge = {
  /** The endpoint that answered. */
  url: URL;
  status: 401 | 403;
  /** The values of `WWW-Authenticate`, as received; none if the server sent no such header. */
  challenges: string[];
  /** The token that the refused request had. */
  sent?: string | undefined;
};

/** Access tokens for one endpoint. The wire sends them; the flow that gets them is in `oauth/client/`. */
export type TokenSource = {
  /** The token for the next request; undefined to send none. */
  token(): Promise<string | undefined>;
  /** A token that answers the challenge; undefined if there is none to get, and then the refusal stands. */
  answer(challenge: Challenge): Promise<string | undefined>;
};

/** The requests of a server to its client, in band in the legacy era and as input rounds in the modern one. */
export type InputMethod = 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
/** The client declares the capability of each method that it has a handler for. */
export type InputHandlers = {
  [M in InputMethod]?: (params: JsonObject, signal: AbortSignal) => Promise<JsonObject>;
};

export type { WireEvent };

export type ClientOptions = {
  clientInfo: { name: string; version: string; title?: string };
  /** Speaks this revision only. By default the client tries the newest, and falls back to `initialize`. */
  revision?: Revision | undefined;
  /** Modern: never falls back. Legacy: begins with `initialize`, and takes any legacy revision. */
  era?: Era | undefined;
  tokens?: TokenSource | undefined;
  /** Further headers of each request. */
  headers?: readonly (readonly [name: string, value: string])[];
  handlers?: InputHandlers | undefined;
  onNotification?: ((method: string, params: JsonObject) => void) | undefined;
  /** What the client leaves out or works around, as a sentence: a tool whose definition is not valid, for example. */
  onWarning?: ((warning: string) => void) | undefined;
  /** Asks the server for log messages of this level and above. */
  logLevel?: LogLevel | undefined;
  /** Sees every byte. An error that it throws does not reach the client. */
  watch?: Watch | undefined;
  /** How long a request may wait for its first byte, and a stream for its next one. Default 60 s. */
  timeoutMs?: number | undefined;
  /** Ends connecting. */
  signal?: AbortSignal | undefined;
  /** The proxy that this machine is set up for. The client does not use it, and says so where a direct connection fails. */
  proxy?: string | undefined;
};
