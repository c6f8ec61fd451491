/**
 * The registry in PostgreSQL, shared by replicas: a table of entries, one of changes, and a channel for notifications. The
 * replica that holds an advisory lock checks the servers; it loses the lock with its connection.
 */
import type pg from 'pg';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { createPostgresPool } from '../../../cluster/state/postgres-pool.js';
import { StateChannel } from '../../../cluster/state/state-channel.js';
import type { OnError } from '../../../wire/log.js';
import { isRecord } from '../../../wire/value.js';
import type { Change, Entry } from '../entry.js';
import { NameTaken, type Store, stamp } from './store.js';

const SPACE = 'registry';
/** Advisory locks; no other program uses these numbers. */
const SET_UP_LOCK = 7_236_202;
const LEAD_LOCK = 7_236_203;
const PAGE_SIZE = 500;

// Text, because jsonb refuses characters that a manifest may contain: NUL, and half surrogate pairs.
const SET_UP = `
  CREATE SCHEMA IF NOT EXISTS barewire;
  CREATE SEQUENCE IF NOT EXISTS barewire.registry_seq;
  CREATE TABLE IF NOT EXISTS barewire.registry_entries (address text PRIMARY KEY, name text NOT NULL UNIQUE, entry text NOT NULL);
  CREATE TABLE IF NOT EXISTS barewire.registry_changes (seq bigint PRIMARY KEY, address text NOT NULL, change text NOT NULL);
  CREATE INDEX IF NOT EXISTS registry_changes_by_address ON barewire.registry_changes (address, seq DESC);`;
const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('registry' || chr(31) || $1, 0))";
const READ = 'SELECT entry FROM barewire.registry_entries WHERE address = $1';
const PUT = `INSERT INTO barewire.registry_entries (address, name, entry) VALUES ($1, $2, $3)
  ON CONFLICT (address) DO UPDATE SET name = excluded.name, entry = excluded.entry`;
const INSERT = 'INSERT INTO barewire.registry_changes (seq, address, change) VALUES ($1, $2, $3)';
const PAGE =
  'SELECT address, entry FROM barewire.registry_entries WHERE address > $1 ORDER BY address LIMIT $2';
const HISTORY = `SELECT change FROM barewire.registry_changes
  WHERE ($1::text IS NULL OR address = $1) AND seq < $2 AND seq > $3 ORDER BY seq DESC LIMIT $4`;
const MAX_SEQ = '9223372036854775807';

export function createPostgresStore(url: string, onError: OnError): Store {
  const { pool, client: connection, transaction } = createPostgresPool(url, 4);
  const channel = new StateChannel(connection, onError);
  let setUp: Promise<void> | undefined;
  let leader: pg.Client | undefined;
  let leading: Promise<boolean> | undefined;
  let closing: Promise<void> | undefined;

  function ready(): Promise<void> {
    setUp ??= transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SET_UP_LOCK]);
      await client.query(SET_UP);
    }).catch((error: unknown) => {
      // The next call tries again.
      setUp = undefined;
      throw error;
    });
    return setUp;
  }

  async function write(client: pg.PoolClient, address: string, put: Parameters<typeof stamp>[1]) {
    const { rows } = await client.query(
      "SELECT nextval('barewire.registry_seq') AS seq FROM generate_series(1, $1)",
      [put.details.length],
    );
    // Other replicas draw numbers at the same time, so there may be gaps.
    const seqs = rows.map((row: unknown) => Number(isRecord(row) ? row.seq : 0));
    const { entry, changes } = stamp(address, put, seqs);
    for (const change of changes) await client.query(INSERT, [change.seq, address, JSON.stringify(change)]);
    if (entry === undefined)
      await client.query('DELETE FROM barewire.registry_entries WHERE address = $1', [address]);
    else
      await client.query(PUT, [address, entry.name, JSON.stringify(entry)]).catch((error: unknown) => {
        throw isUniqueViolation(error) ? new NameTaken(entry.name) : error;
      });
    await channel.tell(client, SPACE, address);
    return { entry, changes };
  }

  /** If the work fails, nothing was stored. */
  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      await ready();
      return await work();
    } catch (cause) {
      if (cause instanceof NameTaken) throw cause;
      throw new StateUnavailable('the registry cannot be kept or read just now', { cause });
    }
  }

  async function lead(): Promise<boolean> {
    if (leader !== undefined) return true;
    await ready();
    const client = connection();
    client.on('error', () => undefined);
    client.once('end', () => {
      if (leader === client) leader = undefined;
    });
    await client.connect();
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS held', [LEAD_LOCK]);
    const holds = rows[0].held === true;
    if (holds) leader = client;
    else await client.end();
    return holds;
  }

  return {
    load: (each) =>
      attempt(async () => {
        for (let last = ''; ; ) {
          const { rows } = await pool.query(PAGE, [last, PAGE_SIZE]);
          for (const row of rows) {
            const entry = entryIn(row);
            if (entry !== undefined) each(entry);
          }
          if (rows.length < PAGE_SIZE) return;
          last = String(rows.at(-1).address);
        }
      }),
    get: (address) => attempt(async () => entryIn((await pool.query(READ, [address])).rows[0])),
    update: (address, step) =>
      attempt(() =>
        transaction(async (client) => {
          await client.query(LOCK, [address]);
          const before = entryIn((await client.query(READ, [address])).rows[0]);
          const { result, put } = step(before);
          if (put === undefined) return { result, entry: before, changes: [] };
          return { result, ...(await write(client, address, put)) };
        }),
      ),
    history: ({ address, before = MAX_SEQ, after = 0, limit }) =>
      attempt(async () => {
        const { rows } = await pool.query(HISTORY, [address ?? null, before, after, limit]);
        return rows.map((row: unknown): Change => JSON.parse(isRecord(row) ? String(row.change) : 'null'));
      }),
    watch: (listener) => channel.watch(SPACE, listener),
    leads() {
      // One attempt at a time: of two sessions, the lock would refuse one.
      leading ??= lead().finally(() => {
        leading = undefined;
      });
      return leading;
    },
    ready: () => attempt(async () => void (await pool.query('SELECT'))),
    close() {
      closing ??= channel.close().then(async () => {
        // A pending attempt may still get the lock.
        await leading?.catch(() => undefined);
        await leader?.end().catch(() => undefined);
        await pool.end();
      });
      return closing;
    },
  };
}

/** An existing address is updated, so only the name can violate uniqueness. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

function entryIn(row: unknown): Entry | undefined {
  // Only this program writes the table.
  return isRecord(row) && typeof row.entry === 'string' ? (JSON.parse(row.entry) as Entry) : undefined;
}
