/** Each tenant of each issuer has its own chain, even after an earlier version kept one chain for all issuers. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { auditQuery, auditTail, auditVerify } from '../../src/governance/audit/command.js';
import { folderName, folderOf } from '../../src/governance/audit/names.js';
import { canonicalJson } from '../../src/wire/jsonrpc/json.js';
import { bench, ENTRY, filesIn, linesOf, ran, recordsIn, scratch, verified } from './logs.js';

const test = suite('audit/issuers');
const [A, B] = ['https://a.example', 'https://b.example'];
const FILE = '2026-11-23.r1.jsonl';
const ACME_OF_A = folderOf({ tenant: 'acme', issuer: A });
const ACME_OF_B = folderOf({ tenant: 'acme', issuer: B });

const entryOf = (issuer: string, requestId: string) => ({
  ...ENTRY,
  tenant: 'acme',
  issuer,
  principal: { ...ENTRY.principal, issuer },
  requestId,
});
const idsOf = (records: readonly { requestId?: string | undefined }[]) =>
  records.map(({ requestId }) => requestId);

/**
 * A tenant's folder as the previous version wrote it, made by separate code: one folder for all issuers, with its head. The
 * records of one replica alternate between A and B.
 */
function writeOld(dir: string, replica: string, count: number): void {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  mkdirSync(join(dir, 'acme'), { recursive: true });
  let prev = digest(`the audit log of acme by ${replica}`);
  let text = '';
  for (let seq = 1; seq <= count; seq += 1) {
    const issuer = seq % 2 === 1 ? A : B;
    const open = canonicalJson({
      kind: 'outcome',
      prev,
      principal: { clientId: 'demo', issuer, user: 'alice' },
      replica,
      requestId: `old-${replica}-${seq}`,
      seq,
      tenant: 'acme',
      time: `2026-11-20T00:00:0${seq}.000Z`,
      tool: 'jira.search',
    });
    prev = digest(open);
    text += `${open.slice(0, -1)},"hash":"${prev}"}\n`;
  }
  writeFileSync(join(dir, 'acme', `2026-11-20.${replica}.jsonl`), text);
  writeFileSync(join(dir, 'acme', `${replica}.head`), `${JSON.stringify({ seq: count, hash: prev })}\n`);
}

/** A log of the previous version with two replicas, continued by one of them after its upgrade. */
async function upgraded(): Promise<string> {
  const dir = join(scratch(), 'audit');
  writeOld(dir, 'r1', 4);
  writeOld(dir, 'r2', 3);
  const { audit } = await bench({ dir });
  await audit.append(entryOf(A, 'new-1'));
  await audit.append(entryOf(B, 'new-2'));
  await audit.append(entryOf(A, 'new-3'));
  await audit.close();
  return dir;
}

const asked = async (dir: string, where: { tenant?: string; issuer?: string }) => {
  const { lines } = await ran((print) => auditQuery({ dir, json: true, ...where }, print, () => new Date()));
  return idsOf(lines.map((line) => JSON.parse(line))).filter((id) => id !== undefined);
};

