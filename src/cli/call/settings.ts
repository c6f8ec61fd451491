/** What one run of `call` or `list` gets: what the command line says, and the process around it. */
import type { Client, ClientOptions, TokenSource } from '../../client/index.js';
import type { LogLevel } from '../../wire/mcp/definitions.js';
import type { Era, Revision } from '../../wire/revisions.js';
import type { Invocation } from './invocation.js';
import type { ResultLook } from './result-text.js';
import type { Screen } from './screen.js';

export type CallSettings = {
  invocation: Invocation;
  era: Era | undefined;
  revision: Revision | undefined;
  headers: readonly (readonly [name: string, value: string])[];
  timeoutMs: number;
  /** The proxy of this machine, for messages. */
  proxy: string | undefined;
  /** Log messages of the server to ask for, and to print. */
  logLevel: LogLevel | undefined;
  /** Absolute paths of folders that the server may know of. */
  roots: readonly string[];
  tokens: TokenSource | undefined;
  /** The token came from the user, so that no sign-in can get a better one. */
  givenToken: boolean;
  /** Prints results as JSON. */
  json: boolean;
  show: boolean;
  curl: boolean;
  /** Checks names and arguments before they are sent. */
  validate: boolean;
};

export type CallIo = {
  screen: Screen;
  /** Writes a line to stdout. */
  print(line: string): void;
  /** How text looks on stdout. */
  look: ResultLook;
  /** Aborted when the person interrupts the command. */
  signal: AbortSignal;
  readStdin(): Promise<string>;
  /** Opens a page in the browser; false if there is none. */
  open(url: URL): Promise<boolean>;
  now(): Date;
  clientInfo: ClientOptions['clientInfo'];
};

export type ActionContext = CallSettings & {
  client: Client;
  io: CallIo;
};
