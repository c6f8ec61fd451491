/** Which revision a client's message speaks: its own `_meta` says so, or the header, or what the handshake settled. */
import { CLIENT_CAPABILITIES, claimsModern, metaOf, PROTOCOL_VERSION } from '../../wire/mcp/meta.js';
import { isRevision, MODERN, NEWEST_LEGACY, REVISIONS, type Revision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';

export type RevisionClaim = {
  /** Undefined if the message names a revision that is unknown here. */
  revision: Revision | undefined;
  /** The name of the unknown revision. */
  unknownRevision?: string;
  /** The message itself says what it speaks. */
  own: boolean;
};

/** What the body alone says. */
export function revisionInBody(message: JsonObject): RevisionClaim | undefined {
  const params = isRecord(message.params) ? message.params : {};
  const meta = metaOf(params);
  if (claimsModern(meta)) {
    const version = meta[PROTOCOL_VERSION];
    if (typeof version !== 'string') return { revision: MODERN, own: true };
    return isRevision(version)
      ? { revision: version, own: true }
      : { revision: undefined, unknownRevision: version, own: true };
  }
  if (message.method !== 'initialize') return undefined;
  const proposal = params.protocolVersion;
  const isLegacy = isRevision(proposal) && REVISIONS[proposal].era === 'legacy';
  return { revision: isLegacy ? proposal : NEWEST_LEGACY, own: true };
}

/** A modern request lacks a member of `_meta` that it must have. */
export function lacksRequiredMeta(message: JsonObject): boolean {
  const meta = isRecord(message.params) ? metaOf(message.params) : undefined;
  return meta?.[PROTOCOL_VERSION] === undefined || meta[CLIENT_CAPABILITIES] === undefined;
}
