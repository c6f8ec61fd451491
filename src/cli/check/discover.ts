/** Finds out what a server offers in each era: its revisions, its capabilities and its lists. It changes nothing. */
import { type Era, MODERN, type Revision, SUPPORTED } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CheckError, type Connection, handshake, type Reply } from './connection.js';
import { headerOf, replyProblem } from './problems.js';
import type { Offer } from './report.js';

export type Discovery = {
  offers: Offer[];
  revisions: string[];
  /** Whether both eras were asked for, and only the newer one is spoken. */
  modernOnly: boolean;
  /** Whether a request without a token is refused with 401, and with what. */
  challenge: Reply | undefined;
};

/** Pages of one list, and items of all its pages. */
const MAX_PAGES = 50;
const MAX_ITEMS = 2_000;

/** @throws CheckError if the other side is no MCP server of an era that was asked for */
export async function discover(
  connection: Connection,
  eras: readonly Era[],
  proposal: Revision,
): Promise<Discovery> {
  const offers: Offer[] = [];
  const problems: string[] = [];
  let challenge: Reply | undefined;
  let refused = false;
  const revisions = new Set<string>();
  for (const era of eras) {
    let first = await openingReply(connection, era, proposal);
    if (first.status === 401) {
      challenge ??= first;
      if (!refused && (await connection.signIn(first))) first = await openingReply(connection, era, proposal);
      refused = first.status === 401;
    }
    const result = isRecord(first.message?.result) ? first.message.result : undefined;
    const offer =
      result && (era === 'modern' ? modernOffer(result, revisions) : legacyOffer(result, first, connection));
    if (offer === undefined) problems.push(problemOf(first, connection, era));
    else {
      revisions.add(offer.revision);
      if (era === 'legacy') await initialized(connection, offer.revision);
      offers.push(await withLists(connection, offer));
    }
  }
  if (offers.length > 0 && challenge === undefined && connection.url !== undefined)
    challenge = await anonymousChallenge(connection, offers[0], proposal);
  if (offers.length === 0 && challenge === undefined)
    throw new CheckError(
      `${nameOf(connection)} is not an MCP server that can be checked: ${[...new Set(problems)].join('; ')}`,
    );
  const modernOnly = eras.length > 1 && offers.length === 1 && offers[0]?.era === 'modern';
  return { offers, modernOnly, revisions: [...revisions].sort().reverse(), challenge };
}

const nameOf = ({ url }: Connection) => url?.href ?? 'the process';

function openingReply(connection: Connection, era: Era, proposal: Revision): Promise<Reply> {
  if (era === 'legacy') return connection.ask(handshake(proposal));
  return connection.ask({ era, revision: MODERN, method: 'server/discover' });
}

function modernOffer(result: JsonObject, revisions: Set<string>): Offer | undefined {
  const versions = Array.isArray(result.supportedVersions) ? result.supportedVersions.map(String) : [];
  for (const version of versions) if (SUPPORTED.some((one) => one === version)) revisions.add(version);
  // Even a server of older revisions may answer, to say which ones they are.
  if (versions.length > 0 ? !versions.includes(MODERN) : !isRecord(result.capabilities)) return undefined;
  const meta = isRecord(result._meta) ? result._meta : {};
  const server = meta['io.modelcontextprotocol/serverInfo'];
  return {
    era: 'modern',
    revision: MODERN,
    server: isRecord(server) ? server : {},
    capabilities: isRecord(result.capabilities) ? result.capabilities : {},
  };
}

function legacyOffer(result: JsonObject, reply: Reply, connection: Connection): Offer | undefined {
  const { protocolVersion, serverInfo, capabilities } = result;
  if (typeof protocolVersion !== 'string') return undefined;
  connection.session = headerOf(reply.headers, 'mcp-session-id');
  connection.agreedRevision = protocolVersion;
  return {
    era: 'legacy',
    revision: protocolVersion,
    server: isRecord(serverInfo) ? serverInfo : {},
    capabilities: isRecord(capabilities) ? capabilities : {},
  };
}

async function initialized(connection: Connection, revision: string): Promise<void> {
  await connection.ask({ era: 'legacy', revision, method: 'notifications/initialized', notification: true });
}

/** Opens a new session where the server keeps sessions. */
export async function openSession(connection: Connection, proposal: Revision): Promise<void> {
  const reply = await connection.ask(handshake(proposal));
  const result = isRecord(reply.message?.result) ? reply.message.result : {};
  connection.session = headerOf(reply.headers, 'mcp-session-id');
  await initialized(connection, String(result.protocolVersion ?? proposal));
}

async function anonymousChallenge(
  connection: Connection,
  offer: Offer | undefined,
  proposal: Revision,
): Promise<Reply | undefined> {
  const opening =
    offer?.era === 'modern'
      ? { era: 'modern' as const, revision: MODERN, method: 'server/discover' }
      : handshake(proposal);
  const reply = await connection.ask({ ...opening, anonymous: true });
  return reply.status === 401 ? reply : undefined;
}

function problemOf(reply: Reply, connection: Connection, era: Era): string {
  const problem = connection.url && replyProblem(reply, connection.url);
  if (problem !== undefined) return problem;
  const { message } = reply;
  const error = isRecord(message?.error) ? message.error : {};
  const opening = era === 'modern' ? 'server/discover' : 'initialize';
  return `it answered ${opening} with ${error.code === undefined ? 'no usable result' : `error ${error.code}: ${error.message}`}`;
}

async function withLists(connection: Connection, offer: Offer): Promise<Offer> {
  const { capabilities } = offer;
  const list = (method: string, member: string) => listAll(connection, offer, method, member);
  return {
    ...offer,
    ...(isRecord(capabilities.tools) ? { tools: await list('tools/list', 'tools') } : {}),
    ...(isRecord(capabilities.resources)
      ? {
          resources: await list('resources/list', 'resources'),
          templates: await list('resources/templates/list', 'resourceTemplates'),
        }
      : {}),
    ...(isRecord(capabilities.prompts) ? { prompts: await list('prompts/list', 'prompts') } : {}),
  };
}

/** All pages. A list that fails is empty here; the transcript about it says why. */
async function listAll(
  connection: Connection,
  offer: Offer,
  method: string,
  member: string,
): Promise<JsonObject[]> {
  const { era, revision } = offer;
  const items: JsonObject[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES && items.length < MAX_ITEMS; page += 1) {
    const params = typeof cursor === 'string' ? { cursor } : {};
    const { message } = await connection.ask({ era, revision, method, params });
    const result = isRecord(message?.result) ? message.result : {};
    const found = result[member];
    if (Array.isArray(found)) items.push(...found.filter(isRecord));
    if (typeof result.nextCursor !== 'string' || result.nextCursor === cursor) break;
    cursor = result.nextCursor;
  }
  return items;
}
