/**
 * The tombstone of a chain: its oldest days were removed, and it goes on after the record that the tombstone names. There is one
 * for all days that were ever removed. retention.ts writes it before it removes files.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../wire/value.js';
import { replaceFile } from './head.js';
import { dayOf, type SeriesName, unlessMissing } from './names.js';
import type { Head } from './record.js';
import { isHash } from './record-line.js';
import type { Removal } from './signed-head.js';

/**
 * Records 1 to `seq`, of all days up to `day`, were removed; `hash` is that of the last one. The chain was `broken` in so many
 * places when they were removed, which nobody could find out later.
 */
export type Tombstone = Head & Removal & { time: string };
/** `signed` is a JWS over the same members. */
export type StoredTombstone = Tombstone & { signed?: string };

export const tombstoneFile = (replica: string): string => `${replica}.tombstone`;

/** Undefined when there is none, or an unreadable one: then the records are missing without an explanation. */
export async function readTombstone(
  dir: string,
  { folder, replica }: SeriesName,
): Promise<StoredTombstone | undefined> {
  const text = await unlessMissing(readFile(join(dir, folder, tombstoneFile(replica)), 'utf8'));
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (!isRecord(value)) return undefined;
    const { seq, hash, day, broken, time, signed } = value;
    if (!isCount(seq) || seq === 0 || !isHash(hash) || !isCount(broken)) return undefined;
    if (typeof day !== 'string' || typeof time !== 'string' || !isDayBefore(day, time)) return undefined;
    const tombstone = { seq, hash, day, broken, time };
    return typeof signed === 'string' ? { ...tombstone, signed } : tombstone;
  } catch {
    return undefined;
  }
}

export const removalText = ({ seq, day, time }: Tombstone): string =>
  `records 1 to ${seq}, of the days up to ${day}, were removed at ${time}`;

export const writeTombstone = (
  dir: string,
  { folder, replica }: SeriesName,
  tombstone: StoredTombstone,
): Promise<void> => replaceFile(join(dir, folder, tombstoneFile(replica)), tombstone, { flush: true });

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The log goes on after `day`, so a day to come would lead it there. @throws RangeError when there is no such day */
const isDayBefore = (day: string, time: string): boolean =>
  TIME.test(time) && day < time.slice(0, 10) && dayOf(new Date(day)) === day;
