/** What the check asks a server by itself, before and between transcripts. http.ts and stdio.ts know how. */

import type { TokenSource } from '../../client/ports.js';
import type { Stage } from '../../lesson/player/stage.js';
import { escaped } from '../../lesson/player/visible.js';
import type { Era } from '../../wire/revisions.js';
import { type JsonObject, shorten } from '../../wire/value.js';

export type Headers = readonly (readonly [name: string, value: string])[];

export const CLIENT = { name: 'barewire-check', version: '1.0.0' };

export type Question = {
  era: Era;
  revision: string;
  method: string;
  params?: JsonObject;
  /** Without an id, so that no answer comes. */
  notification?: boolean;
  /** Without the access token. */
  anonymous?: boolean;
};

export type Reply = {
  /** 0 on stdio. */
  status: number;
  headers: Headers;
  text: string;
  /** Undefined if the text is no JSON object. */
  message: JsonObject | undefined;
};

/** One HTTP exchange, or what came and went on stdio while one transcript was played. */
export type PlayedExchange = { line: number; sent: Buffer; received: Buffer; what: string };

export type ConnectionOptions = {
  headers: Headers;
  /** Undefined to send no access token. */
  tokens: TokenSource | undefined;
  timeoutMs: number;
  /** Waits until the next request may be sent. */
  pace(): Promise<void>;
  /** Gets the bytes of every exchange. */
  onExchange(exchange: PlayedExchange): void;
};

export type Connection = {
  readonly transport: 'http' | 'stdio';
  /** Undefined on stdio. */
  readonly url: URL | undefined;
  /** @throws CheckError if no answer comes */
  ask(question: Question): Promise<Reply>;
  /** What transcripts of that era are played against. */
  stage(era: Era): Promise<Stage>;
  /** Gets a token that answers this refusal. False if there is none to get. */
  signIn(refusal: Reply): Promise<boolean>;
  /** The session that legacy requests belong to, if the server gave one. */
  session: string | undefined;
  /** The revision that a handshake has agreed on. */
  agreedRevision: string | undefined;
  close(): Promise<void>;
};

const MAX_MESSAGE = 1_000;

/** The check cannot go on. The message is one line for the person at the terminal, and it may quote the server. */
export class CheckError extends Error {
  constructor(message: string) {
    super(escaped(shorten(message, MAX_MESSAGE)));
  }
}

/** `_meta` of a modern request. */
export function metaOf(revision: string): JsonObject {
  return {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': CLIENT,
  };
}

export function messageFor(question: Question, id: number): JsonObject {
  const { era, revision, method, notification } = question;
  const meta = era === 'modern' ? { _meta: metaOf(revision) } : {};
  const params = { ...question.params, ...meta };
  return {
    jsonrpc: '2.0',
    ...(notification ? {} : { id }),
    method,
    ...(Object.keys(params).length > 0 ? { params } : {}),
  };
}

export function handshake(proposal: string): Question {
  const params = { protocolVersion: proposal, capabilities: {}, clientInfo: CLIENT };
  return { era: 'legacy', revision: proposal, method: 'initialize', params };
}
