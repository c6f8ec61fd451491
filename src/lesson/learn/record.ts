/** Records what a page without a server shows: the answers of a transcript, and those to the instructive mistakes. */
import { type Live, type PlayedTurn, perform } from './perform.js';
import { readStory, requestText, withRequest } from './turns.js';
import { whatIfsFor } from './what-if.js';

/** What happened when a transcript was played, and when its first request had one of the mistakes, by its id. */
export type Recording = {
  turns: readonly PlayedTurn[];
  whatIfs: ReadonlyMap<string, PlayedTurn>;
};

/** Plays the first request of a transcript once with each mistake that fits it. */
export async function recordWhatIfs(source: string, live: Live): Promise<Map<string, PlayedTurn>> {
  const answers = new Map<string, PlayedTurn>();
  const { transcript, turns } = readStory(source);
  const [turn] = turns;
  if (transcript.transport === 'stdio' || turn?.send === undefined) return answers;
  const request = requestText(turn);
  for (const { id, change } of whatIfsFor(request)) {
    const text = change(request);
    if (text === undefined) continue;
    const [playedTurn] = await perform(withRequest(source, turn, text), live, turn.index);
    // Without an answer there is no status to guess.
    if (playedTurn?.received !== undefined) answers.set(id, playedTurn);
  }
  return answers;
}
