/** One HTTP exchange while it is open. */

import type { Revision } from '../../wire/revisions.js';
import type { HeardRequest } from './heard-requests.js';
import type { Talk } from './talk.js';
import type { SeenRequest } from './violation.js';

export type Exchange = {
  readonly id: number;
  /** The HTTP method. */
  readonly method: string;
  /** By lower-case name; values of repeated headers are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  talk: Talk;
  /** The revision that its messages speak; undefined if it is unknown. */
  revision: Revision | undefined;
  /** What the body holds. */
  readonly requests: HeardRequest[];
  notifications: number;
  responses: number;
  /** Part of the body is no message: what answers it may have no id. */
  unreadable: boolean;
  /** The body is an array. */
  batch: boolean;
  /** Whether the body has `initialize`. */
  opens: boolean;
  status: number | undefined;
  content: 'json' | 'stream' | 'other' | undefined;
  /** Messages received so far. */
  messages: number;
  /** An old client's stream (HTTP with SSE, 2024-11-05): the rules of Streamable HTTP do not apply. */
  old: boolean;
  /** Such a stream has said where to send messages. */
  hasEndpoint: boolean;
};

export function createExchange(
  { id, method }: SeenRequest,
  headers: ReadonlyMap<string, string>,
  talk: Talk,
  revision: Revision | undefined,
  facts: { opens: boolean; batch: boolean; old: boolean },
): Exchange {
  return {
    id,
    method,
    headers,
    talk,
    revision,
    requests: [],
    notifications: 0,
    responses: 0,
    unreadable: false,
    status: undefined,
    content: undefined,
    messages: 0,
    hasEndpoint: false,
    ...facts,
  };
}

export function joinHeaders(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** The path of a request target or of a URL, without its query. */
export function pathOf(target: string): string {
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/';
}
