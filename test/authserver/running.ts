/** A development authorization server for a test, with three resources and a state directory of its own. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuthServer,
  type AuthServerOptions,
  type ProtectedResource,
  startAuthServer,
} from '../../src/services/authserver/authserver.js';

export const READONLY = 'http://localhost:3000/mcp';
export const DESTRUCTIVE = 'http://localhost:3001/mcp';
export const REGISTRY = 'http://localhost:3002/';
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export const RESOURCES: readonly ProtectedResource[] = [
  {
    resource: READONLY,
    name: 'internal-readonly-mcp',
    tools: [
      {
        name: 'postgres.query',
        title: 'Query the database',
        description: 'Runs one SQL statement that only reads.',
        scope: 'postgres:query:readonly',
        destructive: false,
      },
    ],
  },
  {
    resource: DESTRUCTIVE,
    name: 'internal-destructive-mcp',
    tools: [
      {
        name: 'jira.create',
        title: 'Create a Jira issue',
        description: 'Creates an issue with status To Do. Each call creates another issue.',
        scope: 'jira:write',
        destructive: true,
      },
      {
        name: 'incidents.ack',
        title: 'Acknowledge an incident',
        description: 'Acknowledges an open incident, so that others know somebody is on it.',
        scope: 'incidents:write',
        destructive: true,
      },
    ],
  },
  {
    resource: REGISTRY,
    name: 'Registry',
    tools: [],
    scopes: ['registry:read', 'registry:write'],
    tokenFormat: 'opaque',
  },
];

export type Running = AuthServer & { stateDir: string; errors: string[]; stop: () => Promise<void> };

export async function run(options: Partial<AuthServerOptions> = {}): Promise<Running> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'barewire-authserver-')));
  const errors: string[] = [];
  const clean = () => rm(stateDir, { recursive: true, force: true });
  const server = await startAuthServer({
    host: '127.0.0.1',
    port: 0,
    resources: () => RESOURCES,
    onError: (error, about) => errors.push(`${about}: ${error}`),
    ...options,
    stateDir,
  }).catch(async (error: unknown) => {
    await clean();
    throw error;
  });
  return {
    ...server,
    stateDir,
    errors,
    /** Leaves the state directory for a restart. */
    stop: server.close,
    async close() {
      await server.close();
      await clean();
    },
  };
}

export type Answer = { status: number; headers: Headers; body: { [name: string]: unknown } };

/** Posts a form, as the demo client by default, and reads the JSON that comes back. */
export async function post(
  url: string,
  fields: { [name: string]: string } | URLSearchParams,
  authorization: string | undefined = `Basic ${btoa('demo:demo-secret')}`,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: authorization === '' ? {} : { authorization },
    body: new URLSearchParams(fields),
  });
  return read(response);
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as { [name: string]: unknown });
  return { status: response.status, headers: response.headers, body };
}

/** Registers a public client, and returns its id. */
export async function register(issuer: string, metadata: { [name: string]: unknown } = {}): Promise<string> {
  const response = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  });
  const { status, body } = await read(response);
  if (status !== 201) throw new Error(`registration answered ${status}: ${JSON.stringify(body)}`);
  return String(body.client_id);
}

/** Nobody listens there: what counts is the address a browser is sent to. */
export const CALLBACK = 'http://127.0.0.1:9/callback';

export type Pkce = { verifier: string; challenge: string };

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The address a client opens in the person's browser; a parameter that is undefined is left out. */
export function authorizationUrl(
  issuer: string,
  clientId: string,
  { challenge }: Pkce,
  more: { [name: string]: string | undefined } = {},
): string {
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    state: 'state-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${issuer}/authorize?${new URLSearchParams(given)}`;
}

export function claimsOf(token: unknown): { [name: string]: unknown } {
  return part(token, 1);
}

export function headerOf(token: unknown): { [name: string]: unknown } {
  return part(token, 0);
}

function part(token: unknown, at: number): { [name: string]: unknown } {
  const text = Buffer.from(String(token).split('.')[at] ?? '', 'base64url').toString();
  return JSON.parse(text) as { [name: string]: unknown };
}
