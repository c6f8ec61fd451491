/**
 * postgres.readonly: runs the caller's SELECT, VALUES, TABLE or WITH ... SELECT on the demo schema. database/read-only.ts
 * makes sure that it can only read; this file turns PostgreSQL's errors into messages that a caller can act on.
 */

import { defineTool, type Tool, type ToolContext, ToolError } from '../../wire/mcp/definitions.js';
import { type Database, type ResultSet, SqlFailed, SqlRefused } from '../database/database.js';
import { objectOf } from './schema.js';

type Args = { sql: string; params?: (string | number | boolean | null)[] };

export type PostgresLimits = {
  /** Milliseconds that a statement may run. */
  deadlineMs: number;
  maxRows: number;
};

const TICK_MS = 500;

const TABLES =
  'customers, products, orders, order_items, employees, services, on_call, projects, issues, issue_comments, ' +
  'incidents, incident_events';

export function postgresReadonly(database: Database, { deadlineMs, maxRows }: PostgresLimits): Tool {
  return defineTool<Args>({
    name: 'postgres.readonly',
    title: 'Query PostgreSQL, read-only',
    description:
      'Runs one SELECT, VALUES, TABLE or WITH ... SELECT statement on a PostgreSQL database and returns its rows. ' +
      `The schema "demo" holds the tables ${TABLES}; their columns are in information_schema.columns. Values go ` +
      `into "params" and are written $1, $2 in the statement. At most ${maxRows} rows come back, and a statement ` +
      `is ended after ${deadlineMs} ms. bigint and numeric values come as text, and so do numbers within json and ` +
      'jsonb that a double cannot hold.',
    scope: 'postgres:query:readonly',
    destructive: false,
    annotations: {
      title: 'Query PostgreSQL, read-only',
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: objectOf(
      {
        sql: {
          type: 'string',
          minLength: 1,
          maxLength: 10_000,
          description: 'One statement.',
          examples: ['select status, count(*) from demo.orders where total_cents > $1 group by status'],
        },
        params: {
          type: 'array',
          maxItems: 100,
          items: { anyOf: ['string', 'number', 'boolean', 'null'].map((type) => ({ type })) },
          description: 'The values of $1, $2 and so on.',
          examples: [[10_000]],
        },
      },
      ['sql'],
    ),
    outputSchema: objectOf(
      {
        columns: {
          type: 'array',
          items: objectOf({
            name: { type: 'string' },
            type: { type: 'string', description: 'As PostgreSQL names it.' },
          }),
        },
        rows: {
          type: 'array',
          items: { type: 'array' },
          description: 'One array a row, in the order of columns.',
        },
        rowCount: { type: 'integer', minimum: 0, description: 'How many rows came back.' },
        truncated: { type: 'boolean', description: 'Whether there are more rows than came back.' },
        notice: { type: 'string' },
      },
      ['columns', 'rows', 'rowCount', 'truncated'],
    ),
    async handler({ sql, params = [] }, { signal, tenantKey, progress, waitFor }) {
      const { onStart, stop } = reportTime(deadlineMs, progress);
      const limits = { deadlineMs, maxRows, signal, tenantKey };
      const { columns, rows, truncated } = await read(sql, () =>
        database.read(sql, params, { ...limits, waitFor, onStart }),
      ).finally(stop);
      const notice = `only the first ${rows.length} rows are here; narrow the statement or page with LIMIT and OFFSET`;
      return {
        structuredContent: { columns, rows, rowCount: rows.length, truncated, ...(truncated && { notice }) },
      };
    },
  });
}

// PostgreSQL does not report progress, so this reports how much of the statement's time is gone.
function reportTime(deadlineMs: number, progress: ToolContext['progress']) {
  let elapsedMs = 0;
  let waitedMs: number | undefined;
  const timer = setInterval(() => {
    elapsedMs += TICK_MS;
    if (waitedMs === undefined) {
      progress(elapsedMs, undefined, `waiting for its turn: ${elapsedMs / 1000} s`);
      return;
    }
    const ranMs = elapsedMs - waitedMs;
    if (ranMs > deadlineMs) return;
    progress(
      elapsedMs,
      waitedMs + deadlineMs,
      `running: ${ranMs / 1000} s of at most ${deadlineMs / 1000} s`,
    );
  }, TICK_MS);
  const onStart = (): void => {
    waitedMs = elapsedMs;
  };
  return { onStart, stop: () => clearInterval(timer) };
}

async function read(sql: string, run: () => Promise<ResultSet>): Promise<ResultSet> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SqlRefused) throw new ToolError(`refused: ${error.message}`, { cause: error });
    if (error instanceof SqlFailed) throw new ToolError(explain(sql, error), { cause: error });
    throw error;
  }
}

function explain(sql: string, { message, sqlState, position }: SqlFailed): string {
  const state = sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`;
  // The caller wrote no DECLARE CURSOR; read-only.ts did.
  const text = message.replace(/^DECLARE (?:SCROLL )?CURSOR/, 'a statement that only reads');
  if (position === undefined) return `PostgreSQL says: ${text}${state}`;
  // PostgreSQL counts characters, not UTF-16 units.
  const word = Array.from(sql)
    .slice(position - 1)
    .join('')
    .match(/^(?:[\p{L}\p{N}_$.]{1,40}|[^\s])/u)?.[0];
  return `PostgreSQL says: ${text}${state}, at character ${position}${word === undefined ? ', the end' : `: ${word}`}`;
}
