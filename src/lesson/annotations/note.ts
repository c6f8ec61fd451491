/** A note beside something on the wire: what it is, which clause asks for it, and which file handles it. */
import type { Era } from '../../wire/revisions.js';

export type Note = {
  what: string;
  /** Ids of spec-fixtures/requirements.json. */
  clause?: string;
  /** Where no MCP document speaks of it. */
  elsewhere?: string;
  file?: string;
  /** What the line in that file holds which handles it. */
  at?: string;
};

/** A row of the tables; the clause for each era, the same thing having two. */
export type NoteRow = {
  what: string;
  /** What is to be said of it to a legacy client, where that is something else. */
  before?: string;
  modern?: string;
  legacy?: string;
  elsewhere?: string;
  file?: string;
  /** What the line in that file holds which handles it. */
  at?: string;
};

export type NoteRows = { readonly [key: string]: NoteRow };

/** Chapters of requirements.json and where their pages are. */
const PAGES: { [chapter: string]: string } = {
  '2026-07-28/basic': 'basic/index',
  '2026-07-28/versioning': 'basic/versioning',
  '2026-07-28/streamable-http': 'basic/transports/streamable-http',
  '2026-07-28/mrtr': 'basic/patterns/mrtr',
  '2026-07-28/subscriptions': 'basic/patterns/subscriptions',
  '2026-07-28/progress': 'basic/patterns/progress',
  '2026-07-28/authorization': 'basic/authorization/index',
  '2026-07-28/authorization-server-discovery': 'basic/authorization/authorization-server-discovery',
  '2026-07-28/discover': 'server/discover',
  '2026-07-28/tools': 'server/tools',
  '2026-07-28/caching': 'server/utilities/caching',
  '2026-07-28/logging': 'server/utilities/logging',
  '2026-07-28/pagination': 'server/utilities/pagination',
  '2025-11-25/basic': 'basic/index',
  '2025-11-25/lifecycle': 'basic/lifecycle',
  '2025-11-25/transports': 'basic/transports',
  '2025-11-25/authorization': 'basic/authorization',
  '2025-11-25/cancellation': 'basic/utilities/cancellation',
  '2025-11-25/ping': 'basic/utilities/ping',
  '2025-11-25/progress': 'basic/utilities/progress',
  '2025-11-25/pagination': 'server/utilities/pagination',
  '2025-11-25/tools': 'server/tools',
};

/** The clause of the era that is spoken; of the other one where only that has one. */
export function noteOf({ what, before, modern, legacy, elsewhere, file, at }: NoteRow, era: Era): Note {
  const clause = era === 'modern' ? (modern ?? legacy) : (legacy ?? modern);
  return {
    what: era === 'legacy' ? (before ?? what) : what,
    ...(clause === undefined ? {} : { clause }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(file === undefined ? {} : { file }),
    ...(at === undefined ? {} : { at }),
  };
}

export function pageOf(clause: string): string | undefined {
  const [revision = '', chapter = ''] = clause.split('/');
  const page = PAGES[`${revision}/${chapter}`];
  return page && `https://modelcontextprotocol.io/specification/${revision}/${page}`;
}
