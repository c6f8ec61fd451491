/**
 * The test vectors of the audit log: small logs, whole and tampered with, that any verifier can be tried on. `npx tsx
 * test/audit/vectors.ts` writes them to spec-fixtures/13-the-audit-trail/vectors, with what `audit verify` prints for each.
 */
import { createPrivateKey } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditVerify } from '../../src/governance/audit/command.js';
import { openAudit } from '../../src/governance/audit/log.js';
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
    signing: { sign: await createHeadSigner(key, log) },
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

const editHead =
  (change: (head: { [name: string]: unknown }) => object): Tamper =>
  (dir) =>
    writeFileSync(
      join(dir, HEAD),
      `${JSON.stringify(change(JSON.parse(readFileSync(join(dir, HEAD), 'utf8'))))}\n`,
    );

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
