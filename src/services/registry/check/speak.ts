/**
 * The registry as an MCP client, no more than it takes to ask a server for its tools: `server/discover` first, and for a
 * server that does not know it `initialize` (2026-07-28/versioning). Nothing is offered and nothing answered.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */

import { MODERN, type Revision, SUPPORTED } from '../../../wire/revisions.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import { type HttpFetch, type HttpResult, TooLarge } from '../../outbound/guarded-fetch.js';
import { type RpcAnswer, readRpcAnswer } from './answers.js';

export type McpListing = {
  /** What the server says that it supports; of a legacy one the revision that it chose. */
  revisions: readonly string[];
  /** How it tells models to use it. */
  instructions?: string;
  tools: readonly JsonObject[];
  prompts: readonly JsonObject[];
  resources: readonly JsonObject[];
  templates: readonly JsonObject[];
  /** Lists that it offers and that could not be read, and why. */
  unread: readonly string[];
};

/** The endpoint does not answer as an MCP server does. */
export class NotAnMcpServer extends Error {
  override readonly name = 'NotSpoken';
}

/** It answers only with a token that it accepts. */
export class TokenRequired extends NotAnMcpServer {}

/** Of one page: as much as a manifest may have. */
const MAX_BYTES = 1024 * 1024;
const MAX_TOOLS = 2_000;
const MAX_OTHERS = 500;
const MAX_PAGES = 100;
const LEGACY: Revision = '2025-11-25';

/** Rejects NotSpoken | OutOfReach | TooLarge | what node says of a connection. */
export async function listServer(
  ask: HttpFetch,
  endpoint: URL,
  { token, version, signal }: { token: string | undefined; version: string; signal: AbortSignal },
): Promise<McpListing> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const clientInfo = { name: 'barewire-registry', version };
  let lastId = 0;

  async function post(message: JsonObject, headers: { [name: string]: string }): Promise<HttpResult> {
    return ask(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...authorization,
        ...headers,
      },
      body: JSON.stringify(message),
      signal,
      maxBytes: MAX_BYTES,
    });
  }

  /** A modern request says of itself what a legacy session has said at its beginning (2026-07-28/basic/versioning). */
  async function modern(method: string, params: JsonObject): Promise<RpcAnswer> {
    lastId += 1;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
    const asked = await post({ jsonrpc: '2.0', id: lastId, method, params: { ...params, _meta } }, headers);
    return readRpcAnswer(asked, lastId);
  }

  async function begin(): Promise<Begun> {
    const discovered = await modern('server/discover', {});
    if (discovered.result !== undefined) {
      const { supportedVersions } = discovered.result;
      const revisions = Array.isArray(supportedVersions)
        ? supportedVersions.filter((one) => typeof one === 'string')
        : [];
      return { revisions, hello: discovered.result, ask: modern };
    }
    if (discovered.status === 401 || discovered.status === 403)
      throw new TokenRequired(
        `server/discover was answered with status ${discovered.status}: ${token === undefined ? 'it takes no request without a token' : "the registry's token is not accepted"}`,
      );
    return legacy();
  }

  async function legacy(): Promise<Begun> {
    lastId += 1;
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo };
    const asked = await post({ jsonrpc: '2.0', id: lastId, method: 'initialize', params }, {});
    const { result, problem } = readRpcAnswer(asked, lastId);
    if (result === undefined)
      throw new NotAnMcpServer(`neither server/discover nor initialize is answered: ${problem}`);
    const chosen = String(result.protocolVersion);
    if (!(SUPPORTED as readonly string[]).includes(chosen))
      throw new NotAnMcpServer(
        `initialize was answered with the revision ${preview(chosen)}, which is not known here`,
      );
    const session = asked.headers['mcp-session-id'];
    const headers = {
      'mcp-protocol-version': chosen,
      ...(typeof session === 'string' ? { 'mcp-session-id': session } : {}),
    };
    await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
    const ask = async (method: string, given: JsonObject): Promise<RpcAnswer> => {
      lastId += 1;
      return readRpcAnswer(
        await post({ jsonrpc: '2.0', id: lastId, method, params: given }, headers),
        lastId,
      );
    };
    return { revisions: [chosen], hello: result, ask };
  }

  const { revisions, hello, ask: asking } = await begin();
  const tools = await listOf(asking, 'tools/list', 'tools', MAX_TOOLS);
  const { instructions, capabilities } = hello;
  const offered = isRecord(capabilities) ? capabilities : {};
  const unread: string[] = [];

  /** What is wrong with these is no reason not to compare the tools. */
  async function other(capability: string, method: string, member: string): Promise<JsonObject[]> {
    if (!isRecord(offered[capability])) return [];
    try {
      return await listOf(asking, method, member, MAX_OTHERS);
    } catch (error) {
      if (!(error instanceof NotAnMcpServer || error instanceof TooLarge)) throw error;
      unread.push(error.message);
      return [];
    }
  }
  const prompts = await other('prompts', 'prompts/list', 'prompts');
  const resources = await other('resources', 'resources/list', 'resources');
  const templates = await other('resources', 'resources/templates/list', 'resourceTemplates');
  const told = typeof instructions === 'string' ? { instructions } : {};
  return { revisions, ...told, tools, prompts, resources, templates, unread };
}

type AskMethod = (method: string, params: JsonObject) => Promise<RpcAnswer>;
type Begun = {
  revisions: readonly string[];
  /** The result of server/discover or initialize. */
  hello: JsonObject;
  ask: AskMethod;
};

/** All pages of a list. @throws NotSpoken */
async function listOf(ask: AskMethod, method: string, member: string, most: number): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { result, problem } = await ask(method, cursor === undefined ? {} : { cursor });
    if (result === undefined) throw new NotAnMcpServer(`${method} is not answered: ${problem}`);
    const listed = result[member];
    if (!Array.isArray(listed)) throw new NotAnMcpServer(`the result of ${method} has no list of ${member}`);
    items.push(...listed.filter(isRecord));
    if (items.length > most) break;
    if (typeof result.nextCursor !== 'string') return items;
    cursor = result.nextCursor;
  }
  throw new NotAnMcpServer(`${method} does not end: more than ${most} ${member} or ${MAX_PAGES} pages`);
}
