/** Connections to a PostgreSQL server for state that replicas share, and work on them in one piece. */
import pg from 'pg';

export type PostgresPool = {
  pool: pg.Pool;
  /** A connection of its own with the same limits. */
  client(): pg.Client;
  /** All of `work` or nothing. Its connection is given up when anything went wrong. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
};

const TIMEOUT_MS = 5_000;

export function createPostgresPool(url: string, connections: number): PostgresPool {
  const common = { connectionString: url, application_name: 'barewire', keepAlive: true };
  const limits = { connectionTimeoutMillis: TIMEOUT_MS, statement_timeout: TIMEOUT_MS };
  const pool = new pg.Pool({ ...common, ...limits, max: connections, allowExitOnIdle: true });
  // A connection was lost: an idle one the pool has let go of, and whoever uses one is told otherwise.
  pool.on('error', () => undefined);
  return {
    pool,
    client: () => new pg.Client({ ...common, ...limits }),
    async transaction(work) {
      const client = await pool.connect();
      // A connection that breaks under its user must not end the process.
      const broken = (): void => undefined;
      client.on('error', broken);
      let lost = true;
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        lost = false;
        return result;
      } finally {
        client.off('error', broken);
        // Whatever was not committed is undone with its connection.
        client.release(lost);
      }
    },
  };
}
