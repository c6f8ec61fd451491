/** Plays the transcripts that are named against servers of its own sources; for mutate.ts, which has changed them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { play } from '../../src/lesson/player/play.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';

const theatre = createTheatre();
for (const file of process.argv.slice(2)) {
  const text = readFileSync(join(FIXTURES, file), 'utf8');
  const reading = readTranscript(text);
  if (reading.kind === 'refused') throw new Error(`${file}:${reading.line} ${reading.problem}`);
  const stage = await theatre.stageFor(reading.transcript, text);
  const { mistakes } = await play(reading.transcript, { ...stage, deadlineMs: 5_000 }, file);
  if (mistakes[0] === undefined) continue;
  console.log(`FAIL ${file}:${mistakes[0].line}`);
  process.exitCode = 1;
}
await theatre.close();
