/** Callers without a valid token cannot fill the audit disk: bounded full records, and a summary of the rest. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AnonymousRefusals } from '../../src/governance/audit/anonymous-refusals.js';
import { auditQuery, auditVerify } from '../../src/governance/audit/command.js';
import type { RefusalSummary } from '../../src/governance/audit/record.js';
import { bench, recordsIn } from '../audit/logs.js';
import { call, closeGuarded, guarded } from './guarded.js';

const test = suite('endpoint/anonymous-refusals');
test.after(closeGuarded);

function counting(perMinute = 2) {
  const clock = { now: Date.parse('2026-11-23T12:00:10Z') };
  const written: RefusalSummary[] = [];
  const log = { full: false };
  let timer: (() => void) | undefined;
  const refusals = new AnonymousRefusals({
    perMinute,
    clock: () => new Date(clock.now),
    after: (_ms, run) => {
      timer = run;
      return () => {
        timer = undefined;
      };
    },
    write: async (summary) => {
      if (log.full) throw new Error('ENOSPC');
      written.push(summary);
    },
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    refusals,
    clock,
    written,
    log,
    settled,
    minute: async () => {
      clock.now += 60_000;
      timer?.();
      await settled();
    },
    armed: () => timer !== undefined,
  };
}

test('the first refusals of each reason in a minute get a record of their own, the others are counted', async () => {
  const { refusals, written, minute } = counting();
  const own = ['missing', 'missing', 'missing', 'audience', 'missing'].map((reason) =>
    refusals.count(reason),
  );
  assert.equal(own, [true, true, false, true, false]);
  await minute();
  assert.equal(written, [
    {
      from: '2026-11-23T12:00:10.000Z',
      to: '2026-11-23T12:01:10.000Z',
      reasons: { missing: { count: 4, recorded: 2 }, audience: { count: 1, recorded: 1 } },
    },
  ]);
  assert.ok(refusals.count('missing'), 'the next minute has its own');
});

test('a minute whose refusals all have a record needs no summary', async () => {
  const { refusals, written, armed } = counting();
  refusals.count('missing');
  assert.not.ok(armed());
  await refusals.close();
  assert.equal(written, []);
});

test('refusals that a full disk kept from being written are in the next summary, and there is one attempt a minute', async () => {
  const { refusals, written, log, minute } = counting(1);
  log.full = true;
  refusals.count('missing');
  refusals.count('missing');
  await minute();
  assert.ok(refusals.count('missing'));
  refusals.count('missing');
  assert.equal(written, []);
  log.full = false;
  await minute();
  assert.equal(written, [
    {
      from: '2026-11-23T12:00:10.000Z',
      to: '2026-11-23T12:02:10.000Z',
      reasons: { missing: { count: 4, recorded: 2 } },
    },
  ]);
});

test('closing writes what was counted so far', async () => {
  const { refusals, written } = counting(1);
  refusals.count('signature');
  refusals.count('signature');
  await refusals.close();
  assert.equal(written[0]?.reasons, { signature: { count: 2, recorded: 1 } });
});

test('500 requests without a token cost sixty records and a summary, which verify and query understand', async () => {
  const { audit, dir } = await bench();
  const door = await guarded({ audit: { log: audit } });
  const statuses = new Set<number>();
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => door.post('', call('read'))));
    for (const { status } of answers) statuses.add(status);
  }
  const wrong = door.token({ aud: 'https://elsewhere.example/mcp' });
  await door.post(wrong, call('read'));
  const forged = await door.post('', call('read'), { origin: 'https://evil.example' });
  assert.equal([[...statuses], forged.status], [[401], 403]);
  // A caller with a good token keeps every record.
  for (let n = 0; n < 70; n += 1) await door.post(door.token({ scope: 'other' }), call('read'));
  await door.close();
  await audit.close();

  const unknown = recordsIn(dir, '_unknown');
  const reasons = unknown.map(({ decision }) => decision?.reason.replace(/[:;].*/, ''));
  const own = (reason: string) => reasons.filter((one) => one === reason).length;
  assert.equal([own('Unauthorized'), own('audience'), own('Forbidden origin')], [60, 1, 1]);
  const [summary, ...more] = unknown.filter(({ kind }) => kind === 'summary');
  assert.equal(more, []);
  assert.equal(summary?.summary?.reasons, {
    missing: { count: 500, recorded: 60 },
    audience: { count: 1, recorded: 1 },
    foreignOrigin: { count: 1, recorded: 1 },
  });
  assert.equal([summary?.outcome, summary?.server, summary?.tenant], ['refused', 'bench', null]);
  assert.is(recordsIn(dir, 'default').filter(({ kind }) => kind === 'refused').length, 70);

  const lines: string[] = [];
  assert.is(await auditVerify({ dir }, (line) => lines.push(line)), 0);
  assert.ok(
    lines.includes('note 440 refusals have no record of their own; query --kind summary counts them'),
    lines.join('\n'),
  );
  const found: string[] = [];
  const query = { dir, kind: 'summary' };
  assert.is(
    await auditQuery(
      query,
      (line) => found.push(line),
      () => new Date(),
    ),
    0,
  );
  assert.is(found.length, 1);
  assert.match(
    found[0] ?? '',
    /summary - - refused .*audience=1 \(1 recorded\) .*missing=500 \(60 recorded\)/,
  );
});

test.run();
