/**
 * The registry as a minimal MCP client: enough to ask a server what it lists. It tries `server/discover` first, and
 * `initialize` for a server that does not know it (2026-07-28/versioning). It offers no capabilities and answers no requests.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { MODERN, type Revision, SUPPORTED } from '../../../wire/revisions.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import {
  type FetchOptions,
  type HttpFetch,
  type HttpResult,
  TooLarge,
} from '../../outbound/guarded-fetch.js';
import { type RpcAnswer, readAnswer, untilAnswer } from './mcp-answer.js';

export type McpListing = {
  /** The revisions that the server supports; of a legacy server the one that it chose. */
  revisions: readonly string[];
  instructions?: string;
  tools: readonly JsonObject[];
  prompts: readonly JsonObject[];
  resources: readonly JsonObject[];
  templates: readonly JsonObject[];
  /** Why a list that it offers could not be read. */
  unreadLists: readonly string[];
};

/** The endpoint does not answer as an MCP server does. */
export class NotAnMcpServer extends Error {
  override readonly name = 'NotAnMcpServer';
}

/** It answers only with a token that it accepts. */
export class TokenRequired extends NotAnMcpServer {}

/** Per page: as much as a manifest may have. */
const MAX_BYTES = 1024 * 1024;
const MAX_TOOLS = 2_000;
const MAX_OTHERS = 500;
const MAX_PAGES = 100;
const LEGACY: Revision = '2025-11-25';

type Headers = { [name: string]: string };
type Request = (method: string, params: JsonObject) => Promise<RpcAnswer>;
type Connection = {
  revisions: readonly string[];
  /** The result of server/discover or initialize. */
  greeting: JsonObject;
  request: Request;
};

/** Rejects NotAnMcpServer | AddressNotAllowed | TooLarge | node's error of a connection. */
export async function listServer(
  ask: HttpFetch,
  endpoint: URL,
  { token, version, signal }: { token: string | undefined; version: string; signal: AbortSignal },
): Promise<McpListing> {
  const clientInfo = { name: 'barewire-registry', version };
  const common = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  let lastId = 0;

  function post(
    message: JsonObject,
    headers: Headers,
    isEnough: NonNullable<FetchOptions['isEnough']>,
  ): Promise<HttpResult> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return ask(endpoint, {
      method: 'POST',
      headers: { ...common, ...headers },
      body,
      signal,
      maxBytes: MAX_BYTES,
      isEnough,
    });
  }

  async function request(method: string, params: JsonObject, headers: Headers): Promise<RpcAnswer> {
    lastId += 1;
    return readAnswer(await post({ id: lastId, method, params }, headers, untilAnswer(lastId)), lastId);
  }

  /** A modern request carries what a legacy session states once, at its start (2026-07-28/basic/versioning). */
  function modernRequest(method: string, params: JsonObject): Promise<RpcAnswer> {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
    return request(method, { ...params, _meta }, headers);
  }

  async function connect(): Promise<Connection> {
    const { status, result } = await modernRequest('server/discover', {});
    if (result !== undefined) {
      const versions: unknown[] = Array.isArray(result.supportedVersions) ? result.supportedVersions : [];
      const revisions = versions.filter((one) => typeof one === 'string');
      return { revisions, greeting: result, request: modernRequest };
    }
    if (status !== 401 && status !== 403) return connectLegacy();
    const reason =
      token === undefined ? 'it takes no request without a token' : "the registry's token is not accepted";
    throw new TokenRequired(`server/discover was answered with status ${status}: ${reason}`);
  }

  async function connectLegacy(): Promise<Connection> {
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo };
    const answer = await request('initialize', params, {});
    const { result } = answer;
    if (result === undefined)
      throw new NotAnMcpServer(`neither server/discover nor initialize is answered: ${answer.problem}`);
    const serverRevision = String(result.protocolVersion);
    if (!SUPPORTED.some((revision) => revision === serverRevision))
      throw new NotAnMcpServer(
        `initialize was answered with the revision ${preview(serverRevision)}, which is not known here`,
      );
    const session = answer.headers['mcp-session-id'];
    const headers = {
      'mcp-protocol-version': serverRevision,
      ...(typeof session === 'string' ? { 'mcp-session-id': session } : {}),
    };
    // Its answer says nothing, and need not end.
    await post({ method: 'notifications/initialized' }, headers, () => true);
    const legacyRequest: Request = (method, more) => request(method, more, headers);
    return { revisions: [serverRevision], greeting: result, request: legacyRequest };
  }

  const connection = await connect();
  const tools = await listAll(connection.request, 'tools/list', 'tools', MAX_TOOLS);
  const { instructions, capabilities } = connection.greeting;
  const serverCapabilities = isRecord(capabilities) ? capabilities : {};
  const unreadLists: string[] = [];

  /** The tools can be compared even if one of these lists is broken. */
  async function listOther(capability: string, method: string, member: string): Promise<JsonObject[]> {
    if (!isRecord(serverCapabilities[capability])) return [];
    try {
      return await listAll(connection.request, method, member, MAX_OTHERS);
    } catch (error) {
      if (!(error instanceof NotAnMcpServer || error instanceof TooLarge)) throw error;
      unreadLists.push(error.message);
      return [];
    }
  }
  const prompts = await listOther('prompts', 'prompts/list', 'prompts');
  const resources = await listOther('resources', 'resources/list', 'resources');
  const templates = await listOther('resources', 'resources/templates/list', 'resourceTemplates');
  const { revisions } = connection;
  const texts = typeof instructions === 'string' ? { instructions } : {};
  return { revisions, ...texts, tools, prompts, resources, templates, unreadLists };
}

/** All pages of a list. @throws NotAnMcpServer */
async function listAll(request: Request, method: string, member: string, max: number): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { result, problem } = await request(method, cursor === undefined ? {} : { cursor });
    if (result === undefined) throw new NotAnMcpServer(`${method} is not answered: ${problem}`);
    const pageItems = result[member];
    if (!Array.isArray(pageItems))
      throw new NotAnMcpServer(`the result of ${method} has no list of ${member}`);
    items.push(...pageItems.filter(isRecord));
    if (items.length > max) break;
    if (typeof result.nextCursor !== 'string') return items;
    cursor = result.nextCursor;
  }
  throw new NotAnMcpServer(`${method} does not end: more than ${max} ${member} or ${MAX_PAGES} pages`);
}
