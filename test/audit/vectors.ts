/**
 * The test vectors of the audit log: small logs, whole and tampered with, for trying any verifier. `npx tsx
 * test/audit/vectors.ts` writes them to spec-fixtures/13-the-audit-trail/vectors, with what `audit verify` prints for each.
 */
import { createPrivateKey } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { auditVerify } from '../../src/governance/audit/command.js';
import { realFs } from '../../src/governance/audit/disk.js';
import { openAudit } from '../../src/governance/audit/log.js';
import { closeDays } from '../../src/governance/audit/retention.js';
import {
  createHeadSigner,
  createHeadVerifier,
  keySetOf,
  readKey,
} from '../../src/governance/audit/signed-head.js';
import { ENTRY, linesOf } from './logs.js';

export const VECTORS = fileURLToPath(
  new URL('../../spec-fixtures/13-the-audit-trail/vectors', import.meta.url),
);
/** The folder in each vector that is the log, named like the server that its heads are signed for. */
export const LOG = 'readonly';
const CHAIN = 'demo';
const DAYS = ['2026-11-23', '2026-11-24'];
const [FIRST = '', LAST = ''] = DAYS.map((day) => join(CHAIN, `${day}.r1.jsonl`));
const HEAD = join(CHAIN, 'r1.head');
const TOMBSTONE = join(CHAIN, 'r1.tombstone');

/** A key whose private part is public: it signs nothing else. */
const keyOf = (byte: number) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, byte)]),
    format: 'der',
    type: 'pkcs8',
  });
const [ours, strangers] = [keyOf(1), keyOf(2)];
export const keySet = () =>
  keySetOf([readKey(ours.export({ type: 'pkcs8', format: 'pem' }).toString()).publicKey]);

const signingWith = async (key: typeof ours, log: string) => ({
  sign: await createHeadSigner(key, log),
  verify: await createHeadVerifier(await keySet()),
});

/** Three records on each of two days, and a signed head. */
async function write(dir: string, { key = ours, tool = 'postgres.readonly', log = LOG } = {}): Promise<void> {
  const clock = { now: new Date(`${DAYS[0]}T12:00:00.000Z`) };
  const audit = await openAudit({
    dir,
    replica: 'r1',
    clock: () => clock.now,
    onError: (error) => {
      throw error;
    },
    after: () => () => {},
    signing: await signingWith(key, log),
  });
  for (const day of DAYS) {
    clock.now = new Date(`${day}T12:00:00.000Z`);
    for (let n = 1; n <= 3; n += 1) await audit.append({ ...ENTRY, tool, requestId: `${day}-${n}` });
  }
  await audit.close();
}

type Tamper = (dir: string) => void | Promise<void>;

const edit =
  (file: string, change: (lines: string[]) => string[]): Tamper =>
  (dir) =>
    writeFileSync(
      join(dir, file),
      change(linesOf(join(dir, file)))
        .map((line) => `${line}\n`)
        .join(''),
    );

type Json = { [name: string]: unknown };
const editJson =
  (file: string, change: (value: Json) => object): Tamper =>
  (dir) =>
    writeFileSync(
      join(dir, file),
      `${JSON.stringify(change(JSON.parse(readFileSync(join(dir, file), 'utf8'))))}\n`,
    );
const editHead = (change: (head: Json) => object): Tamper => editJson(HEAD, change);

/** One round over the days, as the server makes it on that day. */
export async function closeOn(day: string, dir: string, keepDays?: number, key = ours): Promise<void> {
  await closeDays({
    fs: realFs,
    dir,
    now: new Date(`${day}T00:00:00.000Z`),
    keepDays,
    signing: await signingWith(key, LOG),
    onBroken: () => {},
    signal: new AbortController().signal,
  });
}

/** Both days closed, and the first one removed. */
const compressed: Tamper = (dir) => closeOn('2026-11-30', dir);
const removed: Tamper = (dir) => closeOn('2026-11-30', dir, 6);

/** Tampers with a log whose first day was removed. */
const afterRemoval =
  (tamper: Tamper): Tamper =>
  async (dir) => {
    await removed(dir);
    await tamper(dir);
  };

/** The tombstone of a log with other records, which somebody without our key signed. */
const forge = async (dir: string, change: (tombstone: Json) => Json, key = strangers): Promise<void> => {
  const { signed: _, ...said } = JSON.parse(readFileSync(join(dir, TOMBSTONE), 'utf8'));
  const tombstone = change(said) as Removed;
  const signed = await (await createHeadSigner(key, LOG))({ folder: CHAIN, replica: 'r1', ...tombstone });
  await editJson(TOMBSTONE, () => ({ ...tombstone, signed }))(dir);
};
type Removed = { seq: number; hash: string; day: string; broken: number; time: string };

