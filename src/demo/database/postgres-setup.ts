/**
 * Sets up a PostgreSQL server over its owner's connection: the schema `demo` with its rows if there is none, and a login
 * role that may only read it. Safe to repeat, and to run from several replicas at once. It revokes nothing from PUBLIC,
 * because other programs may use the server.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { demoScript } from '../data/seed.js';

const READER = 'barewire_reader';
const NAME_BYTES = 63;

/** Any number, the same in all replicas. */
const LOCK = 7_226_191_135;
/** Another replica may be doing the set-up, which takes a few seconds. */
const LOCK_MS = 15_000;
const STATEMENT_MS = 60_000;

/** Roles belong to the whole cluster, so each database gets its own reader. */
export function readerName(database: string): string {
  const name = `${READER}_${database}`;
  if (Buffer.byteLength(name) <= NAME_BYTES) return name;
  return `${READER}_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
}

/** The same on every replica, and only computable with the owner's password. */
export function readerPassword(ownerPassword: string, role: string): string {
  return createHmac('sha256', ownerPassword).update(role).digest('hex');
}

/** `password` is present when we create the role; null means no password. */
export type ReaderRole = { name: string; password?: string | null };

export async function setUp(owner: pg.Client, reader: ReaderRole): Promise<void> {
  await owner.query('BEGIN');
  try {
    await owner.query(`SET LOCAL lock_timeout = ${LOCK_MS}; SET LOCAL statement_timeout = ${STATEMENT_MS}`);
    await owner.query('SELECT pg_catalog.pg_advisory_xact_lock($1::bigint)', [LOCK]);
    await createDemo(owner);
    if (reader.password !== undefined) await createReader(owner, reader.name, reader.password);
    await refuseUnlessHarmless(owner, reader.name);
    const name = pg.escapeIdentifier(reader.name);
    await owner.query(
      `GRANT USAGE ON SCHEMA demo TO ${name}; GRANT SELECT ON ALL TABLES IN SCHEMA demo TO ${name}`,
    );
    await owner.query('COMMIT');
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function createDemo(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query(
    `SELECT to_regnamespace('demo') IS NOT NULL AS there, to_regclass('demo.incident_events') IS NOT NULL AS ours`,
  );
  const { there, ours } = rows[0];
  if (there && !ours)
    throw new Error('the schema "demo" exists, but holds something other than the demo data');
  if (!there) await owner.query(demoScript());
}

async function createReader(owner: pg.Client, role: string, password: string | null): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rowCount } = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) {
    const may = await owner.query(
      'SELECT rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user',
    );
    if (!may.rows[0].may)
      throw new Error('its owner may not create roles; make a reader and set DATABASE_READER_URL');
    await owner.query(`CREATE ROLE ${name} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE`);
  }
  const secret = password === null ? 'NULL' : pg.escapeLiteral(scramVerifier(password));
  await owner.query(`ALTER ROLE ${name} PASSWORD ${secret}`);
  await owner.query(`ALTER ROLE ${name} SET default_transaction_read_only = on`);
  await owner.query(`ALTER ROLE ${name} SET idle_in_transaction_session_timeout = '60s'`);
  // Only a superuser may set these, so nothing relies on them: sql-text.ts refuses the views that would show statements.
  for (const [setting, value] of SUPERUSER_SETTINGS) {
    await owner.query(`DO $do$ BEGIN
      ALTER ROLE ${name} SET ${setting} = ${pg.escapeLiteral(value)};
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $do$`);
  }
}

/** All tenants read as one role, and PostgreSQL shows a role its own statements, so also those of other tenants. */
const SUPERUSER_SETTINGS = [
  ['temp_file_limit', '256MB'],
  ['track_activities', 'off'],
  ['pg_stat_statements.track', 'none'],
] as const;

/** Rejects a role with which a SELECT could do more than read `demo`. */
async function refuseUnlessHarmless(owner: pg.Client, role: string): Promise<void> {
  const { rows } = await owner.query(
    `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR rolname = current_user
         OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
         OR EXISTS (SELECT FROM pg_class WHERE relnamespace = 'demo'::regnamespace AND relkind = 'r'
                    AND has_table_privilege(r.oid, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS harmful
       FROM pg_roles r WHERE rolname = $1`,
    [role],
  );
  if (rows.length === 0) throw new Error(`the reader role "${role}" does not exist`);
  if (rows[0].harmful) {
    throw new Error(
      `the reader role "${role}" may do more than read: it must own nothing, belong to no other role, and be no superuser`,
    );
  }
}

/** The form in which PostgreSQL stores a password. Sent instead of it, so that no statement log contains the password. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const saltedPassword = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
  const key = (label: string) => createHmac('sha256', saltedPassword).update(label).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$4096:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`;
}
