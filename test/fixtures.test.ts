/**
 * Holds spec-fixtures/ complete as a whole: every refusal of the table is shown, every chapter has its transcripts,
 * and each of them explains itself. Whether a transcript is true is what wire.test.ts finds out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlayed } from '../src/lesson/chapters.js';
import type { Expected } from '../src/lesson/transcripts/expected.js';
import { readTranscript, type Transcript } from '../src/lesson/transcripts/transcript.js';
import { FAULTS, type FaultName } from '../src/wire/fault.js';

const test = suite('fixtures');
const LEAST = 330;
const CHAPTERS = [
  '00-who-talks-to-whom',
  '01-one-request',
  '02-initialize',
  '03-what-changed-in-2026-07-28',
  '03-without-a-handshake',
  '04-resources-and-prompts',
  '04-tools',
  '05-bad-arguments',
  '06-streams',
  '07-mirrored-headers',
  '08-sessions-and-older-transports',
  '08-versions',
  '09-401-metadata-token',
  '09-the-code-flow',
  '10-403-step-up',
  '11-the-policy-gate',
  '12-human-approval',
  '13-the-audit-trail',
  '14-manifest-and-registry',
  '15-rounds-and-subscriptions',
  '15-the-clients-duties',
  '16-tasks',
  '17-stdio',
  '18-ways-to-break-it',
];
/** Refusals that no transcript can show, and why. */
const UNSEEN: { [Name in FaultName]?: string } = {
  internalError: 'only a mistake of our own leads here: what a tool throws becomes a failed result',
  stopping: 'the server of a transcript outlives it',
};

/** Rows whose transcripts show only the legacy form. */
const UNSEEN_STATUS: { [Name in FaultName]?: string } = {
  busy: 'a modern client meets it only while thousands of streams are open',
};

const folder = fileURLToPath(new URL('../spec-fixtures/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isPlayed).sort();
const transcripts = files.map((file): Transcript => {
  const reading = readTranscript(readFileSync(`${folder}${file}`, 'utf8'));
  if (reading.kind === 'refused') throw new Error(`${file}:${reading.line} ${reading.problem}`);
  return reading.transcript;
});

/** What an expected error says; a line of stdio has no status. */
type Shown = { status: number | undefined; code: unknown; message: string };

function errorsIn(expected: Expected): Shown[] {
  const status = expected.kind === 'response' ? Number(expected.status.split(' ')[1]) : undefined;
  const body = expected.kind === 'frames' ? expected : expected.body;
  const values = body.kind === 'frames' ? body.frames.map(({ data }) => parsed(data)) : [jsonOf(body)];
  return values.flat().flatMap((message) => {
    const error = member(message, 'error');
    if (error === undefined) return [];
    return [{ status, code: member(error, 'code'), message: String(member(error, 'message')) }];
  });
}

const jsonOf = (body: { kind: string; value?: unknown }) => (body.kind === 'json' ? body.value : undefined);
/** An event without data primes a stream and holds no message. */
const parsed = (data = ''): unknown => (data === '' ? undefined : JSON.parse(data));
const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([k]) => k === key)?.[1]
    : undefined;

const shown = transcripts.flatMap(({ steps }) =>
  steps.flatMap((step) => (step.kind === 'expect' ? errorsIn(step.expected) : [])),
);

function isShown(name: FaultName, status: number): boolean {
  const { code, title } = FAULTS[name];
  return shown.some(
    (error) => error.status === status && error.code === code && error.message.startsWith(`${title}: `),
  );
}

for (const name of Object.keys(FAULTS) as FaultName[]) {
  const reason = UNSEEN[name];
  const row: { status: number; legacyStatus?: number } = FAULTS[name];
  if (reason !== undefined) {
    test(`${name} is not shown: ${reason}`, () => assert.not.ok(isShown(name, row.status)));
    continue;
  }
  const unseen = UNSEEN_STATUS[name];
  if (unseen !== undefined)
    test(`${name} is not shown with status ${row.status}: ${unseen}`, () =>
      assert.not.ok(isShown(name, row.status)));
  const statuses = new Set([row.status, row.legacyStatus ?? row.status]);
  for (const status of statuses) {
    if (unseen !== undefined && status === row.status) continue;
    test(`${name} is shown with status ${status}`, () => assert.ok(isShown(name, status)));
  }
}

test(`there are at least ${LEAST} transcripts`, () => assert.ok(files.length >= LEAST, `${files.length}`));
test('every chapter has transcripts, and none is outside a chapter', () => {
  const used = new Set(files.map((file) => file.split(/[\\/]/)[0] ?? ''));
  assert.equal([...used], CHAPTERS);
});
test('each is named after its content, in lower case', () => {
  const odd = files.filter((file) => !/^\d{2}-[a-z\d-]+[\\/][a-z]+(-[a-z\d]+)+\.wire$/.test(file));
  assert.equal(odd, []);
});
test('each has a title of its own', () => {
  const titles = transcripts.map(({ title }) => title);
  assert.equal(
    titles.filter((title, at) => titles.indexOf(title) !== at),
    [],
  );
});
test('each says why', () => {
  const silent = files.filter((_, at) => transcripts[at]?.notes.length === 0);
  assert.equal(silent, []);
});

test.run();
