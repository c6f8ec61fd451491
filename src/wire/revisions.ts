/**
 * The MCP revisions that we serve, newest first, and what a server may send in each. To see how two revisions differ, read
 * this table; the code looks features up here and never compares dates.
 */

export type Era = 'modern' | 'legacy';

export type Features = {
  era: Era;
  /** JSON-RPC batches (2025-03-26/basic/001). */
  batches: boolean;
  /** `annotations` on tools, audio content, `message` in progress (absent in 2024-11-05). */
  annotations: boolean;
  /** The `completions` capability (2025-03-26/completion/001). */
  completions: boolean;
  /** `title`, `outputSchema`, `structuredContent` and resource links (2025-06-18/tools/001 to /003). */
  structured: boolean;
  /** `structuredContent` and `outputSchema` of any JSON type, not just objects (2026-07-28/tools/029). */
  structuredAny: boolean;
  /** How to report bad tool arguments: a result with `isError`, or error -32602 (2025-06-18/tools/005). */
  badArguments: 'result' | 'error';
  /** `all`: forms, pages, a model with tools. `plain`: forms of plain fields, a model without tools. `none`: only a model without tools. */
  questions: 'all' | 'plain' | 'none';
  spec: string;
};

const SITE = 'https://modelcontextprotocol.io/specification';

const LATEST: Features = {
  era: 'modern',
  batches: false,
  annotations: true,
  completions: true,
  structured: true,
  structuredAny: true,
  badArguments: 'result',
  questions: 'all',
  spec: `${SITE}/2026-07-28`,
};
// Each older revision, by how it differs from the one after it.
const NOVEMBER: Features = { ...LATEST, era: 'legacy', structuredAny: false, spec: `${SITE}/2025-11-25` };
const JUNE: Features = {
  ...NOVEMBER,
  badArguments: 'error',
  questions: 'plain',
  spec: `${SITE}/2025-06-18`,
};
const MARCH: Features = {
  ...JUNE,
  batches: true,
  structured: false,
  questions: 'none',
  spec: `${SITE}/2025-03-26`,
};
const FIRST: Features = {
  ...MARCH,
  batches: false,
  annotations: false,
  completions: false,
  spec: `${SITE}/2024-11-05`,
};

export const REVISIONS = {
  '2026-07-28': LATEST,
  '2025-11-25': NOVEMBER,
  '2025-06-18': JUNE,
  '2025-03-26': MARCH,
  '2024-11-05': FIRST,
};

export type Revision = keyof typeof REVISIONS;

export const SUPPORTED = Object.keys(REVISIONS) as Revision[];
export const MODERN: Revision = '2026-07-28';
export const NEWEST_LEGACY: Revision = '2025-11-25';
/** The revision of an HTTP request without a version header (2025-11-25/transports/064). */
export const WITHOUT_HEADER: Revision = '2025-03-26';

export function isRevision(value: unknown): value is Revision {
  return typeof value === 'string' && Object.hasOwn(REVISIONS, value);
}
