/**
 * Chains that continue in another folder. Earlier versions kept one folder per tenant name, whatever the issuer. Such a folder
 * stays unchanged and is read with the others. Each chain in a new folder begins with the heads of the old chains, so verify.ts
 * notices when an old folder is gone or was cut short. Every issuer's new chain names them, because an old chain may have records
 * of several issuers.
 */
import { join } from 'node:path';
import { isRecord } from '../../wire/value.js';
import type { Head } from './head.js';
import { lastRecord } from './last-record.js';
import { readLines } from './lines.js';
import { formerFolder, logFilesOf, type SeriesName } from './names.js';
import { HASH, isSealed, type Notice, readLink } from './record.js';

/** How many chains of the old folder are named, newest first. Each replica name has one, and names come and go. */
const MAX_CHAINS = 1_000;
const CONTINUES = 'continues';

/**
 * What the first records of a series have yet to say of the chains that they follow; nothing where there is no older folder.
 * A crash in the first write may have left only some of them. Of files dated after `day` none counts for its date.
 */
export async function continuedBy(
  dir: string,
  { folder, replica: own }: SeriesName,
  day: string,
): Promise<Notice[]> {
  const former = formerFolder(folder);
  if (former === undefined) return [];
  const heads = new Map<string, { newest: Head | undefined; isPast: boolean }>();
  for (const { file, replica, day: dated } of (await logFilesOf(join(dir, former))).reverse()) {
    const known = heads.get(replica);
    if (known?.isPast || (known === undefined && heads.size === MAX_CHAINS)) continue;
    const { head } = await lastRecord(join(dir, former, file));
    const newest = (head?.seq ?? 0) > (known?.newest?.seq ?? 0) ? head : known?.newest;
    heads.set(replica, { newest, isPast: dated <= day && head !== undefined });
  }
  const said = heads.size === 0 ? [] : await saidBy(join(dir, folder), own);
  return [...heads].flatMap(([replica, { newest }]) =>
    newest === undefined || said === undefined || said.includes(replica)
      ? []
      : [{ what: CONTINUES, folder: former, replica, seq: newest.seq, hash: newest.hash }],
  );
}

/** The chains that a series names so far; undefined once it holds another record, or its first ones were put away. */
async function saidBy(folder: string, replica: string): Promise<string[] | undefined> {
  const said: string[] = [];
  let next = 1;
  for (const { file } of await logFilesOf(folder, replica)) {
    for await (const lines of readLines(join(folder, file))) {
      for (const { text } of lines) {
        const link = text === undefined ? undefined : readLink(text);
        if (link === undefined) continue;
        if (link.kind !== 'log' || link.seq !== next || !isRecord(link.notice)) return undefined;
        next += 1;
        if (link.notice.what === CONTINUES) said.push(String(link.notice.replica));
      }
    }
  }
  return said;
}

/** Those that the chains of a folder say they follow. `file` says it, and is relative to the directory. */
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
