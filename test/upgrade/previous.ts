/** Puts the data of the previous version (previous/SOURCE.md) where this version looks for it. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const FOLDER = fileURLToPath(new URL('previous', import.meta.url));

export type Recorded = { at: number; issuer: string; url: string; session: string; taskId: string };

export const recorded: Recorded = JSON.parse(readFileSync(join(FOLDER, 'recorded.json'), 'utf8'));

/** A copy of one of its folders or files, gone with the process. */
export function copyOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-upgrade-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, name);
  cpSync(join(FOLDER, name), copy, { recursive: true });
  return copy;
}

/** As the previous version made it: no column that came later. */
const STATE = `
  CREATE SCHEMA IF NOT EXISTS barewire;
  CREATE TABLE barewire.state (
    space text NOT NULL, key text NOT NULL, value text NOT NULL, expires_at bigint NOT NULL,
    put_order bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (space, key));
  CREATE INDEX state_by_order ON barewire.state (space, put_order DESC);
  CREATE INDEX state_by_end ON barewire.state (expires_at);`;
const REGISTRY = `
  CREATE SCHEMA IF NOT EXISTS barewire;
  CREATE SEQUENCE IF NOT EXISTS barewire.registry_seq;
  CREATE TABLE barewire.registry_entries (address text PRIMARY KEY, name text NOT NULL UNIQUE, entry text NOT NULL);
  CREATE TABLE barewire.registry_changes (seq bigint PRIMARY KEY, address text NOT NULL, change text NOT NULL);
  CREATE INDEX registry_changes_by_address ON barewire.registry_changes (address, seq DESC);`;

export async function restoreState(url: string): Promise<void> {
  await inDatabase(url, async (client) => {
    await client.query(STATE);
    for (const line of moved(readFileSync(join(FOLDER, 'state.jsonl'), 'utf8'))
      .trim()
      .split('\n')) {
      const { space, key, value, expires_at } = JSON.parse(line);
      await client.query(
        'INSERT INTO barewire.state (space, key, value, expires_at) VALUES ($1, $2, $3, $4)',
        [space, key, value, expires_at],
      );
    }
  });
}

export async function restoreRegistry(url: string): Promise<void> {
  const tables = JSON.parse(readFileSync(join(FOLDER, 'registry-rows.json'), 'utf8'));
  await inDatabase(url, async (client) => {
    await client.query(REGISTRY);
    for (const { address, name, entry } of tables.registry_entries)
      await client.query('INSERT INTO barewire.registry_entries VALUES ($1, $2, $3)', [address, name, entry]);
    for (const { seq, address, change } of tables.registry_changes)
      await client.query('INSERT INTO barewire.registry_changes VALUES ($1, $2, $3)', [seq, address, change]);
    await client.query(`SELECT setval('barewire.registry_seq', $1)`, [
      Math.max(...tables.registry_changes.map(({ seq }: { seq: string }) => Number(seq))),
    ]);
  });
}

async function inDatabase(url: string, run: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

const HOUR = 3_600_000;

/** Every moment near the recording, in milliseconds or as an ISO text, as far from now as it was from then. */
function moved(text: string): string {
  const shift = Date.now() - recorded.at;
  return text
    .replace(/\b\d{13}\b/g, (number) =>
      Math.abs(Number(number) - recorded.at) < 24 * HOUR ? String(Number(number) + shift) : number,
    )
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (time) =>
      new Date(Date.parse(time) + shift).toISOString(),
    );
}
