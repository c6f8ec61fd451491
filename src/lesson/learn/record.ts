/** Records what a page without a server shows: the answers of a transcript, and those to the instructive mistakes. */
import { type Live, type Performed, perform } from './perform.js';
import { readStory, requestText, withRequest } from './turns.js';
import { whatIfsFor } from './what-if.js';

/** What happened when a transcript was played, and when its first request had one of the mistakes, by its id. */
export type Recorded = {
  performed: readonly Performed[];
  whatIfs: ReadonlyMap<string, Performed>;
};

/** Plays the first request of a transcript once with each mistake that fits it. */
export async function recordWhatIfs(source: string, live: Live): Promise<Map<string, Performed>> {
  const answers = new Map<string, Performed>();
  const { transcript, turns } = readStory(source);
  const [turn] = turns;
  if (transcript.transport === 'stdio' || turn?.send === undefined) return answers;
  const request = requestText(turn);
  for (const { id, change } of whatIfsFor(request)) {
    const text = change(request);
    if (text === undefined) continue;
    const [performed] = await perform(withRequest(source, turn, text), live, turn.index);
    // Without an answer there is no status to guess.
    if (performed?.came !== undefined) answers.set(id, performed);
  }
  return answers;
}
