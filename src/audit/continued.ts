/**
 * Chains that continue in another folder. Earlier versions kept one folder per tenant name, whatever the issuer. Such a folder
 * stays unchanged and is read with the others. Each chain in a new folder begins with the heads of the old chains, so verify.ts
 * notices when an old folder is gone or was cut short. Every issuer's new chain names them, because an old chain may have records
 * of several issuers.
 */
import { join } from 'node:path';
import { isRecord } from '../value.js';
import type { Head } from './head.js';
import { lastRecord } from './last-record.js';
import { readLines } from './lines.js';
import { formerFolder, logFilesOf, type SeriesName } from './names.js';
import { HASH, isSealed, type Notice, readLink } from './record.js';

/** How many chains of the old folder are named, newest first. Each replica name has one, and names come and go. */
const MAX_CHAINS = 1_000;
const CONTINUES = 'continues';

/** The notices that begin a new folder and name the old chains; none when there is no old folder. */
export async function continuedBy(dir: string, folder: string): Promise<Notice[]> {
  const former = formerFolder(folder);
  if (former === undefined) return [];
  const heads = new Map<string, Head | undefined>();
  for (const { file, replica } of (await logFilesOf(join(dir, former))).reverse()) {
    if (heads.get(replica) !== undefined) continue;
    if (!heads.has(replica) && heads.size === MAX_CHAINS) continue;
    heads.set(replica, (await lastRecord(join(dir, former, file))).head);
  }
  return [...heads].flatMap(([replica, head]) =>
    head === undefined ? [] : [{ what: CONTINUES, folder: former, replica, seq: head.seq, hash: head.hash }],
  );
}

/** The old chains that a folder's chains name. `file` is the file with the notice, relative to the directory. */
export type Continued = SeriesName & Head & { file: string };

export async function continuedIn(dir: string, folder: string): Promise<Continued[]> {
  const former = formerFolder(folder);
  if (former === undefined) return [];
  const firsts = new Map<string, string>();
  for (const { file, replica } of await logFilesOf(join(dir, folder)))
    if (!firsts.has(replica)) firsts.set(replica, join(folder, file));
  const continued: Continued[] = [];
  for (const file of firsts.values()) {
    for await (const chain of firstNotices(join(dir, file))) {
      if (chain.folder === former) continued.push({ ...chain, file });
    }
  }
  return continued;
}

/** Reads up to the first line that is something else. */
async function* firstNotices(path: string): AsyncGenerator<SeriesName & Head, void, undefined> {
  for await (const lines of readLines(path)) {
    for (const { text, ended } of lines) {
      const link = ended && text !== undefined ? readLink(text) : undefined;
      if (link === undefined || text === undefined || !isSealed(text, link.hash)) return;
      if (link.kind !== 'log' || !isRecord(link.notice)) return;
      const { what, folder, replica, seq, hash } = link.notice;
      if (what !== CONTINUES) continue;
      if (typeof folder !== 'string' || typeof replica !== 'string') continue;
      if (typeof seq !== 'number' || typeof hash !== 'string' || !HASH.test(hash)) continue;
      yield { folder, replica, seq, hash };
    }
  }
}
