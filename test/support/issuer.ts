/**
 * An authorization server as far as a resource server sees one: metadata, keys and introspection over real HTTP on
 * loopback. It signs anything, valid or not, with node's own crypto, so that no library under test is involved. It can go away, and come
 * back on the same port.
 */
import { createHmac, generateKeyPairSync, type KeyObject, constants as RSA, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = { [key: string]: unknown };
export type SigningKey = { kid: string; alg: string; privateKey: KeyObject; publicKey: KeyObject; jwk: Json };
export type Reply = { status?: number; headers?: { [name: string]: string }; body?: string | Json };
export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string };

const CURVES: { [alg: string]: string } = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

export function makeKey(alg: string, kid: string, bits = 2048): SigningKey {
  const namedCurve = CURVES[alg];
  const pair =
    namedCurve !== undefined
      ? generateKeyPairSync('ec', { namedCurve })
      : /^Ed/.test(alg)
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: bits });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, ...pair, jwk };
}

/** Members of the header that are undefined are left out. */
export function signToken(key: SigningKey, claims: Json | string | Buffer, header: Json = {}): string {
  const head = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header };
  const input = `${encoded(head)}.${encoded(claims)}`;
  return `${input}.${signature(key, input).toString('base64url')}`;
}

/** A token "signed" with a secret, by the algorithm that was never meant for it. */
export function macToken(secret: string | Buffer, claims: Json, header: Json = {}): string {
  const input = `${encoded({ alg: 'HS256', typ: 'at+jwt', ...header })}.${encoded(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export function encoded(part: Json | string | Buffer): string {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(JSON.stringify(bytes))).toString('base64url');
}

function signature({ alg, privateKey: key }: SigningKey, input: string): Buffer {
  const data = Buffer.from(input);
  const digest = `sha${alg.slice(2)}`;
  if (alg.startsWith('Ed')) return sign(null, data, key);
  if (alg.startsWith('ES')) return sign(digest, data, { key, dsaEncoding: 'ieee-p1363' });
  if (alg.startsWith('RS')) return sign(digest, data, key);
  const padding = { padding: RSA.RSA_PKCS1_PSS_PADDING, saltLength: RSA.RSA_PSS_SALTLEN_DIGEST };
  return sign(digest, data, { key, ...padding });
}

export class TestIssuer {
  /** Every request it got, oldest first. */
  readonly asked: Asked[] = [];
  /** What is published as its keys. */
  keys: SigningKey[] = [makeKey('ES256', 'first')];
  /** What introspection says of opaque tokens; of all others it says that they are not active. */
  readonly opaque = new Map<string, Json>();
  /** What a path answers; 404 where there is nothing. */
  readonly routes = new Map<string, (asked: Asked) => Reply | Promise<Reply>>();
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then(({ status = 200, headers = {}, body = {} }) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      // Nothing of a connection may outlive the server, which comes back on the same port.
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
      response.end(text);
    });
  });
  #port = 0;

  private constructor(readonly path: string) {}

  /** `path` is that of the issuer's identifier; its metadata is where OAuth puts it. */
  static async start(path = ''): Promise<TestIssuer> {
    const issuer = new TestIssuer(path);
    await issuer.comeBack();
    const bare = path.replace(/\/$/, '');
    issuer.routes.set(`/.well-known/oauth-authorization-server${bare}`, () => ({ body: issuer.metadata }));
    issuer.routes.set('/jwks', () => ({ body: { keys: issuer.keys.map(({ jwk }) => jwk) } }));
    issuer.routes.set('/introspect', ({ body }) => {
      const token = new URLSearchParams(body).get('token') ?? '';
      return { body: issuer.opaque.get(token) ?? { active: false } };
    });
    return issuer;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get issuer(): string {
    return this.origin + this.path;
  }
  get metadata(): Json {
    const { issuer, origin } = this;
    return { issuer, jwks_uri: `${origin}/jwks`, introspection_endpoint: `${origin}/introspect` };
  }
  /** How often it was asked for this path. */
  count(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  /** Signed with the newest of its keys. */
  sign(claims: Json | string | Buffer, header: Json = {}): string {
    const key = this.keys.at(-1);
    if (key === undefined) throw new Error('the issuer has no key');
    return signToken(key, claims, header);
  }
  rotate(kid: string): void {
    this.keys = [makeKey('ES256', kid)];
  }

  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #receive(request: IncomingMessage): Promise<Reply> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, headers, body: Buffer.concat(parts).toString() };
    this.asked.push(asked);
    return (await this.routes.get(path)?.(asked)) ?? { status: 404 };
  }
}
