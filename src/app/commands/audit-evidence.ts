/** What `audit verify` compares a log with: public keys, and heads from an earlier output. */
import { readFile } from 'node:fs/promises';
import { createFetchJson } from '../../oauth/fetch-json.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import type { ServerName } from '../settings/setting.js';

const KEYS_MS = 10_000;

/** The head lines of each server from an output about both, and those of an output about one server alone. */
export type Heads = { [Name in ServerName | 'alone']: string };

/** @param place a file, or a URL that a server publishes its keys at */
export async function readKeySet(place: string): Promise<unknown> {
  if (!/^https?:/i.test(place)) return parseJson(await readFile(place, 'utf8'));
  const url = new URL(place);
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    throw new RangeError(
      `--keys: expected https, or http on this machine, received ${JSON.stringify(place)}`,
    );
  const result = await createFetchJson(undefined, KEYS_MS)(url);
  if ('problem' in result) throw new RangeError(`--keys: ${result.problem}`);
  return result.document;
}

export async function readHeads(file: string): Promise<Heads> {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
  const headsAfter = (prefix: string): string =>
    lines
      .filter((line) => line.startsWith(`${prefix}head `))
      .map((line) => line.slice(prefix.length))
      .join('\n');
  const heads = {
    readonly: headsAfter('readonly: '),
    destructive: headsAfter('destructive: '),
    alone: headsAfter(''),
  };
  if (Object.values(heads).every((text) => text === ''))
    throw new RangeError(`--heads ${file}: expected lines "head …", as audit verify prints them`);
  return heads;
}
