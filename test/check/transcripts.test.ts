/** The transcripts for any server as a whole: what they are called, what they name, and that each can be played. */
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NEEDS } from '../../src/cli/check/needs.js';
import { asStdio } from '../../src/cli/check/play.js';
import { clausesAt, FOLDER, STAGES } from '../../src/cli/check/transcripts.js';
import { clauseOf } from '../../src/lesson/annotations/clauses.js';
import { ENTRIES } from './checked.js';

const test = suite('check/transcripts');
const LEAST = 120;

test('every folder is a stage, and has transcripts', () => {
  assert.equal(
    readdirSync(FOLDER)
      .filter((name) => name !== 'README.md')
      .sort(),
    [...STAGES].sort(),
  );
  for (const stage of STAGES)
    assert.ok(
      ENTRIES.some((entry) => entry.stage === stage),
      stage,
    );
  assert.ok(ENTRIES.length >= LEAST, `${ENTRIES.length}`);
});

for (const { file, stage, source, transcript } of ENTRIES) {
  const { clauses, era, needs, server, transport, eitherTransport, steps } = transcript;

  test(`${file}: is about any server, and names clauses and needs that exist`, () => {
    assert.is(server, 'any');
    assert.match(file, /^[a-z-]+\/[a-z]+-[a-z\d-]+\.wire$/);
    assert.equal(
      clauses.filter((id) => clauseOf(id) === undefined),
      [],
    );
    assert.equal(
      needs.filter((need) => NEEDS[need] === undefined),
      [],
    );
    assert.ok(era !== undefined || stage === 'authorization', 'it names an era');
    assert.not.match(source, /localhost|:3000|> (POST|GET|DELETE) \/mcp/);
  });

  test(`${file}: judges by clauses of its own era, and every answer by one of them`, () => {
    const own = era === 'legacy' ? /^20(24|25)-/ : /^2026-07-28\//;
    assert.equal(
      clauses.filter((id) => !own.test(id)),
      [],
    );
    const judged = steps.flatMap((step) =>
      step.kind === 'expect' ? (clausesAt(transcript, step.line) ?? []) : [],
    );
    assert.equal([...new Set(judged)].sort(), [...new Set(clauses)].sort());
  });

  test(`${file}: can be played on the transports that it names`, () => {
    const lines = asStdio(transcript)?.steps.map(({ kind }) => kind) ?? [];
    assert.is(lines.includes('write'), transport === 'stdio' || eitherTransport);
    assert.not.ok(transport === 'stdio' && eitherTransport);
  });
}

test('notes that name clauses divide a transcript', () => {
  const transcript = {
    clauses: ['2026-07-28/basic/006', '2026-07-28/basic/007'],
    notes: [
      { line: 3, text: '2026-07-28/basic/006: the id.' },
      { line: 5, text: 'No clause.' },
      { line: 7, text: '2026-07-28/basic/007: the result.' },
    ],
  };
  const at = (line: number) => clausesAt(transcript, line);
  assert.equal(
    [at(2), at(4), at(6), at(8)],
    [undefined, ['2026-07-28/basic/006'], ['2026-07-28/basic/006'], ['2026-07-28/basic/007']],
  );
  assert.equal(clausesAt({ ...transcript, notes: [] }, 2), transcript.clauses);
});

test.run();
