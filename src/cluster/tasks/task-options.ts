/** What tasks are made with, and how many are kept. */

import type { After } from '../../wire/clock.js';
import type { Changes } from '../../wire/mcp/changes.js';

export type TaskOptions = {
  after: After;
  clock: () => Date;
  newId: () => string;
  changes: Changes;
  /** Characters of outcomes that are kept for clients to fetch; the oldest make room. */
  maxKept?: number;
  /** The JSON-RPC error for something that is not the work's own answer. */
  errorOf: (error: unknown) => { code: number; message: string; data?: unknown };
  /** Tasks of one principal; a tenth of all unless given. */
  perPrincipal?: number | undefined;
};

export const MAX_TASKS = 10_000;
