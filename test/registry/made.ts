/** Servers as the registry's tests need them: manifests with correct digests, and an HTTP server that publishes what a test sets. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Actor } from '../../src/services/registry/entry.js';
import {
  createManifest,
  type Manifest,
  type ToolDefinition,
} from '../../src/services/registry/manifest/manifest.js';

export const BY: Actor = { user: 'ana@example.com', tenant: 'example', issuer: 'https://as.example' };
export const AT = '2026-11-25T12:00:00.000Z';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function definition(name: string, more: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    name,
    description: `Does what ${name} says`,
    scope: 'example:read',
    destructive: false,
    inputSchema: { type: 'object', properties: { query: { type: 'string' } } },
    ...more,
  };
}

type Made = {
  name?: string;
  url?: string;
  version?: string;
  owner?: string;
  title?: string;
  issuers?: readonly string[];
};

export function manifestOf(tools: readonly (string | ToolDefinition)[], given: Made = {}): Manifest {
  const {
    name = 'example-mcp',
    url = 'https://mcp.example/mcp',
    version = '1.0.0',
    owner = 'Team Example',
    title,
    issuers,
  } = given;
  const resourceMetadata = `${new URL(url).origin}/.well-known/oauth-protected-resource`;
  return createManifest({
    name,
    title,
    version,
    url,
    owner,
    auth: issuers && { issuers, resourceMetadata },
    slo: { availabilityPercent: 99, p99Ms: 500 },
    tools: tools.map((tool) => (typeof tool === 'string' ? definition(tool) : tool)),
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback whose paths answer what a test sets; 404 elsewhere. */
export class Published {
  readonly asked: string[] = [];
  readonly paths = new Map<string, Handler>();
  readonly #server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    this.asked.push(`${request.method} ${path}`);
    const handler = this.paths.get(path);
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response);
  });
  origin = '';

  static async open(): Promise<Published> {
    const made = new Published();
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    made.origin = `http://localhost:${(made.#server.address() as AddressInfo).port}`;
    return made;
  }

  get address(): string {
    return `${this.origin}${MANIFEST}`;
  }

  json(path: string, value: unknown, headers: { [name: string]: string } = {}): void {
    this.paths.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    });
  }

  /** The manifest, as it is stored from then on. */
  manifest(tools: readonly (string | ToolDefinition)[], given: Made = {}): Manifest {
    const made = manifestOf(tools, { url: `${this.origin}/mcp`, ...given });
    const handler: Handler = (request, response) => {
      const etag = `W/"${made.digest}"`;
      if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
      else response.writeHead(200, { 'content-type': 'application/json', etag }).end(JSON.stringify(made));
    };
    this.paths.set(MANIFEST, handler);
    this.paths.set(`${MANIFEST}/mcp`, handler);
    return made;
  }

  /** An MCP endpoint of the modern revision with these tools and nothing else. */
  mcp(
    tools: readonly object[],
    revisions: readonly string[] = manifestOf([]).revisions,
    more: {
      instructions?: string;
      prompts?: readonly object[];
      resources?: readonly object[];
      templates?: readonly object[];
    } = {},
  ): void {
    const { instructions, prompts = [], resources = [], templates = [] } = more;
    const hello = { supportedVersions: revisions, ...(instructions === undefined ? {} : { instructions }) };
    const capabilities = {
      tools: {},
      ...('prompts' in more && { prompts: {} }),
      ...(('resources' in more || 'templates' in more) && { resources: {} }),
    };
    const results: { [method: string]: object } = {
      'server/discover': { ...hello, capabilities },
      'prompts/list': { prompts },
      'resources/list': { resources },
      'resources/templates/list': { resourceTemplates: templates },
    };
    this.paths.set('/mcp', (request, response) => {
      void bodyOf(request).then((text) => {
        const { id, method } = JSON.parse(text);
        const result = results[method] ?? { tools };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** The entry in tools/list of a tool in a manifest. */
export function listed({ tools }: Manifest): object[] {
  return tools.map(({ name, description, schema }) => ({ name, description, inputSchema: schema }));
}

export const MANIFEST = '/.well-known/mcp-capabilities';

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  return text;
}
