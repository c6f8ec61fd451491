/** One version of a server as the official registry shows it: server.json, and what the registry adds. */
import { shorten } from '../../../wire/value.js';
import { type Entry, serverState, type Version } from '../entry.js';
import type { NamedEntry } from './names.js';

/** The schema that `server` follows. */
const SCHEMA = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';
const OFFICIAL = 'io.modelcontextprotocol.registry/official';

const MAX_TEXT = 100;
const MAX_VERSION = 255;

export type Status = 'active' | 'deprecated' | 'deleted';

export type ServerResponse = {
  server: {
    $schema: string;
    name: string;
    title?: string;
    description: string;
    version: string;
    remotes: readonly { type: 'streamable-http'; url: string }[];
  };
  _meta: {
    [OFFICIAL]: {
      status: Status;
      statusMessage?: string;
      statusChangedAt: string;
      publishedAt: string;
      updatedAt: string;
      isLatest: boolean;
    };
  };
};

export const metaOf = ({ _meta }: ServerResponse) => _meta[OFFICIAL];

/** Newest first; the latest is the manifest's. */
export function responsesOf(namedEntry: NamedEntry): ServerResponse[] {
  const { entry, manifest, identity } = namedEntry;
  const { version, title } = manifest;
  const storedVersion = entry.versions.find((one) => one.version === version);
  const latest: Version = {
    version,
    ...(title === undefined ? {} : { title }),
    description: storedVersion?.description ?? '',
    // Clients are not sent to the URL of an identity that nobody has accepted.
    url: identity.url,
    publishedAt: storedVersion?.publishedAt ?? entry.addedAt,
    updatedAt: storedVersion?.updatedAt ?? entry.changedAt,
  };
  const versions = [latest, ...entry.versions].map((one) => responseOf(namedEntry, one, one === latest));
  // Each version once, because clients ask for it by its version.
  return [...new Map(versions.toReversed().map((one) => [one.server.version, one])).values()].toReversed();
}

function responseOf(namedEntry: NamedEntry, version: Version, isLatest: boolean): ServerResponse {
  const { name, entry } = namedEntry;
  const title = toLine(version.title ?? '');
  const status = statusOf(namedEntry, version);
  return {
    server: {
      $schema: SCHEMA,
      name,
      ...(title === '' ? {} : { title }),
      description: toLine(version.description) || title || name.slice(0, MAX_TEXT),
      version: version.version.slice(0, MAX_VERSION),
      remotes: [{ type: 'streamable-http', url: version.url }],
    },
    _meta: {
      [OFFICIAL]: {
        ...status,
        publishedAt: version.publishedAt,
        // Any change updates all versions: a mirror that asks for news must learn that a server was switched off or on.
        updatedAt: later(version.updatedAt, entry.changedAt),
        isLatest,
      },
    },
  };
}

/**
 * A server that is off or in quarantine is `deleted`, although that may end. A `deprecated` server would stay in every list
 * with a warning, but this one must not be used. A deleted server is in no list, and a mirror that asks for news removes it;
 * when it is `active` again, the mirror learns that too.
 */
function statusOf({ entry }: NamedEntry, { publishedAt }: Version) {
  const state = serverState(entry);
  const statusChangedAt = later(publishedAt, entry.use?.since ?? guessedChange(entry, publishedAt));
  if (state === 'on') return { status: 'active' as const, statusChangedAt };
  const held =
    entry.heldIdentity === undefined
      ? 'in quarantine until its text for models is accepted'
      : 'in quarantine until its new identity is accepted';
  // This API has no tokens, and reasons are only for people with the registry's scope.
  const statusMessage = state === 'quarantined' ? held : 'switched off';
  return { status: 'deleted' as const, statusMessage, statusChangedAt };
}

/** For an entry from before this was stored. */
function guessedChange(entry: Entry, publishedAt: string): string {
  const state = serverState(entry);
  if (state === 'quarantined') return entry.changedAt;
  return entry.switch?.at ?? (state === 'on' ? publishedAt : entry.changedAt);
}

function later(left: string, right: string): string {
  return Date.parse(left) < Date.parse(right) ? right : left;
}

function toLine(text: string): string {
  return shorten(text.replace(/\s+/gu, ' ').trim(), MAX_TEXT);
}
