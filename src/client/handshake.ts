/**
 * Finds a revision that both sides speak: `server/discover` in the modern one, and `initialize` where the server does not know that.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { afterUnlessDone } from '../wire/clock.js';
import { FAULTS } from '../wire/fault.js';
import { metaOf, SERVER_INFO } from '../wire/mcp/meta.js';
import { MODERN, NEWEST_LEGACY, REVISIONS, type Revision, SUPPORTED } from '../wire/revisions.js';
import { isRecord, type JsonObject, preview } from '../wire/value.js';
import { ClientError, type ClientErrorKind } from './client-error.js';
import { DEFAULT_TIMEOUT_MS, type Peer } from './peer.js';
import type { ClientOptions } from './ports.js';

export type ServerFacts = { info: JsonObject; capabilities: JsonObject; instructions?: string };

/** How long a server on stdio may be silent before the client takes it for a legacy one. */
const PROBE_MS = 5_000;
/** A modern server says with these what is wrong. Any other error comes from a legacy one (2026-07-28/stdio/018). */
const MODERN_ERRORS: unknown[] = [FAULTS.headerMismatch.code, FAULTS.missingCapability.code];
/** What a server may do that does not know `server/discover`. */
const UNKNOWN: readonly ClientErrorKind[] = ['rpc', 'http', 'html', 'protocol'];

/** Settles the revision of `peer`. `silent`: the server may leave an unknown request unanswered, as on stdio. */
export async function shakeHands(peer: Peer, options: ClientOptions, silent: boolean): Promise<ServerFacts> {
  const { revision: pinnedRevision, era = pinnedRevision && REVISIONS[pinnedRevision].era } = options;
  // The era of a server stays what it was (2026-07-28/versioning/010).
  const legacyRevision = pinnedRevision ?? peer.transport.revision ?? NEWEST_LEGACY;
  if (era === 'legacy' || (peer.transport.revision !== undefined && peer.era === 'legacy'))
    return initialize(peer, options, legacyRevision);
  peer.transport.revision = MODERN;
  const discovery = await (silent && era === undefined
    ? discoverUnlessSilent(peer, options)
    : discover(peer));
  if (typeof discovery !== 'string') return discovery;
  if (era !== undefined) throw new ClientError('version', `the server does not speak ${MODERN}`);
  return initialize(peer, options, discovery);
}

/** What the server says of itself, or the legacy revision to begin with. */
async function discover(peer: Peer, again = false): Promise<ServerFacts | Revision> {
  try {
    const result = await peer.call('server/discover', {});
    const { supportedVersions, capabilities, serverInfo, instructions } = result;
    // Some legacy servers answer anything with an empty result.
    if (!Array.isArray(supportedVersions)) return NEWEST_LEGACY;
    const common = commonRevision(supportedVersions);
    if (REVISIONS[common].era === 'legacy') return common;
    return facts(metaOf(result)?.[SERVER_INFO] ?? serverInfo, capabilities, instructions);
  } catch (error) {
    if (!(error instanceof ClientError && UNKNOWN.includes(error.kind))) throw error;
    if (MODERN_ERRORS.includes(error.code)) throw error;
    if (error.code !== FAULTS.unsupportedVersion.code) return NEWEST_LEGACY;
    const common = commonRevision(isRecord(error.data) ? error.data.supported : undefined);
    if (REVISIONS[common].era === 'legacy') return common;
    if (again) throw error;
    return discover(peer, true);
  }
}

/** The newest revision that both speak (2026-07-28/versioning/003). @throws ClientError where there is none */
function commonRevision(serverRevisions: unknown): Revision {
  const revisions: unknown[] = Array.isArray(serverRevisions) ? serverRevisions : [];
  const common = SUPPORTED.find((revision) => revisions.includes(revision));
  if (common !== undefined) return common;
  const theirs = revisions.length === 0 ? 'none that it names' : revisions.slice(0, 10).join(', ');
  throw new ClientError('version', `the server speaks ${theirs}; this client speaks ${SUPPORTED.join(', ')}`);
}

/**
 * The same, where a legacy server may not answer at all. After a while `initialize` goes out too, and what is answered first counts: a
 * modern server that was slow to start answers the probe.
 */
async function discoverUnlessSilent(peer: Peer, options: ClientOptions): Promise<ServerFacts | Revision> {
  const probe = discover(peer);
  const silence = new Promise<undefined>((resolve) => {
    afterUnlessDone(Math.min(PROBE_MS, (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 2), () =>
      resolve(undefined),
    );
  });
  const early = await Promise.race([probe, silence]);
  if (early !== undefined) return early;
  const stop = new AbortController();
  let settled = false;
  const handshake = initialize(peer, options, NEWEST_LEGACY, stop.signal).finally(() => {
    settled = true;
  });
  const late = probe.then((outcome) => {
    if (settled || typeof outcome === 'string') return handshake;
    stop.abort();
    peer.transport.revision = MODERN;
    return outcome;
  });
  return Promise.any([handshake, late]).catch(() => handshake);
}

async function initialize(peer: Peer, options: ClientOptions, revision: Revision, signal?: AbortSignal) {
  peer.transport.revision = undefined;
  const { clientInfo } = options;
  const params = { protocolVersion: revision, capabilities: peer.capabilities, clientInfo };
  const result = await peer.call('initialize', params, { signal });
  const { protocolVersion, capabilities, serverInfo, instructions } = result;
  const ours = SUPPORTED.filter(
    (one) => REVISIONS[one].era === 'legacy' && one === (options.revision ?? one),
  );
  const agreedRevision = ours.find((one) => one === protocolVersion);
  if (agreedRevision === undefined) {
    const theirs = preview(protocolVersion);
    throw new ClientError('version', `the server wants to speak ${theirs}; this client: ${ours.join(', ')}`);
  }
  peer.transport.revision = agreedRevision;
  await peer.notify('notifications/initialized');
  const server = facts(serverInfo, capabilities, instructions);
  // Modern requests say the level in their `_meta`.
  if (options.logLevel !== undefined && server.capabilities.logging !== undefined)
    await peer.call('logging/setLevel', { level: options.logLevel });
  return server;
}

function facts(info: unknown, capabilities: unknown, instructions: unknown): ServerFacts {
  return {
    info: isRecord(info) ? info : {},
    capabilities: isRecord(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' && { instructions }),
  };
}
