/** Chooses the transcripts to play, by stage, by name or by clause. */
import { didYouMean } from '../../wire/mcp/nearest.js';
import { type Entry, STAGES } from './transcripts.js';

/** A word of the command line that names nothing. */
export class NothingSelected extends Error {}

export function selectEntries(
  entries: readonly Entry[],
  stages: readonly string[],
  only: readonly string[],
): Entry[] {
  for (const stage of stages)
    if (!STAGES.some((name) => name === stage))
      throw new NothingSelected(
        `--stage: expected ${STAGES.join(', ')}, received ${JSON.stringify(stage)}${didYouMean(stage, [...STAGES])}`,
      );
  const matches = (entry: Entry, id: string) =>
    entry.file === id || entry.file === `${id}.wire` || entry.transcript.clauses.includes(id);
  for (const id of only)
    if (!entries.some((entry) => matches(entry, id)))
      throw new NothingSelected(
        `--only: no transcript is called ${JSON.stringify(id)}, and none checks such a clause; --list prints both`,
      );
  return entries.filter(
    (entry) =>
      (stages.length === 0 || stages.includes(entry.stage)) &&
      (only.length === 0 || only.some((id) => matches(entry, id))),
  );
}
