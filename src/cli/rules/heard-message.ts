/** One message, with what is needed to judge it. */

import { MODERN, type Revision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Exchange } from './exchange.js';
import type { HeardRequest, Mismatch } from './heard-requests.js';
import type { BaseFact, Kind } from './rule.js';
import type { Talk } from './talk.js';
import type { Side } from './violation.js';

/** A JSON value that came where a message belongs; undefined for text that is not JSON. */
export type Raw = BaseFact & { value: unknown; text: string; talk: Talk; exchange: Exchange | undefined };

export type HeardMessage = BaseFact & {
  kind: Kind;
  json: JsonObject;
  /** The message's own method, or that of the request it answers; empty if that is unknown. */
  method: string;
  params: JsonObject;
  result: JsonObject;
  error: JsonObject;
  /** The `_meta` of `params` or `result`. */
  meta: JsonObject;
  /** The request in flight that this answers. */
  request: HeardRequest | undefined;
  /** What the headers of a modern request lack. */
  mismatches: readonly Mismatch[];
  talk: Talk;
  exchange: Exchange | undefined;
};

export type Context = { by: Side; revision: Revision; talk: Talk; exchange: Exchange | undefined };

const EMPTY: JsonObject = Object.freeze({});
const objectOr = (value: unknown): JsonObject => (isRecord(value) ? value : EMPTY);

/** What kind of message a JSON object is; undefined if it is none. */
export function kindOf(message: JsonObject): Kind | undefined {
  if (typeof message.method === 'string') return 'id' in message ? 'request' : 'notification';
  if ('method' in message) return undefined;
  if ('result' in message) return 'result';
  return 'error' in message ? 'error' : undefined;
}

export function heardMessage(
  json: JsonObject,
  kind: Kind,
  context: Context,
  request: HeardRequest | undefined,
  mismatches: readonly Mismatch[],
): HeardMessage {
  const params = objectOr(json.params);
  const result = objectOr(json.result);
  const called = kind === 'request' || kind === 'notification';
  return {
    ...context,
    kind,
    json,
    method: called ? String(json.method) : (request?.method ?? ''),
    params,
    result,
    error: objectOr(json.error),
    meta: objectOr((called ? params : result)._meta),
    request,
    mismatches,
  };
}

/** What the server has declared: in modern revisions when it was discovered, before that in the handshake. */
export function serverDeclares({ talk, revision }: HeardMessage): JsonObject | undefined {
  return revision === MODERN ? talk.discovery?.capabilities : talk.serverCapabilities;
}

/** The side that this one speaks with. */
export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/** The capability at this path, such as `tools.listChanged`; false if it, or something on the way, is not declared. */
export function declares(capabilities: JsonObject | undefined, path: string): boolean {
  let value: unknown = capabilities;
  for (const name of path.split('.'))
    value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value !== undefined && value !== null && value !== false;
}
