/** Connections to the PostgreSQL server that holds the shared state, and transactions on them. */
import pg from 'pg';

export type PostgresPool = {
  pool: pg.Pool;
  /** A separate connection with the same limits. */
  client(): pg.Client;
  /** Commits when `work` resolves; otherwise closes the connection, which rolls back. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
};

const TIMEOUT_MS = 5_000;

export function createPostgresPool(url: string, connections: number): PostgresPool {
  const common = { connectionString: url, application_name: 'barewire', keepAlive: true };
  const limits = { connectionTimeoutMillis: TIMEOUT_MS, statement_timeout: TIMEOUT_MS };
  const pool = new pg.Pool({ ...common, ...limits, max: connections, allowExitOnIdle: true });
  // The pool drops an idle connection that was lost, and a query on a busy one fails.
  pool.on('error', () => undefined);
  return {
    pool,
    client: () => new pg.Client({ ...common, ...limits }),
    async transaction(work) {
      const client = await pool.connect();
      // A connection that breaks while in use must not end the process.
      const ignore = (): void => undefined;
      client.on('error', ignore);
      let hasFailed = true;
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        hasFailed = false;
        return result;
      } finally {
        client.off('error', ignore);
        client.release(hasFailed);
      }
    },
  };
}
