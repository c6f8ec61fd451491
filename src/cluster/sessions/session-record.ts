/** One session as all replicas see it. */
import { isLogLevel, type LogLevel } from '../../wire/mcp/definitions.js';
import { isRevision, type Revision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';

export type SessionRecord = {
  /** Grows with each change, so that an older one never takes the place of a newer one. */
  version: number;
  principal: string;
  revision: Revision;
  capabilities: JsonObject;
  client?: string;
  logLevel: LogLevel;
  watched: string[];
  /** The GET stream that changes are told over, whichever replica holds it. */
  listener?: string;
  /** The replicas that have taken it up. */
  holders: string[];
  /** Who made the newest change, and its name: for those who have to say that they saw it. */
  by?: string;
  change?: string;
  /** Shortly after its end, so that all see who ended it. */
  ended?: true;
};

/** Undefined for what is no record. */
export function readRecord(value: JsonObject | undefined): SessionRecord | undefined {
  if (value === undefined) return undefined;
  const { version, principal, revision, capabilities, client, logLevel, watched, listener, holders } = value;
  if (typeof version !== 'number' || typeof principal !== 'string') return undefined;
  if (typeof revision !== 'string' || !isRevision(revision) || !isLogLevel(logLevel)) return undefined;
  if (!isRecord(capabilities) || !Array.isArray(watched)) return undefined;
  return {
    version,
    principal,
    revision,
    capabilities,
    ...(typeof client === 'string' ? { client } : {}),
    logLevel,
    watched: watched.filter((uri) => typeof uri === 'string'),
    ...(typeof listener === 'string' ? { listener } : {}),
    holders: Array.isArray(holders) ? holders.filter((one) => typeof one === 'string') : [],
    ...(typeof value.by === 'string' ? { by: value.by } : {}),
    ...(typeof value.change === 'string' ? { change: value.change } : {}),
    ...(value.ended === true ? { ended: true } : {}),
  };
}
