/** What a transcript plays against, and who watches. */
import type { ServerName, Step } from '../transcripts/steps.js';
import type { Peer, Through } from './peer.js';

export type Stage = {
  addresses: Partial<Record<ServerName, string>>;
  /** The access tokens that requests carry by default. */
  tokens?: Partial<Record<ServerName, string>>;
  /** Tokens of another user for the same servers. */
  strangers?: Partial<Record<ServerName, string>>;
  /** Tokens for another server. */
  elsewhere?: Partial<Record<ServerName, string>>;
  /** The session of an approver who has signed in. */
  approvers?: Partial<Record<ServerName, string>>;
  /** The URL of a client's metadata document. */
  clientDocument?: string;
  /** Starts a server on stdio. The player calls `stop` when the transcript is over. */
  spawnStdio?: (server: ServerName, through?: Through) => { peer: Peer; stop: () => void };
  /** Intercepts the bytes to and from every server, so that tests can inject violations. */
  through?: Through;
  /** Values that the transcript may insert, by name. */
  values?: { readonly [name: string]: unknown };
  /** Headers that requests carry besides, unless the transcript has them. */
  headersFor?: (step: Step & { kind: 'send' }) => readonly (readonly [name: string, value: string])[];
  /** All records in the audit log of a server, in order. */
  records?: (server: ServerName) => Promise<readonly unknown[]>;
  /** How long each expected block may take; 5 s by default. */
  deadlineMs?: number;
};

/** Watches a transcript while it plays, and may pause it. */
export type Watch = {
  /** Called before these bytes are sent. On stdio there is no URL. */
  beforeSend?(step: Sending, bytes: Buffer, url?: URL): Promise<void>;
  /** Called with the bytes received since the previous step of the exchange, whether or not they are as expected. */
  onReceive?(step: Step, bytes: Buffer): Promise<void>;
};
export type Sending = Step & { kind: 'send' | 'write' };
