/** A note explains one thing on the wire: what it is, which clause requires it, and which line of the source handles it. */
import type { Era } from '../../wire/revisions.js';

export type Note = {
  what: string;
  /** An id in spec-fixtures/requirements.json. */
  clause?: string;
  /** The document that defines it, if no MCP document does. */
  elsewhere?: string;
  file?: string;
  /** Text of the line in that file. */
  at?: string;
};

/** A row of the tables, with a clause for each era. */
export type NoteRow = {
  what: string;
  /** Replaces `what` for a legacy client. */
  before?: string;
  modern?: string;
  legacy?: string;
  elsewhere?: string;
  /** The file that handles it, and a part of the line in that file. */
  source?: readonly [file: string, at: string];
};

export type NoteRows = { readonly [key: string]: NoteRow };

/** The page of the specification for each chapter of requirements.json. */
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

/** With the clause of this era, or of the other one if this era has none. */
export function noteOf({ what, before, modern, legacy, elsewhere, source }: NoteRow, era: Era): Note {
  const clause = era === 'modern' ? (modern ?? legacy) : (legacy ?? modern);
  return {
    what: era === 'legacy' ? (before ?? what) : what,
    ...(clause === undefined ? {} : { clause }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(source === undefined ? {} : { file: source[0], at: source[1] }),
  };
}

export function pageOf(clause: string): string | undefined {
  const [revision = '', chapter = ''] = clause.split('/');
  const page = PAGES[`${revision}/${chapter}`];
  return page && `https://modelcontextprotocol.io/specification/${revision}/${page}`;
}
