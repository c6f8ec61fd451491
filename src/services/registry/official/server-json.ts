/** One version of a server as the official registry shows it: what server.json says of it, and what the registry adds. */
import { shorten } from '../../../wire/value.js';
import { serverState, type Version } from '../entry.js';
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

/** Newest first; the latest is what the manifest tells of. */
export function responsesOf(named: NamedEntry): ServerResponse[] {
  const { entry, manifest, identity } = named;
  const { version, title } = manifest;
  const told = entry.versions.find((one) => one.version === version);
  const latest: Version = {
    version,
    ...(title === undefined ? {} : { title }),
    description: told?.description ?? '',
    // Of an identity that nobody has accepted, nobody is sent to the URL.
    url: identity.url,
    publishedAt: told?.publishedAt ?? entry.addedAt,
    updatedAt: told?.updatedAt ?? entry.changedAt,
  };
  const versions = [latest, ...entry.versions].map((one) => responseOf(named, one, one === latest));
  // By its version each is asked for, so each is there once, and the latest as it is told here.
  return [...new Map(versions.toReversed().map((one) => [one.server.version, one])).values()].toReversed();
}

function responseOf(named: NamedEntry, version: Version, isLatest: boolean): ServerResponse {
  const { name, entry } = named;
  const title = line(version.title ?? '');
  const status = statusOf(named, version);
  return {
    server: {
      $schema: SCHEMA,
      name,
      ...(title === '' ? {} : { title }),
      description: line(version.description) || title || name.slice(0, MAX_TEXT),
      version: version.version.slice(0, MAX_VERSION),
      remotes: [{ type: 'streamable-http', url: version.url }],
    },
    _meta: {
      [OFFICIAL]: {
        ...status,
        publishedAt: version.publishedAt,
        // Of every version whenever anything changed. A mirror that asks what is new must hear that a server was switched
        // off or on, which is said of all of its versions; what it reads in vain costs it little.
        updatedAt: later(version.updatedAt, entry.changedAt),
        isLatest,
      },
    },
  };
}

/**
 * Switched off and in quarantine are both `deleted`, although both may end. `deprecated` still stands in every list and
 * only warns, while of these servers nothing may be used now. What is deleted is in no list, and a mirror that asks what
 * is new is told of it and takes it away; when it is `active` again the mirror is told that as well.
 */
function statusOf({ entry }: NamedEntry, { publishedAt }: Version) {
  const { changedAt, switch: switched } = entry;
  const state = serverState(entry);
  if (state === 'quarantined')
    return {
      status: 'deleted' as const,
      statusMessage:
        entry.heldIdentity === undefined
          ? 'in quarantine until what it tells models is accepted'
          : 'in quarantine until its new identity is accepted',
      statusChangedAt: changedAt,
    };
  if (state === 'on') return { status: 'active' as const, statusChangedAt: switched?.at ?? publishedAt };
  // Reasons are for people with the registry's scope, and this API has no tokens.
  return {
    status: 'deleted' as const,
    statusMessage: 'switched off',
    statusChangedAt: switched?.at ?? changedAt,
  };
}

function later(left: string, right: string): string {
  return Date.parse(left) < Date.parse(right) ? right : left;
}

function line(text: string, most = MAX_TEXT): string {
  return shorten(text.replace(/\s+/gu, ' ').trim(), most);
}
