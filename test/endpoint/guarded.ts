/**
 * A server that checks tokens, the issuer that it trusts, and tokens of that issuer: all of them real, on loopback. A test
 * that takes the issuer away brings it back.
 */

import type { EndpointOptions, Tool } from '../../src/index.js';
import type { AuthOptions, Refusal } from '../../src/oauth/protection.js';
import { closeAll, legacy, type Stand, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { TestIssuer } from '../support/issuer.js';

export type Json = { [name: string]: unknown };

export type Guarded = Stand & {
  /** The audience of its tokens. */
  resource: string;
  issuer: TestIssuer;
  /** What the token guard logged. */
  refusals: Refusal[];
  /** Valid in every way by default; undefined claims are left out. */
  claims(others?: Json): Json;
  token(others?: Json, header?: Json): string;
  /** One POST, with a token unless it is empty. */
  post(token: string, body: string | object, headers?: { [name: string]: string }): Promise<Answer>;
};

export type Answer = { status: number; headers: Headers; text: string; body: Body };

/** What a JSON-RPC answer may hold, as a test reads it. */
export type Body = {
  result?: Json & { isError?: boolean; tools?: Json[]; content?: { text: string }[] };
  error?: { code: number; message: string; data?: Json };
};

const issuers: TestIssuer[] = [];

/** Seconds since 1970, that many from now. */
export const at = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

export async function startIssuer(): Promise<TestIssuer> {
  const issuer = await TestIssuer.start();
  issuers.push(issuer);
  return issuer;
}

export async function guarded(
  given: Partial<EndpointOptions> = {},
  auth: Partial<AuthOptions> = {},
  issuer?: TestIssuer,
): Promise<Guarded> {
  const believed = issuer ?? (await startIssuer());
  const refusals: Refusal[] = [];
  const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
  const made = await stand({
    ...given,
    auth: { issuers: [{ issuer: believed.issuer }], onRefused, ...auth },
  });
  const resource = given.url ?? made.url;
  const claims = (others: Json = {}): Json => ({
    iss: believed.issuer,
    sub: 'ada',
    aud: resource,
    client_id: 'bench',
    scope: 'bench:read',
    iat: at(-10),
    exp: at(3_600),
    ...others,
  });
  return {
    ...made,
    resource,
    issuer: believed,
    refusals,
    claims,
    token: (others, header) => believed.sign(claims(others), header),
    post: (token, body, headers) => post(made.url, token, body, headers),
  };
}

export async function post(
  url: string,
  token: string,
  body: string | object,
  headers: { [name: string]: string } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearing(token), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const json = /^application\/json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : {} };
}

export function bearing(token: string): { authorization?: string } {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}

export const ping = legacy('ping');
export const call = (name: string, id: unknown = 1): string => legacy('tools/call', { name }, id);

/** A tool that counts how often it ran: a refused call must not run. */
export function counted(name: string, given: Partial<Tool> = {}): { tool: Tool; runs: () => number } {
  let runs = 0;
  const handler = (): { content: [{ type: 'text'; text: string }] } => {
    runs += 1;
    return { content: [{ type: 'text', text: 'done' }] };
  };
  return { tool: toolOf(name, { handler, ...given }), runs: () => runs };
}

/** For test.after: closes endpoints and issuers at the end of the file. */
export async function closeGuarded(): Promise<void> {
  await closeAll();
  await Promise.all(issuers.splice(0).map((issuer) => issuer.goAway()));
}