/** In the order of FORMAT.md. */
export const TAMPERED: { [name: string]: Tamper } = {
  whole: () => {},
  'torn-by-a-crash': (dir) => appendFileSync(join(dir, LAST), '{"args":{"sql":"sel'),
  'changed-member': edit(FIRST, ([a = '', b = '', c = '']) => [a, b.replace('alice', 'carol'), c]),
  'removed-record': edit(FIRST, ([a = '', , c = '']) => [a, c]),
  'removed-day': (dir) => rmSync(join(dir, FIRST)),
  'moved-record': edit(LAST, ([a = '', b = '', c = '']) => [b, a, c]),
  'copied-record': edit(LAST, ([a = '', b = '', c = '']) => [a, b, b, c]),
  'no-json': edit(FIRST, ([a = '', , c = '']) => [a, 'overwritten', c]),
  'cut-short': edit(LAST, ([a = '']) => [a]),
  'cut-short-with-its-head': async (dir) => {
    await edit(LAST, ([a = '']) => [a])(dir);
    const { seq, hash } = JSON.parse(linesOf(join(dir, LAST))[0] ?? '');
    await editHead(() => ({ seq, hash }))(dir);
  },
  // Every hash is right: only the signature shows it.
  'rewritten-without-the-key': async (dir) => {
    rmSync(join(dir, CHAIN), { recursive: true });
    await write(dir, { key: strangers, tool: 's3.list' });
  },
  'rewritten-under-the-old-head': async (dir) => {
    const head = readFileSync(join(dir, HEAD));
    rmSync(join(dir, CHAIN), { recursive: true });
    await write(dir, { tool: 's3.list' });
    writeFileSync(join(dir, HEAD), head);
  },
  'head-without-a-signature': editHead(({ seq, hash }) => ({ seq, hash })),
  'signature-of-another-log': async (dir) => {
    rmSync(join(dir, CHAIN), { recursive: true });
    await write(dir, { log: 'destructive' });
  },
  'chain-under-another-name': (dir) => renameSync(join(dir, CHAIN), join(dir, 'other')),
  'removed-all-but-the-head': (dir) => {
    for (const file of [FIRST, LAST]) rmSync(join(dir, file));
  },
  'compressed-days': compressed,
  // Both forms of a day are there, and the compressed one is not whole.
  'crash-while-compressing': async (dir) => {
    const first = readFileSync(join(dir, FIRST));
    await compressed(dir);
    writeFileSync(join(dir, FIRST), first);
    writeFileSync(join(dir, `${FIRST}.gz`), gzipSync(first).subarray(0, 100));
  },
  'compressed-day-cut-short': async (dir) => {
    await compressed(dir);
    writeFileSync(join(dir, `${FIRST}.gz`), readFileSync(join(dir, `${FIRST}.gz`)).subarray(0, -20));
  },
  'compressed-day-changed': async (dir) => {
    await compressed(dir);
    const text = gunzipSync(readFileSync(join(dir, `${FIRST}.gz`))).toString();
    writeFileSync(join(dir, `${FIRST}.gz`), gzipSync(text.replace('alice', 'carol')));
  },
  'removed-with-a-tombstone': removed,
  'removed-to-the-last-day': (dir) => closeOn('2026-11-30', dir, 5),
  'crash-while-removing': async (dir) => {
    const first = readFileSync(join(dir, FIRST));
    await removed(dir);
    writeFileSync(join(dir, FIRST), first);
  },
  'removed-day-forged': afterRemoval(async (dir) => {
    const other = join(dir, '.other');
    await write(other, { tool: 's3.list' });
    renameSync(join(other, FIRST), join(dir, FIRST));
    rmSync(other, { recursive: true });
  }),
  'removed-day-that-was-broken': async (dir) => {
    await edit(FIRST, ([a = '', b = '', c = '']) => [a, b.replace('alice', 'carol'), c])(dir);
    await removed(dir);
  },
  'tombstone-forged': async (dir) => {
    await removed(dir);
    rmSync(join(dir, `${LAST}.gz`));
    await forge(dir, () => ({
      ...JSON.parse(readFileSync(join(dir, HEAD), 'utf8')),
      signed: undefined,
      day: DAYS[1],
      broken: 0,
      time: '2026-11-30T00:00:00.000Z',
    }));
  },
  'tombstone-of-an-old-head': async (dir) => {
    await removed(dir);
    rmSync(join(dir, `${LAST}.gz`));
    const head = JSON.parse(readFileSync(join(dir, HEAD), 'utf8'));
    await editJson(TOMBSTONE, (stone) => ({ ...stone, ...head, day: DAYS[1] }))(dir);
  },
  'tombstone-without-a-signature': afterRemoval(editJson(TOMBSTONE, ({ signed: _, ...stone }) => stone)),
  'tombstone-with-a-wrong-hash': afterRemoval((dir) =>
    forge(dir, (stone) => ({ ...stone, hash: '0'.repeat(64) }), ours),
  ),
  'tombstone-with-a-wrong-count': afterRemoval((dir) => forge(dir, (stone) => ({ ...stone, seq: 2 }), ours)),
  'tombstone-with-a-later-day': afterRemoval(editJson(TOMBSTONE, (stone) => ({ ...stone, day: DAYS[1] }))),
  'tombstone-removed': afterRemoval((dir) => rmSync(join(dir, TOMBSTONE))),
};

/** Writes all vectors below `folder`. */
export async function writeVectors(folder: string): Promise<void> {
  const keys = await keySet();
  const verifyHead = await createHeadVerifier(keys);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'keys.json'), `${JSON.stringify(keys, undefined, 2)}\n`);
  for (const [name, tamper] of Object.entries(TAMPERED)) {
    const dir = join(folder, name, LOG);
    await write(dir);
    await tamper(dir);
    const lines: string[] = [];
    await auditVerify({ dir, verifyHead, log: LOG }, (line) => lines.push(line));
    writeFileSync(join(folder, name, 'expected.txt'), `${lines.join('\n')}\n`);
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  rmSync(VECTORS, { recursive: true, force: true });
  await writeVectors(VECTORS);
}
