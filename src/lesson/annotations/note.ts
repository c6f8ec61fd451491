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
