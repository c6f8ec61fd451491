/**
 * The way back from the browser. An authorization server that names itself in its answer (RFC 9207) names an issuer that the
 * client did not ask, because the client asked the tap. So the browser comes back to the tap, which puts in the name that the
 * client expects, and sends the browser on to the client.
 */
import { randomBytes } from 'node:crypto';
import { isLoopback } from '../../../oauth/protected-resource.js';
import { CALLBACK } from './addresses.js';

type Waiting = { redirectUri: string; state: string | null; from: string; to: string };

/** Of people who have not come back. */
const MAX_WAITING = 200;
const MAX_CLIENTS = 1_000;

export class Callbacks {
  readonly #waiting = new Map<string, Waiting>();
  /** Clients that were registered with the tap's own address. */
  readonly #clients = new Set<string>();

  registered(clientId: string): void {
    if (this.#clients.size < MAX_CLIENTS) this.#clients.add(clientId);
  }

  /**
   * The address on the tap in place of the client's own. On this machine the same one with the tap's port, because servers have
   * to allow any port there (RFC 8252, section 7.3); otherwise one that the client was registered with. Undefined if neither is.
   */
  replacement(redirectUri: string, tap: string, clientId: string | null): string | undefined {
    const onMachine = onThisMachine(redirectUri, tap);
    if (onMachine !== undefined) return onMachine;
    return clientId !== null && this.#clients.has(clientId) ? tap + CALLBACK : undefined;
  }

  /** @returns the state that brings the browser's answer back to this client */
  wait(waiting: Waiting): string {
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    const state = randomBytes(24).toString('base64url');
    this.#waiting.set(state, waiting);
    return state;
  }

  /** The address of the client for an answer that the browser brought to the tap; undefined if it is not for a client of ours. */
  onward(query: URLSearchParams): string | undefined {
    const own = query.get('state');
    const waiting = own === null ? undefined : this.#waiting.get(own);
    if (own === null || waiting === undefined) return undefined;
    this.#waiting.delete(own);
    const { redirectUri, state, from, to } = waiting;
    const address = new URL(redirectUri);
    for (const [name, value] of query) {
      if (name === 'state') {
        if (state !== null) address.searchParams.append(name, state);
      }
      // The name of a third server stays, so that the client can find out that it was mixed up with another.
      else address.searchParams.append(name, name === 'iss' && value === from ? to : value);
    }
    return address.href;
  }
}

/** What to register for a client, besides its own addresses. */
export function furtherRedirects(redirectUris: readonly string[], tap: string): string[] {
  const more = redirectUris.map((uri) => onThisMachine(uri, tap) ?? tap + CALLBACK);
  return [...new Set(more)].filter((uri) => !redirectUris.includes(uri));
}

function onThisMachine(redirectUri: string, tap: string): string | undefined {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (url?.protocol !== 'http:' || !isLoopback(url.hostname)) return undefined;
  url.port = new URL(tap).port;
  return url.href;
}
