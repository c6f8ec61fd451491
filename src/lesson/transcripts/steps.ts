/** The steps of a transcript, one after the other, as transcript.ts reads them and play.ts does them. */
import type { Expected, ExpectedText, Line } from './expected.js';

/**
 * `hasty` is a destructive one whose approvals hold for a second; `sessions` is the readonly server with legacy sessions on and small limits; `undecided` is one whose policy engine cannot be
 * reached.
 */
export const SERVERS = [
  'readonly',
  'destructive',
  'sessions',
  'undecided',
  'hasty',
  'registry',
  'authserver',
] as const;
export type ServerName = (typeof SERVERS)[number];

/** `name` is '' for an exchange without a name, and on stdio. */
export type Step =
  | { kind: 'send'; name: string; line: number; head: Line[]; body: Line[] | undefined; on?: ServerName }
  | { kind: 'write'; name: ''; line: number; text: string }
  | { kind: 'record'; name: ''; line: number; expected: ExpectedText & { kind: 'json' } }
  | { kind: 'expect'; name: string; line: number; expected: Expected }
  | { kind: 'close'; name: string; line: number }
  | { kind: 'end'; name: string; line: number };
