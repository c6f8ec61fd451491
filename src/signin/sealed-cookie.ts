/**
 * A cookie that only this server can write and read: its value is sealed, for one purpose and for a time. Scripts never
 * see it, and a browser sends it to these pages alone. What is in it is its user's affair.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265
 */
import type { IncomingMessage } from 'node:http';
import type { Sealer } from '../mcp/rounds.js';

export type SealedCookie<Value> = {
  /** Undefined when there is none, or one that is too old, not ours or for another purpose. */
  read(request: IncomingMessage): Promise<Value | undefined>;
  /** The `Set-Cookie` that keeps it so long. */
  write(value: Value, ttlMs: number): Promise<string>;
  /** The `Set-Cookie` that ends it. */
  clear(): string;
};

export type CookieOptions = {
  origin: string;
  /** Part of the purpose: the cookie of one server is nothing to another with the same keys. */
  resource: string;
  sealer: Sealer;
  /** Of all its names, since browsers do not tell ports apart. */
  prefix: string;
  /** Where the pages stand. */
  path: string;
};

export function createSealedCookie<Value>(
  purpose: string,
  { origin, resource, sealer, prefix, path }: CookieOptions,
): SealedCookie<Value> {
  const secure = origin.startsWith('https:');
  // __Host- would want the path to be the whole origin, of which an MCP endpoint may have a part.
  const name = `${secure ? '__Secure-' : ''}${prefix}-${purpose}`;
  const about = JSON.stringify(['cookie', purpose, resource]);
  // Strict would be withheld on the way back from the authorization server, which may be another site.
  const shared = `Path=${path}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    async read(request) {
      const sealed = cookieIn(request.headers.cookie, name);
      const text = sealed === undefined ? undefined : await sealer.open(sealed, about);
      // What opens was sealed below.
      return text === undefined ? undefined : (JSON.parse(text) as Value);
    },
    async write(value, ttlMs) {
      const sealed = await sealer.seal(JSON.stringify(value), about, ttlMs);
      return `${name}=${sealed}; Max-Age=${Math.ceil(ttlMs / 1000)}; ${shared}`;
    },
    clear: () => `${name}=; Max-Age=0; ${shared}`,
  };
}

function cookieIn(header: string | undefined, name: string): string | undefined {
  const pair = header?.split(/;\s*/).find((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
