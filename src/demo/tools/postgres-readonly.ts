/**
 * postgres.readonly: one SELECT, VALUES, TABLE or WITH ... SELECT of the caller's own over the demo schema. That it
 * can only read is the work of store/read-only.ts; here PostgreSQL's answers become words a caller can act on.
 */

import { defineTool, type Tool, type ToolContext, ToolError } from '../../wire/mcp/definitions.js';
import { type Database, type ResultSet, SqlFailed, SqlRefused } from '../database/database.js';

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
    inputSchema: {
      type: 'object',
      properties: {
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
      required: ['sql'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        columns: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              type: { type: 'string', description: 'As PostgreSQL names it.' },
            },
            required: ['name', 'type'],
            additionalProperties: false,
          },
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
      required: ['columns', 'rows', 'rowCount', 'truncated'],
      additionalProperties: false,
    },
    async handler({ sql, params = [] }, { signal, tenantKey, progress, waitFor }) {
      const { onStart, stop } = tellTime(deadlineMs, progress);
      const limits = { deadlineMs, maxRows, signal, tenant: tenantKey };
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

// How far a statement is, PostgreSQL does not tell; how much of its time is gone, we can, once its turn has come.
function tellTime(deadlineMs: number, progress: ToolContext['progress']) {
  let goneMs = 0;
  let waitedMs: number | undefined;
  const timer = setInterval(() => {
    goneMs += TICK_MS;
    if (waitedMs === undefined) {
      progress(goneMs, undefined, `waiting for its turn: ${goneMs / 1000} s`);
      return;
    }
    const ranMs = goneMs - waitedMs;
    if (ranMs > deadlineMs) return;
    progress(goneMs, waitedMs + deadlineMs, `running: ${ranMs / 1000} s of at most ${deadlineMs / 1000} s`);
  }, TICK_MS);
  const onStart = (): void => {
    waitedMs = goneMs;
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
  // The caller wrote no DECLARE CURSOR: that is how the statement is run.
  const said = message.replace(/^DECLARE (?:SCROLL )?CURSOR/, 'a statement that only reads');
  if (position === undefined) return `PostgreSQL says: ${said}${state}`;
  // PostgreSQL counts characters, of which JavaScript stores some as two.
  const word = Array.from(sql)
    .slice(position - 1)
    .join('')
    .match(/^(?:[\p{L}\p{N}_$.]{1,40}|[^\s])/u)?.[0];
  return `PostgreSQL says: ${said}${state}, at character ${position}${word === undefined ? ', the end' : `: ${word}`}`;
}
