/**
 * Replays every transcript of spec-fixtures/ against the running servers, and checks each message against the official schema of its
 * revision, each refusal against ours, and all of them against the rules of `check` and `tap`. Set WIRE to a part of a path to replay only
 * some.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../src/app/theatre/theatre.js';
import { isPlayed } from '../src/lesson/chapters.js';
import { FIXTURES } from '../src/lesson/files.js';
import { play } from '../src/lesson/player/play.js';
import { readTranscript } from '../src/lesson/transcripts/transcript.js';
import { readRequirements } from './support/coverage.js';
import { denialsIn, isDenial } from './support/denials.js';
import { checkEmitted } from './support/emitted.js';
import { SessionIds } from './support/session-ids.js';
import { emittedIn } from './support/spoken.js';
import { violationsIn } from './support/witnessed.js';

const test = suite('wire');
const LEAST = 400;

const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(isPlayed).sort();
const clauseIds = new Set(readRequirements().map(({ id }) => id));

/** An error whose report is its message alone: the stack would only repeat it. */
function failing(report: string): Error {
  const error = new Error(report);
  error.stack = 'Error';
  return error;
}

const sessionIds = new SessionIds();
const theatre = createTheatre();
test.after(() => theatre.close());

test('the lesson is large enough', () => {
  assert.ok(files.length >= LEAST, `${files.length} transcripts, expected at least ${LEAST}`);
});

for (const file of files.filter((name) => name.includes(process.env.WIRE ?? ''))) {
  const path = join('spec-fixtures', file);
  const text = readFileSync(join(FIXTURES, file), 'utf8');
  const reading = readTranscript(text);
  const title = reading.kind === 'transcript' ? reading.transcript.title : 'cannot be read';
  test(`${path}: ${title}`, async () => {
    if (reading.kind === 'refused') throw failing(`${path}:${reading.line} ${reading.problem}`);
    const { clauses, transport } = reading.transcript;
    const unknown = clauses.filter((id) => !clauseIds.has(id));
    assert.equal(
      unknown,
      [],
      `${path} names clauses that are in neither requirements.json nor requirements-tasks.json`,
    );

    const stage = await theatre.stageFor(reading.transcript, text);
    const { failure, traffic } = await play(reading.transcript, stage, path);
    if (failure !== undefined) throw failing(failure);
    const badId = sessionIds.problem(traffic);
    if (badId !== undefined) throw failing(`${path}: ${badId}`);
    for (const emitted of emittedIn(traffic, transport)) {
      for (const data of denialsIn(emitted.message))
        if (!isDenial(data)) throw failing(`${path}: ${JSON.stringify([data, isDenial.errors], null, 2)}`);
      const verdict = checkEmitted(emitted);
      if (typeof verdict === 'string') continue;
      const message = JSON.stringify(emitted.message, null, 2);
      throw failing(`${path}: ${verdict.problems.join('\n')}\n${message}`);
    }
    const violations = violationsIn(traffic, transport).filter(({ side }) => side === 'server');
    if (violations.length > 0) throw failing(`${path}: ${JSON.stringify(violations, null, 2)}`);
  });
}

test.run();
