/**
 * Chains that continue in another folder. Earlier versions kept one folder per tenant name, whatever the issuer. Such a folder
 * stays unchanged and is read with the others. Each chain in a new folder begins with the heads of the old chains, so verify.ts
 * notices when an old folder is gone or was cut short. Every issuer's new chain names them, because an old chain may have records
 * of several issuers.
 */
import { join } from 'node:path';
import { isRecord } from '../../wire/value.js';
import { lastRecord } from './head.js';
import { readLines } from './lines.js';
import { formerFolder, logFilesOf, type SeriesName } from './names.js';
import type { Head, Notice } from './record.js';
import { isHash, isSealed, readLink } from './record-line.js';

/** How many old chains are named, newest first. Each replica name has one, and replica names come and go. */
const MAX_CHAINS = 1_000;
const CONTINUES = 'continues';

/**
 * The notices about old chains that a new series still has to write; a crash during its first write may have left only some. An
 * old file dated after `day` does not count as newer because of its date.
 */
export async function unnamedChains(dir: string, series: SeriesName, day: string): Promise<Notice[]> {
  const former = formerFolder(series.folder);
  if (former === undefined) return [];
  const chains = new Map<string, { head: Head | undefined; isComplete: boolean }>();
  for (const { file, replica, day: fileDay } of (await logFilesOf(join(dir, former))).reverse()) {
    const chain = chains.get(replica);
    if (chain?.isComplete || (chain === undefined && chains.size === MAX_CHAINS)) continue;
    const { head } = await lastRecord(join(dir, former, file));
    const newest = (head?.seq ?? 0) > (chain?.head?.seq ?? 0) ? head : chain?.head;
    chains.set(replica, { head: newest, isComplete: fileDay <= day && head !== undefined });
  }
  const namedReplicas = chains.size === 0 ? [] : await namedChains(join(dir, series.folder), series.replica);
  return [...chains].flatMap(([replica, { head }]) =>
    head === undefined || namedReplicas === undefined || namedReplicas.includes(replica)
      ? []
      : [{ what: CONTINUES, folder: former, replica, ...head }],
  );
}

/** The old chains that a series has named; undefined once it has another record, or its first ones were archived. */
async function namedChains(folder: string, replica: string): Promise<string[] | undefined> {
  const replicas: string[] = [];
  let next = 1;
  for (const { file } of await logFilesOf(folder, replica)) {
    for await (const lines of readLines(join(folder, file))) {
      for (const { text } of lines) {
        const link = readLink(text);
        if (link === undefined) continue;
        if (link.kind !== 'log' || link.seq !== next || !isRecord(link.notice)) return undefined;
        next += 1;
        if (link.notice.what === CONTINUES) replicas.push(String(link.notice.replica));
      }
    }
  }
  return replicas;
}

/** The head of an old chain, and the file that names it, relative to the directory of the log. */
export type ContinuedChain = SeriesName & Head & { file: string };

/** The old chains that the chains of a folder name. */
export async function continuedIn(dir: string, folder: string): Promise<ContinuedChain[]> {
  const former = formerFolder(folder);
  if (former === undefined) return [];
  const chains: ContinuedChain[] = [];
  const replicas = new Set<string>();
  for (const { file, replica } of await logFilesOf(join(dir, folder))) {
    if (replicas.has(replica)) continue;
    replicas.add(replica);
    const path = join(folder, file);
    for await (const chain of firstNotices(join(dir, path)))
      if (chain.folder === former) chains.push({ ...chain, file: path });
  }
  return chains;
}

/** The chains that a file names before its first other record. */
async function* firstNotices(path: string): AsyncGenerator<SeriesName & Head, void, undefined> {
  for await (const lines of readLines(path)) {
    for (const { text, hasLineBreak } of lines) {
      const link = hasLineBreak ? readLink(text) : undefined;
      if (link === undefined || text === undefined || !isSealed(text, link.hash)) return;
      if (link.kind !== 'log' || !isRecord(link.notice)) return;
      const { what, folder, replica, seq, hash } = link.notice;
      if (what !== CONTINUES || typeof folder !== 'string' || typeof replica !== 'string') continue;
      if (typeof seq === 'number' && isHash(hash)) yield { folder, replica, seq, hash };
    }
  }
}