test('two issuers that name the same tenant have audit chains of their own', async () => {
  const { audit, dir } = await bench();
  for (const [issuer = '', id = ''] of [
    [A, 'a-1'],
    [B, 'b-1'],
    [A, 'a-2'],
  ])
    await audit.append(entryOf(issuer, id));
  await audit.close();
  assert.equal(idsOf(recordsIn(dir, ACME_OF_A)), ['a-1', 'a-2']);
  assert.equal(idsOf(recordsIn(dir, ACME_OF_B)), ['b-1']);
  assert.is(filesIn(dir).filter((file) => file.startsWith('acme/')).length, 0);
  const { said, heads } = await verified(dir);
  assert.equal([said, heads.length], [[], 2]);
});
test('the folder of a tenant with an issuer never equals that of a tenant without one', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('_', 'i', '5', 'f', 'a') }),
  );
  fc.assert(
    fc.property(name, name, fc.webUrl(), (one, other, issuer) => {
      assert.is.not(folderName(one), folderOf({ tenant: other, issuer }));
      assert.is.not(folderName(undefined), folderOf({ tenant: other, issuer }));
    }),
    { numRuns: 2_000 },
  );
  assert.is.not(folderName(ACME_OF_A), ACME_OF_A);
  assert.is(folderOf({ tenant: undefined, issuer: A }), '_unknown');
  const digest = createHash('sha256').update(A).digest('hex').slice(0, 32);
  assert.is(ACME_OF_A, `acme_i${digest}`);
});
test('an audit folder of the version before is verified, queried and followed without losing a record', async () => {
  const dir = await upgraded();
  const { breaches, records, heads } = await verified(dir);
  // Seven old ones, three new ones, and of each new chain what it follows: two old ones.
  assert.equal([breaches, records], [0, 7 + 3 + 4]);
  assert.equal(
    heads.map(({ folder, replica, seq }) => `${folder} ${replica} ${seq}`).sort(),
    ['acme r1 4', 'acme r2 3', `${ACME_OF_A} r1 4`, `${ACME_OF_B} r1 3`].sort(),
  );
  const old = ['r1-1', 'r2-1', 'r1-2', 'r2-2', 'r1-3', 'r2-3', 'r1-4'].map((id) => `old-${id}`);
  assert.equal((await asked(dir, { tenant: 'acme' })).sort(), [...old, 'new-1', 'new-2', 'new-3'].sort());
  assert.equal((await asked(dir, {})).length, 10);
  const { lines } = await ran((print) => auditTail({ dir, tenant: 'acme', lines: '100', json: true }, print));
  assert.is(lines.length, 14);
});
/** Cuts an old chain to its first records, and its head with it. */
function cutOld(dir: string, replica: string, count: number): void {
  const path = join(dir, 'acme', `2026-11-20.${replica}.jsonl`);
  const left = linesOf(path).slice(0, count);
  const { seq, hash } = JSON.parse(left.at(-1) ?? '');
  writeFileSync(path, `${left.join('\n')}\n`);
  writeFileSync(join(dir, 'acme', `${replica}.head`), `${JSON.stringify({ seq, hash })}\n`);
}
test('a crash in the first write of a new chain leaves no old chain that nothing names', async () => {
  const dir = join(scratch(), 'audit');
  for (const replica of ['r1', 'r2', 'r3']) writeOld(dir, replica, 4);
  const first = await bench({ dir });
  await first.audit.append(entryOf(A, 'new-1'));
  await first.audit.close();
  const path = join(dir, ACME_OF_A, FILE);
  const [whole = '', half = ''] = linesOf(path);
  writeFileSync(path, `${whole}\n${half.slice(0, 40)}`);
  rmSync(join(dir, ACME_OF_A, 'r1.head'));
  for (const id of ['new-2', 'new-3']) {
    const { audit } = await bench({ dir });
    await audit.append(entryOf(A, id));
    await audit.close();
  }
  const notices = recordsIn(dir, ACME_OF_A).map(({ notice, requestId }) => requestId ?? notice?.what);
  assert.equal(notices, ['continues', 'torn', 'continues', 'continues', 'new-2', 'new-3']);
  for (const replica of ['r1', 'r2', 'r3']) cutOld(dir, replica, 2);
  assert.is((await verified(dir)).breaches, 3);
});
test('a copy of an old record in a file dated in the future does not stand for an old chain', async () => {
  const dir = join(scratch(), 'audit');
  writeOld(dir, 'r1', 4);
  const planted = join(dir, 'acme', '2099-01-01.r1.jsonl');
  writeFileSync(planted, `${linesOf(join(dir, 'acme', '2026-11-20.r1.jsonl'))[0]}\n`);
  const { audit } = await bench({ dir });
  await audit.append(entryOf(A, 'new-1'));
  await audit.close();
  rmSync(planted);
  assert.is((await verified(dir)).breaches, 0);
  cutOld(dir, 'r1', 2);
  assert.is((await verified(dir)).breaches, 1);
});
test('--issuer narrows a query, a tail and a check to the tenants of one issuer, in old folders too', async () => {
  const dir = await upgraded();
  const ofB = ['new-2', 'old-r1-2', 'old-r1-4', 'old-r2-2'];
  assert.equal((await asked(dir, { tenant: 'acme', issuer: B })).sort(), ofB);
  assert.equal((await asked(dir, { issuer: B })).sort(), ofB);
  assert.equal(await asked(dir, { issuer: 'https://c.example' }), []);
  const tail = await ran((print) => auditTail({ dir, issuer: B, lines: '3' }, print));
  assert.is(tail.lines.length, 3);
  assert.ok(tail.lines.every((line) => line.includes(`issuer=${B}`)));
  const check = await ran((print) => auditVerify({ dir, issuer: B }, print));
  assert.is(check.code, 0);
  assert.not.match(check.lines.join('\n'), ACME_OF_A);
  assert.match(check.lines.join('\n'), `head ${ACME_OF_B} r1 3`);
});
test('a new chain begins with the heads of the old ones that it follows, once', async () => {
  const dir = await upgraded();
  const { audit, notices } = await bench({ dir });
  await audit.append(entryOf(A, 'new-4'));
  await audit.close();
  const [first, second, ...others] = recordsIn(dir, ACME_OF_A);
  const old = [1, 2].map((n) => JSON.parse(linesOf(join(dir, `acme/2026-11-20.r${n}.jsonl`)).at(-1) ?? ''));
  const follows = old.map(({ replica, seq, hash }) => ({
    what: 'continues',
    folder: 'acme',
    replica,
    seq,
    hash,
  }));
  const said = [first?.notice, second?.notice].sort((a, b) =>
    String(a?.replica) < String(b?.replica) ? -1 : 1,
  );
  assert.equal(said, follows);
  assert.equal([first?.issuer, first?.tenant], [A, 'acme']);
  assert.equal(idsOf(others), ['new-1', 'new-3', 'new-4']);
  // Nothing is reported to the operator.
  assert.equal(notices, []);
});
test('records cut off an old folder together with its head are missed, because a new chain knows its newest record', async () => {
  const dir = await upgraded();
  const path = join(dir, 'acme/2026-11-20.r1.jsonl');
  const lines = linesOf(path);
  truncateSync(path, Buffer.byteLength(`${lines.slice(0, 2).join('\n')}\n`));
  rmSync(join(dir, 'acme/r1.head'));
  const { findings } = await verified(dir);
  const details = findings.filter(({ breach }) => breach).map(({ file, detail }) => `${file} ${detail}`);
  assert.is(details.length, 1);
  assert.match(details[0] ?? '', `acme/2026-11-20.r1.jsonl the log ends with record 2; `);
  assert.match(details[0] ?? '', `/${FILE} knows 4`);
});
test('an old folder that is removed, in whole or for one replica, or rewritten is missed', async () => {
  const attacks: [what: string, attack: (dir: string) => void, found: RegExp][] = [
    ['removed', (dir) => rmSync(join(dir, 'acme'), { recursive: true }), /the log of r[12] is gone/],
    [
      'of one replica',
      (dir) => {
        rmSync(join(dir, 'acme/2026-11-20.r2.jsonl'));
        rmSync(join(dir, 'acme/r2.head'));
      },
      /the log ends with record 0/,
    ],
    [
      'written anew',
      (dir) => {
        const path = join(dir, 'acme/2026-11-20.r2.jsonl');
        writeOld(dir, 'r2', 2);
        const short = readFileSync(path, 'utf8');
        writeOld(dir, 'r2', 3);
        writeFileSync(path, short);
        rmSync(join(dir, 'acme/r2.head'));
      },
      /the log ends with record 2/,
    ],
  ];
  for (const [what, attack, found] of attacks) {
    const dir = await upgraded();
    attack(dir);
    const { breaches, findings } = await verified(dir);
    assert.ok(breaches > 0, what);
    assert.ok(
      findings.some(({ detail }) => found.test(detail)),
      `${what}: ${JSON.stringify(findings)}`,
    );
  }
});
test('old folders that were archived with their days are not missed by a check from a later day', async () => {
  const dir = await upgraded();
  rmSync(join(dir, 'acme'), { recursive: true });
  assert.is((await verified(dir, { from: '2026-11-23' })).breaches, 0);
  const kept = await upgraded();
  assert.is((await verified(kept, { from: '2026-11-23' })).breaches, 0);
});
test('heads that were kept before an upgrade still vouch for the old folder', async () => {
  const dir = await upgraded();
  const { heads } = await verified(dir);
  const kept = heads.filter(({ folder }) => folder === 'acme');
  assert.is((await verified(dir, { keptHeads: kept })).breaches, 0);
  rmSync(join(dir, 'acme'), { recursive: true });
  assert.ok((await verified(dir, { keptHeads: kept, from: '2026-11-23' })).breaches > 0);
});

test.run();
