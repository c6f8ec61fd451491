/**
 * The registry as an MCP client, no more than it takes to ask a server for its tools: `server/discover` first, and for a
 * server that does not know it `initialize` (2026-07-28/versioning). Nothing is offered and nothing answered.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { MAX_MEMBERS, readJson } from '../../jsonrpc/json.js';
import type { Ask, Asked } from '../../outbound/guarded-fetch.js';
import { MODERN, type Revision, SUPPORTED } from '../../revisions.js';
import { isRecord, type JsonObject, preview } from '../../value.js';

export type Spoken = {
  /** What the server says that it supports; of a legacy one the revision that it chose. */
  revisions: readonly string[];
  tools: readonly JsonObject[];
};

/** The endpoint does not answer as an MCP server does. */
export class NotSpoken extends Error {
  override readonly name = 'NotSpoken';
}

const MOST_BYTES = 4 * 1024 * 1024;
const BOUNDS = { depth: 128, members: MAX_MEMBERS };
const MOST_TOOLS = 2_000;
const MOST_PAGES = 100;
const LEGACY: Revision = '2025-11-25';

/** Rejects NotSpoken | OutOfReach | TooLarge | what node says of a connection. */
export async function speak(
  ask: Ask,
  endpoint: URL,
  { token, version, signal }: { token: string | undefined; version: string; signal: AbortSignal },
): Promise<Spoken> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const clientInfo = { name: 'barewire-registry', version };
  let lastId = 0;

  async function post(message: JsonObject, headers: { [name: string]: string }): Promise<Asked> {
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
      mostBytes: MOST_BYTES,
    });
  }

  /** A modern request says of itself what a legacy session has said at its beginning (2026-07-28/basic/versioning). */
  async function modern(method: string, params: JsonObject): Promise<Answered> {
    lastId += 1;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
    const asked = await post({ jsonrpc: '2.0', id: lastId, method, params: { ...params, _meta } }, headers);
    return answerIn(asked, lastId);
  }

  async function begin(): Promise<{
    revisions: readonly string[];
    list: (params: JsonObject) => Promise<Answered>;
  }> {
    const discovered = await modern('server/discover', {});
    if (discovered.result !== undefined) {
      const { supportedVersions } = discovered.result;
      const revisions = Array.isArray(supportedVersions)
        ? supportedVersions.filter((one) => typeof one === 'string')
        : [];
      return { revisions, list: (params) => modern('tools/list', params) };
    }
    if (discovered.status === 401 || discovered.status === 403)
      throw new NotSpoken(
        `server/discover was answered with status ${discovered.status}: the registry's token is not accepted`,
      );
    return legacy();
  }

  async function legacy() {
    lastId += 1;
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo };
    const asked = await post({ jsonrpc: '2.0', id: lastId, method: 'initialize', params }, {});
    const { result, problem } = answerIn(asked, lastId);
    if (result === undefined)
      throw new NotSpoken(`neither server/discover nor initialize is answered: ${problem}`);
    const chosen = String(result.protocolVersion);
    if (!(SUPPORTED as readonly string[]).includes(chosen))
      throw new NotSpoken(
        `initialize was answered with the revision ${preview(chosen)}, which is not known here`,
      );
    const session = asked.headers['mcp-session-id'];
    const headers = {
      'mcp-protocol-version': chosen,
      ...(typeof session === 'string' ? { 'mcp-session-id': session } : {}),
    };
    await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
    const list = async (given: JsonObject): Promise<Answered> => {
      lastId += 1;
      return answerIn(
        await post({ jsonrpc: '2.0', id: lastId, method: 'tools/list', params: given }, headers),
        lastId,
      );
    };
    return { revisions: [chosen], list };
  }

  const { revisions, list } = await begin();
  const tools: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && tools.length <= MOST_TOOLS; page += 1) {
    const { result, problem } = await list(cursor === undefined ? {} : { cursor });
    if (result === undefined) throw new NotSpoken(`tools/list is not answered: ${problem}`);
    if (!Array.isArray(result.tools)) throw new NotSpoken('the result of tools/list has no list of tools');
    tools.push(...result.tools.filter(isRecord));
    if (typeof result.nextCursor !== 'string') return { revisions, tools };
    cursor = result.nextCursor;
  }
  throw new NotSpoken(`tools/list does not end: more than ${MOST_TOOLS} tools or ${MOST_PAGES} pages`);
}

/** `problem` says why there is no result. */
type Answered = { status: number; result?: JsonObject; problem: string };

function answerIn({ status, headers, body }: Asked, id: number): Answered {
  const type = headers['content-type'] ?? '';
  const texts = /^text\/event-stream\b/i.test(type) ? eventData(body.toString('utf8')) : [body];
  for (const text of texts) {
    const read = readJson(typeof text === 'string' ? Buffer.from(text) : text, BOUNDS);
    if (!isRecord(read.value) || read.value.id !== id) continue;
    if (read.kind === 'refused') return { status, problem: read.fault.message };
    const { result, error } = read.value;
    if (isRecord(result)) return { status, result, problem: '' };
    if (isRecord(error)) return { status, problem: `error ${String(error.code)} ${preview(error.message)}` };
  }
  return {
    status,
    problem: `status ${status} and no JSON-RPC response to the request (Content-Type ${preview(type)})`,
  };
}

/** The data of each event of a whole stream. */
function eventData(text: string): string[] {
  return text.split(/\r?\n\r?\n|\r\r/).map((event) =>
    event
      .split(/\r\n|\r|\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
      .join('\n'),
  );
}
